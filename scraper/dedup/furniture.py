"""What an outlet puts around its stories: lines that came in two earlier stories of it. Derived from fingerprints."""

import struct
from collections import deque
from collections.abc import Sequence

import numpy as np
import xxhash

_STORIES = 256
"""How many of an outlet's latest stories are remembered: furniture is seen again well within them."""
_SEEN = 2
_FRONT = struct.Struct("<8sQI")
"""Mark, checksum of the rest, how many outlets."""
_OUTLET = struct.Struct("<HI")
_STORY = struct.Struct("<QB")
_MAGIC = b"FURNITR1"


class DamagedFurnitureError(Exception):
    """The saved form cannot be read; the lines are learned anew from the catalog."""


def _key(cluster: str) -> int:
    return xxhash.xxh3_64_intdigest(cluster.encode())


class _OutletLines:
    """Marks of the lines of one outlet's latest stories. The stories of one cluster count as one."""

    __slots__ = ("_clusters", "_stories")

    def __init__(self) -> None:
        self._stories: deque[tuple[int, tuple[int, ...]]] = deque()
        self._clusters: dict[int, dict[int, int]] = {}

    def is_furniture(self, mark: int, cluster: int) -> bool:
        clusters = self._clusters.get(mark)
        return clusters is not None and len(clusters) - (cluster in clusters) >= _SEEN

    def add(self, cluster: int, marks: tuple[int, ...]) -> None:
        self._stories.append((cluster, marks))
        for mark in marks:
            clusters = self._clusters.setdefault(mark, {})
            clusters[cluster] = clusters.get(cluster, 0) + 1
        if len(self._stories) > _STORIES:
            self._forget(*self._stories.popleft())

    def _forget(self, cluster: int, marks: tuple[int, ...]) -> None:
        for mark in marks:
            clusters = self._clusters[mark]
            clusters[cluster] -= 1
            if not clusters[cluster]:
                del clusters[cluster]
            if not clusters:
                del self._clusters[mark]

    def save(self) -> bytes:
        return b"".join(
            _STORY.pack(cluster, len(marks)) + np.array(marks, "<u4").tobytes() for cluster, marks in self._stories
        )

    @classmethod
    def load(cls, data: bytes) -> "_OutletLines":
        lines = cls()
        at = 0
        while at < len(data):
            cluster, count = _STORY.unpack_from(data, at)
            at += _STORY.size
            lines.add(cluster, tuple(np.frombuffer(data, "<u4", count, at).tolist()))
            at += count * 4
        return lines


class Furniture:
    """Knows the recurring lines of every outlet."""

    def __init__(self) -> None:
        self._outlets: dict[str, _OutletLines | bytes] = {}
        """Saved lines are unpacked when the outlet is first asked for."""

    def of(self, outlet: str, story_id: str, marks: Sequence[int]) -> frozenset[int]:
        """Those of the marks that belong to lines seen in two earlier stories of the outlet other than this one."""
        if outlet not in self._outlets:
            return frozenset()
        lines = self._lines(outlet)
        cluster = _key(story_id)
        return frozenset(mark for mark in marks if lines.is_furniture(mark, cluster))

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
