"""What an outlet puts around its stories: lines that came in two earlier stories of it. Derived from fingerprints."""

import struct
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import xxhash

_LINES = 2048
"""How many of an outlet's latest lines are remembered, some 200 stories: furniture is seen again well within them."""
_SEEN = 2
_FRONT = struct.Struct("<8sQI")
"""Mark, checksum of the rest, how many outlets."""
_OUTLET = struct.Struct("<HI")
_MAGIC = b"FURNITR1"
_NO_MARK = np.uint32(0xFFFFFFFF)
"""Stands where no line is yet; marks have 24 bits."""

Column = npt.NDArray[Any]


class DamagedFurnitureError(Exception):
    """The saved form cannot be read; the lines are learned anew from the catalog."""


def _key(cluster: str) -> int:
    return xxhash.xxh3_64_intdigest(cluster.encode()) >> 32


class _OutletLines:
    """Marks of one outlet's latest lines, each with the cluster of its story, in a ring."""

    __slots__ = ("_clusters", "_marks", "_next")

    def __init__(self, marks: Column, clusters: Column, following: int) -> None:
        self._marks = marks
        self._clusters = clusters
        self._next = following

    def furniture(self, marks: Sequence[int], own: int) -> frozenset[int]:
        wanted = np.array(marks, np.uint32)
        places = np.flatnonzero(np.isin(self._marks, wanted))
        clusters: defaultdict[int, set[int]] = defaultdict(set)
        for mark, cluster in zip(self._marks[places].tolist(), self._clusters[places].tolist(), strict=True):
            if cluster != own:
                clusters[mark].add(cluster)
        return frozenset(mark for mark, seen in clusters.items() if len(seen) >= _SEEN)

    def add(self, cluster: int, marks: Sequence[int]) -> None:
        places = np.arange(self._next, self._next + len(marks)) % _LINES
        self._marks[places] = marks
        self._clusters[places] = cluster
        self._next = (self._next + len(marks)) % _LINES

    def save(self) -> bytes:
        order = np.roll(np.arange(_LINES), -self._next)
        order = order[self._marks[order] != _NO_MARK]
        saved: Column = np.concatenate([self._marks[order], self._clusters[order]])
        return saved.tobytes()

    @classmethod
    def load(cls, data: bytes) -> "_OutletLines":
        saved = np.frombuffer(data, np.uint32).reshape(2, -1)
        marks, clusters = np.full(_LINES, _NO_MARK), np.zeros(_LINES, np.uint32)
        count = saved.shape[1]
        marks[:count], clusters[:count] = saved
        return cls(marks, clusters, count % _LINES)


class Furniture:
    """Knows the recurring lines of every outlet."""

    def __init__(self) -> None:
        self._outlets: dict[str, _OutletLines | bytes] = {}
        """Saved lines are unpacked when the outlet is first asked for."""

    def of(self, outlet: str, story_id: str, marks: Sequence[int]) -> frozenset[int]:
        """Those of the marks that belong to lines seen in two earlier stories of the outlet other than this one."""
        if outlet not in self._outlets or not marks:
            return frozenset()
        return self._lines(outlet).furniture(marks, _key(story_id))

    def add(self, outlet: str, cluster: str, marks: tuple[int, ...]) -> None:
        """Remember the lines of a judged story. Several stories of one cluster make no line recur."""
        self._lines(outlet).add(_key(cluster), marks)

    def _lines(self, outlet: str) -> _OutletLines:
        lines = self._outlets.get(outlet)
        if not isinstance(lines, _OutletLines):
            lines = self._outlets[outlet] = _OutletLines.load(lines or b"")
        return lines

    def save(self) -> bytes:
        """All that is known, for `load`."""
        parts = []
        for outlet, lines in self._outlets.items():
            name = outlet.encode()
            saved = lines if isinstance(lines, bytes) else lines.save()
            parts.append(_OUTLET.pack(len(name), len(saved)) + name + saved)
        body = b"".join(parts)
        return _FRONT.pack(_MAGIC, xxhash.xxh3_64_intdigest(body), len(parts)) + body

    @classmethod
    def load(cls, data: bytes) -> "Furniture":
        """What `save` gave. Raises DamagedFurnitureError when the bytes are not whole."""
        furniture = cls()
        body = data[_FRONT.size :]
        if len(data) < _FRONT.size:
            raise DamagedFurnitureError("the furniture file is cut short")
        magic, checksum, count = _FRONT.unpack_from(data)
        if magic != _MAGIC or checksum != xxhash.xxh3_64_intdigest(body):
            raise DamagedFurnitureError("the furniture file is damaged")
        at = 0
        for _ in range(count):
            name, size = _OUTLET.unpack_from(body, at)
            at += _OUTLET.size
            furniture._outlets[body[at : at + name].decode()] = body[at + name : at + name + size]
            at += name + size
        return furniture
