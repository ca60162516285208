"""Values that go to and fro on a cluster arrive as they were sent, with or without the quick way."""

import copy
import dataclasses
import pickle
import subprocess
import sys
from datetime import UTC, datetime

from scraper.cluster.carried import KINDS
from scraper.engine.settling import Finished
from scraper.engine.steps import Reading
from scraper.model.article import Draft
from scraper.model.carrying import restored
from scraper.model.entry import Entry, Pending
from scraper.model.outlet import Outlet

ENTRY = Entry(key="k", url="https://kabar.example/1", outlet="kabar", source="https://kabar.example/feed")
PENDING = Pending(entry=ENTRY, found_at=datetime(2026, 11, 27, tzinfo=UTC), attempts=1)
READING = Reading(pending=PENDING, draft=Draft(title="T", text="Satu.\nDua."), pages=())
FINISHED = Finished(pending=PENDING, outlet=Outlet(id="kabar", name="K", domains=("kabar.example",)), result=READING)


def test_every_kind_can_be_carried():
    for kind in KINDS:
        assert dataclasses.is_dataclass(kind)
        assert "__slots__" in vars(kind)
        assert len(dataclasses.fields(kind)) > 1


def test_what_arrives_is_what_was_sent():
    packed = pickle.dumps(FINISHED, pickle.HIGHEST_PROTOCOL)
    assert restored.__name__.encode() in packed
    arrived = pickle.loads(packed)  # noqa: S301 - our own
    assert arrived == FINISHED
    assert arrived.pending is arrived.result.pending
    assert copy.deepcopy(FINISHED) == FINISHED


def test_a_process_without_the_cluster_can_open_it():
    program = (
        "import pickle, sys; value = pickle.load(sys.stdin.buffer); "
        "assert 'ray' not in sys.modules; print(value.result.draft.text)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], input=pickle.dumps(FINISHED), capture_output=True, check=True, timeout=60
    )
    assert done.stdout.decode().splitlines() == ["Satu.", "Dua."]
