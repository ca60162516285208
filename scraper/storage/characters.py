r"""Text that can be stored. Pure.

A lone half of a surrogate pair is no character: neither UTF-8 nor SQLite takes it, though a Python string holds it.
Pages and feeds can bring one along (`&#xD800;`, `"\ud800"` in JSON); one such must not stop a whole group.
"""

import re
from typing import Any

_HALVES = re.compile("[\ud800-\udfff]")


def storable(text: str) -> str:
    """The text with U+FFFD for each lone surrogate."""
    return text if text.isascii() else _HALVES.sub("\ufffd", text)


def storable_or_none(text: str | None) -> str | None:
    """None stays None."""
    return None if text is None else storable(text)


def storable_tree(value: Any) -> Any:
    """The same for all strings inside lists, tuples and mappings."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable_tree(key): storable_tree(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [storable_tree(each) for each in value]
    return value
