"""Files of pages, unpacked by a task each that streams batches of records to the line.

The task runs where the command runs, for the file lies there. It keeps a few batches ahead of the line and then waits.
One that is lost is followed by another, right after the last record that arrived.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

import ray
from ray.exceptions import RayError, RayTaskError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from scraper.sources.capture import Capture, PageFile, Record

_MOST_RECORDS = 32
_MOST_BYTES = 4_000_000
_AHEAD = 4
"""Batches that are ready before the line asks for them."""
_LOST_TRIES = 16
"""So many tasks may be lost at one place of the file until the file is held to be why."""


class StreamedFile:
    """A file that is unpacked in a task. Implements `scraper.sources.capture.PageFile`."""

    def __init__(self, file: PageFile) -> None:
        self._file = file

    @property
    def name(self) -> str:
        """What it is called, for people."""
        return self._file.name

    @property
    def size(self) -> int:
        """In bytes."""
        return self._file.size

    def records(self, after: str | None = None) -> Iterator[Record]:
        """Record after record, however many tasks are lost. Raises OSError when it cannot be read on."""
        lost = 0
        while True:
            try:
                for batch in self._batches(after):
                    for record in batch:
                        yield record
                        after, lost = record.mark, 0
            except RayTaskError as error:
                raise error.cause from None
            except RayError as error:
                lost += 1
                if lost == _LOST_TRIES:
                    raise OSError(f"its reader was lost {lost} times ({type(error).__name__})") from error
            else:
                return

    def _batches(self, after: str | None) -> Iterator[Sequence[Record]]:
        here = NodeAffinitySchedulingStrategy(node_id=ray.get_runtime_context().get_node_id(), soft=False)
        batches = unpack.options(scheduling_strategy=here).remote(self._file, after)
        try:
            for batch in batches:
                yield ray.get(batch)
        finally:
            with suppress(RayError):
                ray.cancel(batches)


@ray.remote(num_cpus=0, max_retries=0, num_returns="streaming", _generator_backpressure_num_objects=_AHEAD)
def unpack(file: PageFile, after: str | None) -> Iterator[Any]:
    """The records of a file after a mark, in batches."""
    yield from in_batches(file.records(after))


def in_batches(records: Iterator[Record]) -> Iterator[list[Record]]:
    """The same records in batches that are neither too many nor too large."""
    batch: list[Record] = []
    size = 0
    for record in records:
        batch.append(record)
        size += len(record.holds.body) if isinstance(record.holds, Capture) else 0
        if len(batch) == _MOST_RECORDS or size >= _MOST_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
