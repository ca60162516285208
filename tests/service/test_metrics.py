"""The metrics: each event counted, each name that the examples use there, and an endpoint that nobody can hold up."""

import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client import generate_latest

from scraper.engine.events import (
    ConfigurationRefused,
    ConfigurationTaken,
    CopyFailed,
    CopyMade,
    FeedAsked,
    GroupCommitted,
    StepFailed,
    StorySettled,
    WritingPaused,
    WritingResumed,
)
from scraper.model.entry import Entry, Pending
from scraper.model.feed import FeedState, Listed, Listing, NotModified, PollFailed
from scraper.model.outlet import Outlet
from scraper.model.page import FetchFailed, FetchReason, Request, RequestKind, Unchanged
from scraper.model.verdict import Deferred, Dropped, DropReason, Kept, Outcome
from scraper.service.endpoint import Endpoint, EndpointError
from scraper.service.metering import MeteredFetcher, meter_loop
from scraper.service.metrics import OUTLETS, Metrics
from scraper.storage import Waiting
from tests.fakes import FakeFetcher, page
from tests.fakes.web import NOON
from tests.storage.samples import article, new

ROOT = Path(__file__).parent.parent.parent
MONITORING = ROOT / "docs" / "monitoring"


@pytest.fixture
def metrics(tmp_path):
    return Metrics(lambda: NOON, tmp_path)


def settled(verdict, outlet="koran"):
    entry = Entry(key="k", url="https://koran.example/1", outlet=outlet, source="s")
    pending = Pending(entry=entry, found_at=NOON - timedelta(minutes=2), attempts=1)
    return StorySettled(outcome=Outcome(pending=pending, verdict=verdict))


def value(metrics, name, **labels):
    return metrics.registry.get_sample_value(name, labels)


def test_stories_are_counted_by_outlet_fate_and_reason_with_their_lags(metrics):
    published = NOON - timedelta(minutes=10)
    metrics.observe(settled(Kept(article=article(1, published=published), judged=new(1))))
    metrics.observe(settled(Dropped(reason=DropReason.DUPLICATE, detail="d")))
    metrics.observe(settled(Deferred(reason=DropReason.FETCH_FAILED, detail="d", until=NOON)))
    assert value(metrics, "scraper_stories_total", outlet="koran", fate="kept", reason="") == 1
    assert value(metrics, "scraper_stories_total", outlet="koran", fate="dropped", reason="duplicate") == 1
    assert value(metrics, "scraper_stories_total", outlet="koran", fate="deferred", reason="fetch-failed") == 1
    assert value(metrics, "scraper_publication_lag_seconds_sum") == 600
    assert value(metrics, "scraper_found_lag_seconds_sum") == 120


def test_pages_on_which_selectors_match_nothing_are_counted_by_outlet_and_key(metrics):
    event = settled(Kept(article=article(1), judged=new(1)))
    for degraded in (("selectors.body", "selectors.title"), ("selectors.body",), ()):
        metrics.observe(StorySettled(outcome=replace(event.outcome, degraded=degraded)))
    for key, times in (("selectors.body", 2), ("selectors.title", 1)):
        assert value(metrics, "scraper_unmatched_selectors_total", outlet="koran", key=key) == times


def test_a_story_from_the_future_has_no_lag(metrics):
    metrics.observe(settled(Kept(article=article(1, published=NOON + timedelta(hours=1)), judged=new(1))))
    assert value(metrics, "scraper_publication_lag_seconds_sum") == 0


PUT_OFF = PollFailed(detail="d", put_off=True)


def test_polls_are_counted_by_result(metrics):
    state = FeedState(url="https://koran.example/feed", outlet="koran", next_due=NOON)
    listed = Listed(listing=Listing(entries=()), etag=None, last_modified=None, body_digest=b"")
    for poll in (listed, NotModified(etag=None, last_modified=None), PollFailed(detail="d"), PUT_OFF):
        metrics.observe(FeedAsked(state=state, poll=poll, found=2))
    for result in ("listed", "unchanged", "failed", "put-off"):
        assert value(metrics, "scraper_polls_total", outlet="koran", result=result) == 1
    assert value(metrics, "scraper_entries_found_total", outlet="koran") == 8


def test_what_else_happens_is_counted(metrics):
    metrics.observe(GroupCommitted(stories=12, seconds=0.25))
    metrics.observe(StepFailed(subject="s", detail="d"))
    metrics.observe(WritingPaused(detail="full"))
    assert value(metrics, "scraper_writing_paused") == 1
    metrics.observe(WritingResumed())
    metrics.observe(ConfigurationTaken(outlets=1))
    metrics.observe(ConfigurationRefused(faults=("f",)))
    metrics.observe(CopyMade(url="u", objects=1, bytes=1, articles=1))
    metrics.observe(CopyFailed(url="u", detail="d"))
    queues = [Waiting(outlet="a", ready=2, claimed=1, deferred=3), Waiting(outlet="b", ready=1, claimed=0, deferred=0)]
    metrics.meter_waiting(queues)
    assert value(metrics, "scraper_commit_stories_sum") == 12
    assert value(metrics, "scraper_commit_seconds_sum") == 0.25
    assert value(metrics, "scraper_defects_total") == 1
    assert value(metrics, "scraper_writing_paused") == 0
    assert value(metrics, "scraper_reloads_total", result="taken") == 1
    assert value(metrics, "scraper_reloads_total", result="refused") == 1
    assert value(metrics, "scraper_offsite_copies_total", result="failed") == 1
    assert value(metrics, "scraper_waiting_stories", state="ready") == 3
    assert value(metrics, "scraper_disk_free_bytes") > 0


async def test_exchanges_are_counted_and_timed_whatever_comes_of_them(metrics):
    gone = "https://koran.example/gone"
    unchanged = "https://koran.example/feed"
    good = "https://koran.example/1"
    fetcher = FakeFetcher(
        {
            good: replace(page(good), wire_bytes=70),
            unchanged: Unchanged(url=unchanged),
            gone: FetchFailed(url=gone, reason=FetchReason.TIMEOUT, detail="d"),
        }
    )
    outlet = Outlet(id="koran", name="Koran", domains=("koran.example",))
    for url, kind in ((good, RequestKind.PAGE), (gone, RequestKind.PAGE), (unchanged, RequestKind.FEED)):
        await MeteredFetcher(fetcher, metrics).fetch(Request(url=url, kind=kind, outlet=outlet))
    assert value(metrics, "scraper_fetches_total", kind="page", result="page") == 1
    assert value(metrics, "scraper_fetches_total", kind="page", result="timeout") == 1
    assert value(metrics, "scraper_fetches_total", kind="feed", result="unchanged") == 1
    assert value(metrics, "scraper_fetched_bytes_total", kind="page") == 70
    assert value(metrics, "scraper_fetch_seconds_count", kind="page") == 2
    await meter_loop(metrics)
    assert value(metrics, "scraper_loop_lag_seconds_count") == 1


def test_the_number_of_outlets_told_apart_is_bounded(metrics):
    for number in range(OUTLETS + 7):
        metrics.observe(settled(Dropped(reason=DropReason.GONE, detail="d"), outlet=f"o{number}"))
    assert value(metrics, "scraper_stories_total", outlet="other", fate="dropped", reason="gone") == 7
    assert value(metrics, "scraper_stories_total", outlet="o3", fate="dropped", reason="gone") == 1


@pytest.mark.parametrize("file", ["dashboard.json", "alerts.yml"])
def test_every_metric_and_label_that_the_examples_name_exists(metrics, file):
    text = (MONITORING / file).read_text("utf-8").replace('\\"', '"')
    series = {sample for family in metrics.registry.collect() for sample in _samples(family)}
    named = set(re.findall(r"\b(?:scraper|process)_[a-z_]+", text))
    assert len(named) > 8
    assert named <= series, named - series
    labels = {label for family in metrics.registry.collect() for label in _labels(metrics, family.name)}
    used = set(re.findall(r"[{,](\w+)=~?\"", text)) | {
        label for group in re.findall(r"by \(([\w, ]+)\)", text) for label in group.split(", ")
    }
    assert used <= labels | {"job", "le"}, used - labels


def _samples(family):
    suffixes = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"], "info": ["_info"]}
    return [family.name + suffix for suffix in suffixes.get(family.type, [""])]


def _labels(metrics, name):
    collector = metrics.registry._names_to_collectors[name]
    return getattr(collector, "_labelnames", ())


def test_every_metric_is_described_in_the_manual(metrics):
    manual = (ROOT / "docs" / "monitoring.md").read_text("utf-8")
    described = set(re.findall(r"^\| `(scraper_[a-z_]+)`", manual, re.MULTILINE))
    assert described == {
        sample.removesuffix("_bucket")
        for family in metrics.registry.collect()
        if family.name.startswith("scraper_")
        for sample in _samples(family)[:1]
    }


def test_the_example_dashboard_is_one_that_grafana_takes():
    dashboard = json.loads((MONITORING / "dashboard.json").read_text("utf-8"))
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"]) > 15
    assert all(target["expr"] for panel in dashboard["panels"] for target in panel["targets"])


def test_every_metric_is_shown_or_watched_by_the_examples(metrics):
    text = "".join((MONITORING / file).read_text("utf-8") for file in ("dashboard.json", "alerts.yml"))
    for family in metrics.registry.collect():
        assert family.name in text or family.name.startswith("process_"), family.name


def ask(address, path):
    with closing(http.client.HTTPConnection(address, timeout=30)) as connection:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.getheader("Content-Type"), answer.read().decode()


def test_the_endpoint_serves_metrics_and_nothing_else(metrics):
    with Endpoint("127.0.0.1:0", metrics.registry) as endpoint:
        address = endpoint.address.removeprefix("http://").removesuffix("/metrics")
        status, kind, told = ask(address, "/metrics")
        assert (status, kind.startswith("text/plain"), "scraper_build_info{" in told) == (200, True, True)
        assert ask(address, "/")[0] == 404
        with pytest.raises(EndpointError, match="cannot serve metrics at 127"):
            Endpoint(address, metrics.registry)


def test_askers_that_say_nothing_hold_up_neither_the_end_nor_memory(metrics):
    with Endpoint("127.0.0.1:0", metrics.registry) as endpoint:
        host, _, port = endpoint.address.removeprefix("http://").removesuffix("/metrics").partition(":")
        mute = [socket.create_connection((host, int(port)), timeout=30) for _ in range(12)]
        # The places are taken, so further ones are turned away at once.
        assert sum(sock.recv(1) == b"" for sock in mute[4:]) == 8
        for sock in mute:
            with closing(sock):
                pass


@pytest.fixture
def promtool():
    """Prometheus' own checker."""
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    program = shutil.which("promtool", path=path)
    if program is None:
        pytest.skip("there is no promtool; scripts/promtool.sh fetches it out of Debian's package")

    def check(*arguments, told=None):
        return subprocess.run(
            [program, "check", *arguments], input=told, capture_output=True, text=True, timeout=60, check=False
        )

    return check


def test_prometheus_takes_the_alert_rules(promtool, tmp_path):
    answer = promtool("rules", str(MONITORING / "alerts.yml"))
    assert answer.returncode == 0, answer.stdout + answer.stderr
    spoilt = tmp_path / "alerts.yml"
    spoilt.write_text((MONITORING / "alerts.yml").read_text("utf-8").replace(" == 1", " === 1"))
    assert promtool("rules", str(spoilt)).returncode != 0, "it looks"


def test_prometheus_finds_the_metrics_well_named(promtool, metrics):
    metrics.observe(settled(Kept(article=article(1), judged=new(1))))
    answer = promtool("metrics", told=generate_latest(metrics.registry).decode())
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "", "")
