"""Durations and sizes as people write them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.configfile import in_words, read_duration, read_size


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("30 s", 30),
        ("15min", 900),
        ("1 h 30 min", 5400),
        ("2 Days", 172800),
        ("250 ms", 0.25),
        (7, 7),
        (1.5, 1.5),
        ("9", 9),
    ],
)
def test_durations_are_read(written, seconds):
    assert read_duration(written) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "5 fortnights",
        "-3 s",
        "s",
        True,
        None,
        [1],
        -1,
        "1e9 days",
        "5 s x",
        float("inf"),
        10**400,
        "9" * 400 + " s",
    ],
)
def test_what_is_no_duration_is_refused(written):
    with pytest.raises(ValueError, match="a duration such as"):
        read_duration(written)


@given(st.integers(0, 10**9).map(lambda milliseconds: timedelta(milliseconds=milliseconds)))
def test_a_duration_in_words_is_read_back(duration):
    assert read_duration(in_words(duration)) == duration


@pytest.mark.parametrize(
    ("written", "size"), [("5 MB", 5_000_000), ("1 GiB", 2**30), ("1.5kB", 1500), (7, 7), ("12", 12)]
)
def test_sizes_are_read(written, size):
    assert read_size(written) == size


@pytest.mark.parametrize("written", ["", "5 XB", "-5", True, 1.5, None, "9" * 400])
def test_what_is_no_size_is_refused(written):
    with pytest.raises(ValueError, match="a size such as"):
        read_size(written)
