import asyncio
import json
import os
from datetime import timedelta

import pytest

from scraper.clock import utc_now
from scraper.service.notifying import Notifier
from scraper.service.presence import NAME, SILENCE, Phase, Presence, health, silence, told
from tests.fakes import until


@pytest.fixture
def presence(tmp_path):
    return Presence(tmp_path, Notifier(None, None), utc_now, lambda: "well")


def heard(directory):
    word = told(directory)
    assert word is not None
    return word


def test_what_a_daemon_says_of_itself_is_read_by_others(presence, tmp_path):
    before = utc_now()
    presence.collecting(12)
    word = heard(tmp_path)
    assert (word.pid, word.phase, word.outlets, word.refused) == (os.getpid(), Phase.COLLECTING, 12, ())
    assert word.configured >= before
    assert health(tmp_path, utc_now()).well
    presence.refused(["scraper.toml, line 2: fetch.x: expected a known key"])
    again = heard(tmp_path)
    assert again.refused == ("scraper.toml, line 2: fetch.x: expected a known key",)
    assert again.configured > word.configured
    assert health(tmp_path, utc_now()).well, "the configuration in force still collects"
    presence.stopping()
    assert heard(tmp_path).phase is Phase.STOPPING
    presence.stopped()
    assert not health(tmp_path, utc_now()).well


async def test_a_beat_is_heard_and_silence_is_ill_health(presence, tmp_path):
    presence.collecting(1)
    long_ago = (utc_now() - 2 * SILENCE).timestamp()
    os.utime(tmp_path / NAME, (long_ago, long_ago))
    ill = health(tmp_path, utc_now())
    assert not ill.well
    assert "not heard for 1" in ill.detail
    await presence.beat()
    await until(lambda: health(tmp_path, utc_now()).well)


async def test_a_disk_that_takes_nothing_stops_no_beat(tmp_path):
    presence = Presence(tmp_path / "missing", Notifier(None, None), utc_now, lambda: "well")
    presence.collecting(1)
    await presence.beat()
    presence.stopped()
    assert silence(tmp_path / "missing", utc_now()) is None
    assert not health(tmp_path / "missing", utc_now()).well


def test_a_watchdog_hears_three_times_as_often_as_it_asks(tmp_path):
    presence = Presence(tmp_path, Notifier(None, timedelta(seconds=6)), utc_now, lambda: "well")
    assert presence.every == timedelta(seconds=2)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"pid": 1}', json.dumps({"pid": "x", "phase": "idle"})])
def test_a_file_that_cannot_be_read_says_nothing(tmp_path, text):
    (tmp_path / NAME).write_text(text)
    assert told(tmp_path) is None
    assert not health(tmp_path, utc_now()).well


async def test_a_slow_disk_gathers_no_touches(presence, monkeypatch):
    presence.collecting(1)
    gate = asyncio.Event()
    loop = asyncio.get_running_loop()
    asked = 0

    def slow(*_):
        nonlocal asked
        asked += 1
        return asyncio.ensure_future(gate.wait(), loop=loop)

    monkeypatch.setattr(loop, "run_in_executor", slow)
    for _ in range(5):
        await presence.beat()
    assert asked == 1
    gate.set()
