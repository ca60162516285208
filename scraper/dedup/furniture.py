"""What an outlet puts around its stories: lines that came in two earlier stories of it. In memory, derived."""

from collections import OrderedDict, deque
from collections.abc import Sequence

_STORIES = 512
"""How many of an outlet's latest stories are remembered: furniture is seen again well within them."""
_SEEN = 2


class _OutletLines:
    """Marks of the lines of one outlet's latest stories. The stories of one cluster count as one."""

    __slots__ = ("_clusters", "_stories")

    def __init__(self) -> None:
        self._stories: deque[tuple[str, tuple[int, ...]]] = deque()
        self._clusters: dict[int, OrderedDict[str, int]] = {}

    def is_furniture(self, mark: int, cluster: str | None = None) -> bool:
        clusters = self._clusters.get(mark)
        return clusters is not None and len(clusters) - (cluster in clusters) >= _SEEN

    def add(self, cluster: str, marks: tuple[int, ...]) -> None:
        self._stories.append((cluster, marks))
        for mark in marks:
            clusters = self._clusters.setdefault(mark, OrderedDict())
            clusters[cluster] = clusters.get(cluster, 0) + 1
        if len(self._stories) > _STORIES:
            self._forget(*self._stories.popleft())

    def _forget(self, cluster: str, marks: tuple[int, ...]) -> None:
        for mark in marks:
            clusters = self._clusters[mark]
            clusters[cluster] -= 1
            if not clusters[cluster]:
                del clusters[cluster]
            if not clusters:
                del self._clusters[mark]


class Furniture:
    """Knows the recurring lines of every outlet."""

    def __init__(self) -> None:
        self._outlets: dict[str, _OutletLines] = {}

    def of(self, outlet: str, marks: Sequence[int]) -> frozenset[int]:
        """Those of the marks that belong to lines seen in two earlier stories of the outlet."""
        lines = self._outlets.get(outlet)
        return frozenset(mark for mark in marks if lines.is_furniture(mark)) if lines else frozenset()

    def add(self, outlet: str, cluster: str, marks: tuple[int, ...]) -> None:
        """Remember the lines of a judged story. Several stories of one cluster make no line recur."""
        self._outlets.setdefault(outlet, _OutletLines()).add(cluster, marks)
