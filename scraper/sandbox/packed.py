"""Values that many jobs are given: pickled once where they come from, unpickled once in each worker."""

import pickle
from functools import lru_cache
from typing import Any, Generic, TypeVar

T = TypeVar("T")

_HELD = 256
"""So many values a process keeps unpickled, and so many packed."""


class Packed(Generic[T]):
    """A value on its way to workers. It must be one that nobody changes: all jobs of a worker see the same object."""

    __slots__ = ("_data",)

    def __init__(self, data: bytes) -> None:
        self._data = data

    @classmethod
    def of(cls, value: T) -> "Packed[T]":
        """The value, to be given to jobs."""
        return cls(pickle.dumps(value, pickle.HIGHEST_PROTOCOL))

    def __reduce__(self) -> tuple[Any, ...]:
        return Packed, (self._data,)

    @property
    def value(self) -> T:
        """The value, or one that is equal to it."""
        value: T = _unpacked(self._data)
        return value


class Packing(Generic[T]):
    """Packs values, those that it packed lately only once."""

    def __init__(self) -> None:
        self._packed: dict[int, tuple[T, Packed[T]]] = {}

    def of(self, value: T) -> Packed[T]:
        """The value, to be given to jobs."""
        # By identity, which is quickly compared; the value that is held keeps its number from being another's.
        held = self._packed.pop(id(value), None) or (value, Packed.of(value))
        self._packed[id(value)] = held
        if len(self._packed) > _HELD:
            del self._packed[next(iter(self._packed))]
        return held[1]


@lru_cache(maxsize=_HELD)
def _unpacked(data: bytes) -> Any:
    return pickle.loads(data)  # noqa: S301 - came with an order, whose pickle is trusted as much
