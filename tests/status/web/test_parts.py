"""Heat map, timeline, words and the machine."""

import os
import subprocess
import sys
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.clock import utc_now
from scraper.model.verdict import Judgement, Relation
from scraper.polling import habit
from scraper.status.web import wording
from scraper.status.web.heat import LEVELS, heat_map
from scraper.status.web.machine import look
from scraper.status.web.timeline import timeline
from scraper.storage import Holder, Member, Standing
from tests.status.web.filled import habitual
from tests.storage.samples import NOW, feed

UTC, JAKARTA = ZoneInfo("UTC"), ZoneInfo("Asia/Jakarta")


def test_the_week_is_shown_in_the_zone_of_the_reader():
    rates = [0.0] * 168
    rates[0] = 4.0  # Monday 00:00 UTC
    rates[167] = 1.0  # Sunday 23:00 UTC
    told = heat_map(rates, JAKARTA, NOW)
    assert told is not None
    assert (told.zone, told.a_week) == ("WIB", 5.0)
    monday = told.days[0]
    assert [hour for hour, cell in enumerate(monday.cells) if cell.rate] == [6, 7]
    assert (monday.cells[7].level, monday.cells[6].level, monday.cells[5].level) == (LEVELS, 2, 0)
    assert "Busiest on Monday from 07:00, with 4.0 an hour" in told.summary
    assert heat_map(rates, ZoneInfo("America/New_York"), NOW).days[6].cells[19].rate == 4.0  # type: ignore[union-attr]


def test_no_habit_is_no_map():
    assert heat_map([0.0] * 168, UTC, NOW) is None
    assert heat_map([], UTC, NOW) is None


@given(st.lists(st.floats(0, 1e6), min_size=168, max_size=168))
def test_levels_stay_within_their_bounds(rates):
    told = heat_map(rates, UTC, NOW)
    assert told is None or all(0 <= cell.level <= LEVELS for day in told.days for cell in day.cells)


def test_a_habit_is_known_after_a_day():
    assert habit(feed()) is None
    rates = habit(habitual("kabar"))
    assert rates is not None
    assert len(rates) == 168
    assert 30 < sum(rates) < 80, "a story every three hours"


def member(number, minutes, **changes):
    values = {
        "id": f"{number:016x}",
        "outlet": f"o{number}",
        "url": "https://kabar.example/",
        "title": None,
        "time": NOW + timedelta(minutes=minutes),
        "standing": Standing.DROPPED,
        "judgement": Judgement(relation=Relation.COPY, cluster=f"{1:016x}", of=f"{1:016x}"),
    }
    return Member(**{**values, **changes})


def test_versions_stand_along_the_line_by_their_times():
    opener = member(1, 0, judgement=None, standing=Standing.KEPT)
    line = timeline([member(3, 200), opener, member(2, 50)], {"o1": "Satu"})
    assert [(one.member.id[-1], one.delay, one.place) for one in line.appearances] == [
        ("1", "", 0),
        ("2", "+50 min", 25),
        ("3", "+3 h", 100),
    ]
    assert line.appearances[1].of is opener
    assert line.summary == "Satu ran it first. 2 further versions followed, 3 outlets in all, within 3 h."


def test_versions_at_one_time_and_a_version_alone():
    line = timeline([member(1, 0, judgement=None), member(2, 0)])
    assert [one.place for one in line.appearances] == [0, 0]
    assert line.appearances[1].delay == "at the same time"
    assert timeline([member(1, 0)]).summary == "o1 ran it first."
    with pytest.raises(ValueError, match="at least one"):
        timeline([])


@pytest.mark.parametrize(
    ("text", "usable"),
    [
        ("https://kabar.example/berita?a=1#b", True),
        ("http://[::1]:80/", True),
        ("HTTP://kabar.example/", True),
        ("javascript:alert(1)//https://kabar.example", False),
        ("data:text/html,x", False),
        ("//kabar.example/", False),
        ("https://user@kabar.example/", False),
        ("https://kabar.example/\u202egnp", False),
        ("https://kabar.example/ onclick=x", False),
        ("https://kabar.example/\n", False),
        ("https://[kabar", False),
        ("", False),
        (None, False),
    ],
)
def test_links_lead_to_web_addresses_alone(text, usable):
    assert wording.web_address(text) == (text if usable else None)


@given(st.text(max_size=400))
def test_nothing_invisible_is_left_in_what_is_made_visible(text):
    told = wording.visible(text)
    assert not set("\u202e\u2066\u200b\x00\n\x1b") & set(told)
    assert all(char.isprintable() or char.isspace() for char in told)


@given(st.text(), st.text())
def test_marked_pieces_are_the_text(text, question):
    assert "".join(piece for piece, _ in wording.marked(text, question)) == text


def test_words_of_the_question_are_marked():
    assert wording.marked("Harga Cabai naik", 'cabai "harga"') == [
        ("Harga", True),
        (" ", False),
        ("Cabai", True),
        (" naik", False),
    ]


@pytest.mark.parametrize(
    ("number", "told"),
    [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (33_400, "33 kB"), (7.1e10, "71 GB"), (2e15, "2000.0 TB")],
)
def test_bytes_are_told(number, told):
    assert wording.size(number) == told


def test_times_are_told_from_now():
    assert wording.ago(None, NOW) == "never"
    assert wording.ago(NOW, NOW) == "just now"
    assert wording.ago(NOW - timedelta(hours=3), NOW) == "3 h ago"
    assert wording.ahead(NOW + timedelta(minutes=5), NOW) == "in 5 min"
    assert wording.ahead(NOW, NOW) == "due"
    assert wording.share(1, 0) == "–"


@pytest.mark.parametrize(
    ("code", "tag"), [("id", "id"), ("zh-Hant", "zh-Hant"), ('"><script>', None), ("", None), (None, None)]
)
def test_a_language_is_a_tag_or_nothing(code, tag):
    assert wording.language_tag(code) == tag


def test_the_daemons_process_and_its_workers_are_seen(tmp_path):
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        seen = look(tmp_path, Holder(pid=os.getpid(), started=utc_now()))
        assert seen.daemon is not None
        assert seen.daemon.pid == os.getpid()
        assert child.pid in {worker.pid for worker in seen.workers}
        assert 0 < seen.disk_free <= seen.disk_total
        child.communicate(b"\n")


def test_a_process_number_that_was_given_again_is_not_the_daemon(tmp_path):
    ancient = datetime(2020, 1, 1, tzinfo=UTC)
    assert look(tmp_path, Holder(pid=os.getpid(), started=ancient)).daemon is None
    assert look(tmp_path, None).daemon is None
    unseen = look(tmp_path, Holder(pid=99_999_999, started=ancient))
    assert (unseen.daemon, unseen.since) == (None, ancient)


def test_where_the_systems_own_figures_are_hidden_there_is_a_look_without_processes(tmp_path, monkeypatch):
    (tmp_path / str(os.getpid())).symlink_to(f"/proc/{os.getpid()}")
    monkeypatch.setattr(psutil, "PROCFS_PATH", str(tmp_path))
    seen = look(tmp_path, Holder(pid=os.getpid(), started=utc_now()))
    assert seen.daemon is None
    assert seen.disk_free > 0
