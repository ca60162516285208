"""The log: one record a line for programs, safe text for people, whoever speaks."""

import io
import json
import logging
import threading
import warnings

import pytest

from scraper.logs import everything_to, open_log
from scraper.settings import LogSettings


def records(stream):
    return [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.fixture
def stream():
    return io.StringIO()


@pytest.fixture
def captured(stream):
    settings = LogSettings(format="json")
    with everything_to(open_log(settings, stream), settings):
        yield stream


def raise_hostile():
    raise LookupError("a\x1b[31mb\nc")


def test_a_record_is_one_line_of_json(stream):
    open_log(LogSettings(), stream).info("kept", title="a\nb\x1b[2J", outlet="koran")
    (record,) = records(stream)
    assert (record["event"], record["title"], record["outlet"]) == ("kept", "a\nb\x1b[2J", "koran")
    assert record["level"] == "info"
    assert record["timestamp"].endswith("Z")


def test_text_for_a_person_holds_no_control_characters(stream):
    log = open_log(LogSettings(format="text"), stream)
    log.info("kept", title="a\nb\x1b[2J")
    try:
        raise_hostile()
    except LookupError:
        log.exception("failed")
    told = stream.getvalue()
    assert "\x1b" not in told
    assert told.count("\n") > 3, "a traceback keeps its lines"
    assert "LookupError: a\\x1b[31mb" in told


def test_what_libraries_log_is_a_record(captured):
    logging.getLogger("some.library").warning("slow: %s", 3)
    logging.getLogger("some.library").info("not asked for")
    try:
        raise_hostile()
    except LookupError:
        logging.getLogger("other").exception("job failed")
    slow, failed = records(captured)
    assert (slow["event"], slow["level"], slow["logger"]) == ("slow: 3", "warning", "some.library")
    assert failed["level"] == "error"
    assert "raise_hostile" in failed["exception"]


def test_a_record_whose_values_do_not_fit_is_told_all_the_same(captured):
    (ours,) = [handler for handler in logging.getLogger().handlers if type(handler).__name__ == "_Forwarding"]
    ours.handle(logging.LogRecord("lib", logging.WARNING, "file", 1, "%d of %d", ("no number",), None))
    assert [record["event"] for record in records(captured)] == ["'%d of %d' ('no number',)"]


def test_at_level_debug_libraries_may_say_more(stream):
    settings = LogSettings(format="json", level="debug")
    with everything_to(open_log(settings, stream), settings):
        logging.getLogger("some.library").info("told")
        logging.getLogger("some.library").debug("too much")
    assert [record["event"] for record in records(stream)] == ["told"]


def test_a_warning_is_a_record(captured):
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn("soon gone", DeprecationWarning, stacklevel=1)
    (record,) = records(captured)
    assert "soon gone" in record["event"]
    assert record["level"] == "warning"


def test_what_nobody_caught_is_a_record(captured):
    thread = threading.Thread(target=raise_hostile)
    thread.start()
    thread.join()

    class Sore:
        def __del__(self):
            raise_hostile()

    Sore()  # gone at once
    assert [record["level"] for record in records(captured)] == ["error", "error"]
    assert all("raise_hostile" in record["exception"] for record in records(captured))


def test_everything_is_as_before_afterwards(stream):
    before = logging.getLogger().handlers[:], threading.excepthook, logging.getLogger().level
    settings = LogSettings()
    with everything_to(open_log(settings, stream), settings):
        pass
    assert (logging.getLogger().handlers, threading.excepthook, logging.getLogger().level) == before
