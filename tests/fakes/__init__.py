"""Hand-written stand-ins for what the line meets, one for each port."""

from tests.fakes.store import FakeStore
from tests.fakes.waiting import until
from tests.fakes.web import FakeDeduplicator, FakeExtractor, FakeFetcher, FakeJunk, FakeLister, page

__all__ = ["FakeDeduplicator", "FakeExtractor", "FakeFetcher", "FakeJunk", "FakeLister", "FakeStore", "page", "until"]
