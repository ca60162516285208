"""A whole collection judged in one go, by the detector that the daemon uses."""

from collections.abc import Iterable, Iterator

from scraper.dedup.detector import NearDuplicates
from scraper.model.verdict import Judged, Story
from scraper.settings import DedupSettings


def judge_all(stories: Iterable[Story], settings: DedupSettings | None = None) -> Iterator[tuple[Story, Judged]]:
    """Judge stories in the order of their arrival, each against all before it; lazily, one by one."""
    detector = NearDuplicates(settings or DedupSettings())
    for story in stories:
        yield story, detector.consider(story)
