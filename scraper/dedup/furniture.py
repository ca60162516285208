"""What an outlet puts around its stories: lines that came in two earlier stories of it. Derived from fingerprints."""

import struct
from array import array
from collections.abc import Sequence

import xxhash

_LINES = 2048
"""How many of an outlet's latest lines are remembered, some 200 stories: furniture is seen again well within them."""
MOST_OUTLETS = 2_000
"""Outlets that are remembered: those that had a story judged last. Some 33 KB each, when they have many lines."""
_FRONT = struct.Struct("<8sQI")
"""Mark, checksum of the rest, how many outlets."""
_OUTLET = struct.Struct("<HI")
_MAGIC = b"FURNITR1"
_CHAINS = 1024
_MANY = 64
"""Marks from which on those that never came are sorted out first."""


class DamagedFurnitureError(Exception):
    """The saved form cannot be read; the lines are learned anew from the catalog."""


def _key(cluster: str) -> int:
    return xxhash.xxh3_64_intdigest(cluster.encode()) >> 32


class _OutletLines:
    """Marks of one outlet's latest lines, each with the cluster of its story, in a ring.

    Lines whose marks end alike are chained from the latest to the earlier ones, as deflate chains strings. Lines are
    numbered from 1; a number that has left the ring ends its chain.
    """

    __slots__ = ("_clusters", "_count", "_earlier", "_latest", "_marks")

    def __init__(self) -> None:
        self._marks = array("I")
        self._clusters = array("I")
        self._earlier = array("I")
        self._latest = array("I", bytes(4 * _CHAINS))
        self._count = 0

    def furniture(self, marks: Sequence[int], own: int) -> frozenset[int]:
        wanted = frozenset(marks)
        if len(wanted) > _MANY:
            wanted &= frozenset(self._marks)
        return frozenset(mark for mark in wanted if self._recurs(mark, own))

    def _recurs(self, mark: int, own: int) -> bool:
        """Whether the line came in two clusters other than this one."""
        gone = max(0, self._count - _LINES)
        marks, clusters = self._marks, self._clusters
        seen = own
        number = self._latest[mark % _CHAINS]
        while number > gone:
            place = (number - 1) % _LINES
            if marks[place] == mark and clusters[place] not in {own, seen}:
                if seen != own:
                    return True
                seen = clusters[place]
            number = self._earlier[place]
        return False

    def add(self, cluster: int, marks: Sequence[int]) -> None:
        latest = self._latest
        for mark in marks:
            self._count += 1
            chain = mark % _CHAINS
            if self._count <= _LINES:
                self._marks.append(mark)
                self._clusters.append(cluster)
                self._earlier.append(latest[chain])
            else:
                place = (self._count - 1) % _LINES
                self._marks[place] = mark
                self._clusters[place] = cluster
                self._earlier[place] = latest[chain]
            latest[chain] = self._count

    def _in_order(self) -> tuple["array[int]", "array[int]"]:
        first = self._count % _LINES if self._count > _LINES else 0
        return self._marks[first:] + self._marks[:first], self._clusters[first:] + self._clusters[:first]

    def save(self) -> bytes:
        marks, clusters = self._in_order()
        return (marks + clusters).tobytes()

    @classmethod
    def load(cls, data: bytes) -> "_OutletLines":
        lines = cls()
        half = len(data) // 2
        for mark, cluster in zip(memoryview(data)[:half].cast("I"), memoryview(data)[half:].cast("I"), strict=True):
            lines.add(cluster, (mark,))
        return lines


class Furniture:
    """Knows the recurring lines of the outlets that had stories lately."""

    def __init__(self) -> None:
        self._outlets: dict[str, _OutletLines | bytes] = {}
        """Saved lines are unpacked when the outlet is first asked for."""

    def of(self, outlet: str, story_id: str, marks: Sequence[int]) -> frozenset[int]:
        """Those of the marks that belong to lines seen in two earlier stories of the outlet other than this one."""
        if outlet not in self._outlets or not marks:
            return frozenset()
        return self._lines(outlet).furniture(marks, _key(story_id))

    def add(self, outlet: str, cluster: str, marks: tuple[int, ...]) -> None:
        """Remember the lines of a judged story. Several stories of one cluster make no line recur.

        What is remembered follows from these calls alone and their order, so that it is the same after a restart.
        """
        lines = self._lines(outlet)
        lines.add(_key(cluster), marks)
        del self._outlets[outlet]
        self._outlets[outlet] = lines
        while len(self._outlets) > MOST_OUTLETS:
            del self._outlets[next(iter(self._outlets))]

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
