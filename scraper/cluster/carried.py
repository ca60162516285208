"""What goes to and fro on a cluster for every story.

It is pickled by the standard library before Ray sees it: Ray's own way calls back into Python for every single value.
"""

import pickle
from typing import Any

from scraper.cluster.exchange import Question, Replies, Reply
from scraper.engine.settling import Committed, Finished
from scraper.engine.steps import Reading
from scraper.model.article import Article, Draft
from scraper.model.entry import Entry, Pending
from scraper.model.outlet import Outlet
from scraper.model.page import Page, Request
from scraper.model.verdict import Deferred, Dropped, Judged, Judgement, Kept, Outcome

KINDS: tuple[type, ...] = (
    *(Question, Replies, Reply, Committed, Finished, Reading, Article, Draft, Entry, Pending, Outlet, Page, Request),
    *(Deferred, Dropped, Judged, Judgement, Kept, Outcome),
)


def packed(value: Any) -> bytes:
    """A value on its way."""
    return pickle.dumps(value, pickle.HIGHEST_PROTOCOL)


def unpacked(value: bytes) -> Any:
    """A value as it arrived from a process of this run."""
    return pickle.loads(value)  # noqa: S301 - written by our own processes
