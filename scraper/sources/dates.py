"""Reads the times that sources write, in English and Indonesian, with the outlet's zone for naive ones.

Times in HTML and feeds come as RFC 822, ISO 8601, epoch seconds and free text such as
`Sabtu, 22 November 2026 - 14.05 WIB`. What cannot be read is None, never a guess of the day.
"""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january januari jan",
            "february februari pebruari feb peb",
            "march maret mac mar mrt",
            "april apr",
            "may mei mai",
            "june juni jun",
            "july juli julai jul",
            "august agustus ogos aug agu ags agt agust ogo",
            "september sept sep",
            "october oktober okt oct",
            "november nopember nov nop",
            "december desember disember dec des dis",
        ),
        start=1,
    )
    for name in names.split()
}

_OFFSETS = {
    name: hours
    for hours, names in {
        0: "z utc gmt ut wet",
        1: "cet bst west wat",
        2: "cest eet sast cat",
        3: "eest msk eat trt",
        4: "gst",
        5: "pkt",
        5.5: "ist",
        6: "bdt",
        7: "wib ict",
        8: "wita sgt myt hkt pht awst",
        9: "wit jst kst",
        9.5: "acst",
        10: "aest",
        10.5: "acdt",
        11: "aedt",
        12: "nzst",
        13: "nzdt",
        -3: "brt art",
        -4: "edt ast",
        -5: "est cdt",
        -6: "cst mdt",
        -7: "mst pdt",
        -8: "pst akdt",
    }.items()
    for name in names.split()
}

_ZONE = r"(?P<zone>z\b|(?:utc|gmt)?\s*[+-]\d{1,2}(?::?\d{2})?\b|\(?[a-z]{2,4}\b\)?)?"
_CLOCK = (
    r"(?:[\s,|./-]|t(?=\d)|pukul|jam|at\b|@)*"
    r"(?:(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"\s*(?P<half>[ap]\.?m\b\.?)?)?"
    r"\s*" + _ZONE
)
_MONTH = r"(?P<month>" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\b\.?"
_FORMS = tuple(
    re.compile(form + _CLOCK, re.IGNORECASE)
    for form in (
        r"(?<!\d)(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})(?!\d)",
        r"(?<!\d)(?P<day>\d{1,2})(?:st|nd|rd|th)?[\s./-]+" + _MONTH + r"[\s,./-]+(?P<year>\d{4}|\d{2})(?!\d)",
        r"\b" + _MONTH + r"[\s.-]+(?P<day>\d{1,2})(?:st|nd|rd|th)?[\s,]+(?P<year>\d{4})(?!\d)",
        r"(?<!\d)(?P<day>\d{1,2})[-/.](?P<month>\d{1,2})[-/.](?P<year>\d{4})(?!\d)",
        r"(?<!\d)(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})(?!\d)",
    )
)
_ASCTIME = re.compile(
    r"\b"
    + _MONTH
    + r"\s+(?P<day>\d{1,2})\s+(?P<clock>\d{1,2}:\d{2}(?::\d{2})?)\s+(?P<zone>[a-z]{2,4}\s+)?(?P<year>\d{4})",
    re.IGNORECASE,
)
_MONTH_DIGITS = {name: f"{number:02}" for name, number in _MONTHS.items()}
_RFC822 = re.compile(
    r"\s*(?:[A-Za-z]{3,9},\s*)?(\d{1,2}) ([A-Za-z]{3,9}) (\d{4}) (\d{2}:\d{2}:\d{2}) "
    r"(?:([+-](?:0\d|1[0-4])):?(\d{2})|GMT|UTC?|Z)\s*"
)
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-](?:0\d|1[0-4]):\d\d)")
_COMPACT = re.compile(r"\s*(\d{4})(\d{2})(\d{2})T?(\d{2})(\d{2})(\d{2})?\s*(z|[+-]\d{2}:?\d{2}|)\s*", re.IGNORECASE)
_EPOCH = re.compile(r"\s*(\d{10})(?:\d{3}|\.\d+)?\s*")
_OFFSET = re.compile(r"(?:utc|gmt)?\s*([+-])(\d{1,2}):?(\d{2})?", re.IGNORECASE)
_LONGEST = 120
_YEARS = range(1970, 2101)
_OLDEST_SHORT_YEAR = 70
_MIDDAY = 12
_DAY_HOURS = 24
_LONGEST_OFFSET = 15


def read_date(text: str, zone: tzinfo) -> datetime | None:
    """The aware time that `text` says, or None. A naive time is meant in `zone`; a bare day is its midnight."""
    if not text or len(text) > _LONGEST:
        return None
    if moment := _read_quickly(text):
        return moment
    if found := _EPOCH.fullmatch(text):
        return datetime.fromtimestamp(int(found[1]), UTC)
    if found := _ASCTIME.search(text):
        text = f"{found['day']} {found['month']} {found['year']} {found['clock']} {found['zone'] or ''}"
    elif found := _COMPACT.fullmatch(text):
        text = "{}-{}-{}T{}:{}:{}{}".format(*(part or "0" for part in found.groups()[:6]), found[7])
    for form in _FORMS:
        if (found := form.search(text)) and (moment := _assembled(found, zone)):
            return moment
    return None


def _read_quickly(text: str) -> datetime | None:
    """The two common forms of feeds, with a zone, kept short because there are a hundred of them in a document.

    None for others, and for what only looks like one of these (second 60, hour 24).
    """
    if found := _RFC822.fullmatch(text):
        day, month, year, clock, hours, minutes = found.groups()
        number = _MONTH_DIGITS.get(month.lower(), "00")
        text = f"{year}-{number}-{day if len(day) > 1 else '0' + day}T{clock}{hours or '+00'}:{minutes or '00'}"
    elif not _RFC3339.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.year in _YEARS else None


def _assembled(found: re.Match[str], zone: tzinfo) -> datetime | None:
    word = found["month"].lower()
    month = int(word) if word.isdigit() else _MONTHS[word]
    year = int(found["year"])
    if len(found["year"]) == len("26"):
        year += 2000 if year < _OLDEST_SHORT_YEAR else 1900
    hour = int(found["hour"] or 0)
    if half := found["half"]:
        hour = hour % _MIDDAY + (_MIDDAY if half[0] in "pP" else 0)
    fraction = int((found["fraction"] or "0")[:6].ljust(6, "0"))
    figures = (year, month, int(found["day"]), hour, int(found["minute"] or 0), int(found["second"] or 0))
    return _moment(figures, fraction, _zone(found["zone"], zone))


def _moment(figures: tuple[int, int, int, int, int, int], fraction: int, zone: tzinfo | None) -> datetime | None:
    year, month, day, hour, minute, second = figures
    if zone is None or year not in _YEARS:
        return None
    later = timedelta()
    if hour == _DAY_HOURS and not minute:
        hour, later = 0, timedelta(days=1)
    try:
        return datetime(year, month, day, hour, minute, min(second, 59), fraction, tzinfo=zone) + later
    except (ValueError, OverflowError):
        return None


def _zone(word: str | None, fallback: tzinfo) -> tzinfo | None:
    """The zone that a word names; the outlet's own when it names none; None when the offset is impossible."""
    if not word:
        return fallback
    word = word.strip("() \t").lower()
    if found := _OFFSET.fullmatch(word):
        minutes = int(found[2]) * 60 + int(found[3] or 0)
        return _fixed(-minutes if found[1] == "-" else minutes)
    hours = _OFFSETS.get(word)
    return fallback if hours is None else _fixed(round(hours * 60))


def _fixed(minutes: int) -> timezone | None:
    return timezone(timedelta(minutes=minutes)) if abs(minutes) < _LONGEST_OFFSET * 60 else None
