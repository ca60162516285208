"""An outlet as the text of its file: what `load_outlets` reads back as the same outlet."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta

from scraper.configfile import in_words
from scraper.model.outlet import Outlet

_WIDEST = 100
_BARE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")
_TABLES = ("articles", "selectors", "lines", "paging", "policy")
_LISTS = ("feeds", "news_sitemaps", "sitemaps", "index_pages")


def to_toml(outlet: Outlet, *, head: Iterable[str] = (), remarks: Mapping[str, str] | None = None) -> str:
    """Write an outlet file. `head` are comments on top; `remarks` stand beside the items that they are given for.

    The id is left to the file's name; what has its default is left out.
    """
    said = remarks or {}
    lines = [f"# {_remark(line)}" for line in head]
    named = [field for field in dataclasses.fields(outlet) if field.name not in ("id", *_TABLES)]
    for field in named:
        if field.name == _LISTS[0] and any(getattr(outlet, name) for name in _LISTS):
            lines.append("")
        lines += _entry(field, getattr(outlet, field.name), said)
    for table in _TABLES:
        part = getattr(outlet, table)
        entries = [
            line for field in dataclasses.fields(part) for line in _entry(field, getattr(part, field.name), said)
        ]
        if entries:
            lines += ["", f"[{table}]", *entries]
    return "\n".join(lines) + "\n"


def _entry(field: "dataclasses.Field[object]", value: object, remarks: Mapping[str, str]) -> Iterator[str]:
    if value is None or value in ((), field.default):
        return
    if field.name == "headers" and isinstance(value, tuple):
        pairs = ", ".join(f"{_key(name)} = {_text(text)}" for name, text in value)
        yield f"{field.name} = {{ {pairs} }}"
    elif isinstance(value, tuple):
        yield from _array(field.name, value, remarks)
    else:
        yield f"{field.name} = {_scalar(value)}"


def _array(name: str, items: tuple[str, ...], remarks: Mapping[str, str]) -> Iterator[str]:
    line = f"{name} = [{', '.join(map(_text, items))}]"
    if len(line) <= _WIDEST and not remarks.keys() & set(items):
        yield line
        return
    yield f"{name} = ["
    for item in items:
        yield f"  {_text(item)}," + (f"  # {_remark(remarks[item])}" if item in remarks else "")
    yield "]"


def _remark(text: str) -> str:
    """A comment on one line, whatever a stranger's page put into it."""
    return "".join(character if character.isprintable() else " " for character in text)


def _scalar(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, timedelta):
        return _text(in_words(value))
    return str(value) if isinstance(value, int) else _text(str(value))


def _key(name: str) -> str:
    return name if name and _BARE.issuperset(name) else _text(name)


def _text(text: str) -> str:
    """A literal string where backslashes would otherwise double, as in patterns; else a basic one."""
    if "\\" in text and "'" not in text and text.isprintable():
        return f"'{text}'"
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    return character if character.isprintable() else f"\\U{ord(character):08X}"
