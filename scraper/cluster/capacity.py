"""How much the cluster can do at once, asked again every few seconds because nodes come and go."""

import math
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import ray
from ray.exceptions import RayError

_ASK_S = 5.0
_AHEAD = 1.25
"""Tasks for each processor: one under way, and now and then the next on its way to it."""


_FOR_EACH_SHARD = 4
"""Processors that one shard keeps busy with reading; each call to one more costs, so no more are better."""


def fitting_shards() -> int:
    """How many shards suit the cluster that was joined, as large as it is now."""
    return shards_for(_processors())


def shards_for(processors: float) -> int:
    """How many shards suit so many processors."""
    return max(1, int(processors) // _FOR_EACH_SHARD)


def _processors() -> float:
    return float(ray.cluster_resources().get("CPU", 1.0))


class Processors:
    """A share of the cluster's processors."""

    _asker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="capacity")

    def __init__(self, share: int) -> None:
        self._share = share
        self._asked = -math.inf
        self._number = 1.0

    def tasks(self) -> int:
        """How many tasks to have under way; at least two, so that a slow one does not stop the others."""
        if time.monotonic() - self._asked > _ASK_S:
            self._asked = time.monotonic()
            self._asker.submit(self._ask)
        return max(2, math.ceil(_AHEAD * self._number / self._share))

    def _ask(self) -> None:
        with suppress(RayError, ConnectionError):
            self._number = max(1.0, _processors())
