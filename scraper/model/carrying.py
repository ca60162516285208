"""Values on their way between processes: frozen dataclasses pickled as the tuple of what their slots hold.

What the standard library does for them asks for their fields anew with each value, which takes several times as long.
"""

import copyreg
import dataclasses
from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any

_setters: dict[type, tuple[Callable[[Any, Any], None], ...]] = {}


def carry_quickly(kinds: Iterable[type]) -> None:
    """From now on have this process pickle values of these frozen, slotted dataclasses of two fields or more so."""
    for kind in kinds:
        names = [field.name for field in dataclasses.fields(kind)]
        copyreg.pickle(kind, _reducer(kind, attrgetter(*names)))


def _reducer(kind: type, values: Callable[[Any], tuple[Any, ...]]) -> Callable[[Any], tuple[Any, ...]]:
    def reduced(value: Any) -> tuple[Any, ...]:
        return restored, (kind, values(value))

    return reduced


def restored(kind: type, values: tuple[Any, ...]) -> Any:
    """The value that was pickled; nothing is checked anew."""
    setters = _setters.get(kind)
    if setters is None:
        setters = tuple(getattr(kind, field.name).__set__ for field in dataclasses.fields(kind))
        _setters[kind] = setters
    value: Any = object.__new__(kind)
    for setter, held in zip(setters, values, strict=True):
        setter(value, held)
    return value
