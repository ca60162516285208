"""Points in time as pages write them: ISO 8601, RFC 5322, epoch numbers, and prose in many languages.

Nothing here guesses a zone: a time without one stays without one, for the caller who knows the outlet.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from scraper.extraction.listed import rule_lines

MAX_INPUT = 200
"""Characters of one value that are looked at."""

MONTHS = {word: int(number) for number, *words in map(str.split, rule_lines("months")) for word in words}
ZONES = {word: int(minutes) for minutes, *words in map(str.split, rule_lines("zones")) for word in words}
"""Minutes east of Greenwich by abbreviation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A stated point in time. `at` is naive where no zone was stated."""

    at: datetime
    has_time: bool = True
    """False: only the day is known, and `at` is its midnight."""

    @property
    def zoned(self) -> bool:
        """Whether the statement itself says in which zone it is meant."""
        return self.at.tzinfo is not None

    def within(self, zone: tzinfo) -> datetime:
        """The moment as an aware time; one stated without a zone is meant in `zone`."""
        return self.at if self.zoned else self.at.replace(tzinfo=zone)


_ISO = re.compile(
    r"(?P<year>[12]\d{3})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})"
    r"(?:(?:\s?T\s?|\s{1,3}|,\s|[-_]{1,2})(?P<clock>\d{1,2}[:.]\d{2}(?:[:.]\d{2}(?:[.,]\d{1,9})?)?)"
    r"\s{0,2}(?P<half>[AaPp]\.?[Mm]\.?)?\s{0,2}(?P<zone>Z\b|(?:(?:GMT|UTC)\s?)?[+-]\d{1,2}:?(?:\d{2})?(?!\d)|[A-Z]{2,5}\b)?)?"
)
_COMPACT = re.compile(r"^([12]\d{3})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})?(Z|[+-]\d{2}:?\d{2})?)?$")
_EPOCH = re.compile(r"^1\d{9}(?:\d{3})?$")
_OFFSET = re.compile(r"^(?:GMT|UTC)?\s?([+-])(\d{1,2}):?(\d{2})?$")
_CLOCK = re.compile(
    r"(?<![\d./:-])(?P<hour>[01]?\d|2[0-3])(?:[:.hH]|\s?[h時시]\s?)(?P<minute>[0-5]\d)(?!\d)"
    r"(?:[:.](?P<second>[0-5]\d)(?:[.,]\d{1,9})?(?!\d))?(?![./-]?\d)"
    r"(?:分|분)?\s{0,2}(?P<half>[AaPp]\.?\s?[Mm]\b\.?)?"
)
_BARE_HALF = re.compile(r"(?<![\d./:-])(?P<hour>1[0-2]|0?[1-9])\s{0,2}(?P<half>[AaPp]\.?[Mm]\b\.?)")
_ZONE_AFTER = re.compile(
    r"^\s{0,2}\(?(?:Uhr|Ora|uur|Time|h|hrs?|น\.)?\s{0,2}\(?(?P<zone>(?:GMT|UTC)?\s?[+-]\d{1,2}(?::?\d{2})?(?!\d)|[A-Z]{2,5}\b)"
)
_WORD_DATE = re.compile(
    r"(?<!\d)(?P<day>\d{1,2})(?:st|nd|rd|th|er|\.|º)?(?:\s{1,3}(?:de|di|of|d['\u2019]|\.)){0,1}[\s\-/.]{1,3}"
    r"(?P<word>[^\W\d_]{3,12})[.,]?(?:\s{1,3}(?:de|del|of)){0,1}[\s\-/.,]{1,3}(?P<year>(?:[12]\d)?\d{2})(?!\d)"
)
_WORD_FIRST = re.compile(
    r"(?P<word>[^\W\d_]{3,12})\.?\s{1,3}(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s{1,3}(?P<year>[12]\d{3})(?!\d)"
)
_JAVA_YEAR = re.compile(
    r"(?P<word>[A-Z][a-z]{2})\s{1,2}(?P<day>\d{1,2})\s(?P<clock>\d{2}:\d{2}:\d{2})\s(?P<zone>[A-Z]{2,5}|[+-]\d{4})\s(?P<year>[12]\d{3})"
)
_DAY_FIRST = re.compile(
    r"(?<![\d.,/-])(?P<day>\d{1,2})[./-]\s?(?P<month>\d{1,2})[./-]\s?(?P<year>[12]\d{3}|\d{2})(?![\d/-])"
)
_CJK = re.compile(r"(?P<year>[12]\d{3})\s?[年년]\s?(?P<month>\d{1,2})\s?[月월]\s?(?P<day>\d{1,2})\s?[日일]")


def read_moment(value: str, *, month_first: bool = False) -> Moment | None:
    """The point in time that the value states, or None. `month_first` decides 04/05/2024 (US: 5 April)."""
    text = value.strip()[:MAX_INPUT]
    if not any(character.isdigit() for character in text):
        return None
    for read in (_iso, _compact, _epoch, _java):
        if (moment := read(text)) is not None:
            return moment
    return _prose(text, month_first=month_first)


def zone_named(name: str) -> tzinfo | None:
    """The fixed zone behind an abbreviation or offset (`WIB`, `CEST`, `+07:00`), or None."""
    if match := _OFFSET.match(name.strip()):
        hours, minutes = int(match[2]), int(match[3] or 0)
        if hours > 14 or minutes > 59:
            return None
        offset = timedelta(hours=hours, minutes=minutes)
        return timezone(-offset if match[1] == "-" else offset)
    minutes_east = ZONES.get(name.strip().upper())
    if minutes_east is None:
        return None
    return UTC if minutes_east == 0 else timezone(timedelta(minutes=minutes_east))


def _iso(text: str) -> Moment | None:
    match = _ISO.search(text)
    if match is None or match.start() > 60:
        return None
    day = _day(int(match["year"]), int(match["month"]), int(match["day"]))
    if day is None:
        return None
    if not match["clock"]:
        return _with_clock(day, text[: match.start()] + " " + text[match.end() :])
    return _timed(day, match["clock"], match["half"] or "", match["zone"] or "")


def _compact(text: str) -> Moment | None:
    match = _COMPACT.match(text)
    day = _day(int(match[1]), int(match[2]), int(match[3])) if match else None
    if match is None or day is None:
        return None
    if not match[4]:
        return Moment(at=day, has_time=False)
    return _timed(day, f"{match[4]}:{match[5]}:{match[6] or '00'}", "", match[7] or "")


def _epoch(text: str) -> Moment | None:
    if not _EPOCH.match(text):
        return None
    seconds = int(text) / (1000 if len(text) == 13 else 1)
    return Moment(at=datetime.fromtimestamp(seconds, UTC))


def _java(text: str) -> Moment | None:
    match = _JAVA_YEAR.search(text)
    month = MONTHS.get(match["word"].casefold()) if match else None
    day = _day(int(match["year"]), month, int(match["day"])) if match and month else None
    if match is None or day is None:
        return None
    return _timed(day, match["clock"], "", match["zone"])


def _prose(text: str, *, month_first: bool) -> Moment | None:
    for find in (_cjk, _worded, _numbered):
        if (found := find(text, month_first)) is not None:
            day, start, end = found
            return _with_clock(day, text[:start] + " \n " + text[end:])
    return None


_Found = tuple[datetime, int, int]


def _cjk(text: str, _month_first: bool) -> _Found | None:  # noqa: FBT001 - one shape for the three finders
    match = _CJK.search(text)
    day = _day(int(match["year"]), int(match["month"]), int(match["day"])) if match else None
    return (day, match.start(), match.end()) if match and day else None


def _worded(text: str, _month_first: bool) -> _Found | None:  # noqa: FBT001 - one shape for the three finders
    for pattern in (_WORD_DATE, _WORD_FIRST):
        for match in pattern.finditer(text):
            month = MONTHS.get(match["word"].casefold())
            day = _day(_century(int(match["year"])), month, int(match["day"])) if month else None
            if day is not None:
                return day, match.start(), match.end()
    return None


def _numbered(text: str, month_first: bool) -> _Found | None:  # noqa: FBT001 - one shape for the three finders
    for match in _DAY_FIRST.finditer(text):
        first, second, year = int(match["day"]), int(match["month"]), _century(int(match["year"]))
        if second > 12 or (month_first and first <= 12):
            first, second = second, first
        if (day := _day(year, second, first)) is not None:
            return day, match.start(), match.end()
    return None


def _century(year: int) -> int:
    return year + 2000 if year < 100 else year


def _day(year: int, month: int | None, day: int) -> datetime | None:
    if month is None or not 1990 <= year <= 2100:
        return None
    try:
        return datetime(year, month, day)  # noqa: DTZ001 - a day, not yet in any zone
    except ValueError:
        return None


def _with_clock(day: datetime, rest: str) -> Moment:
    """The day with the clock time that stands beside it, where one does."""
    match = _CLOCK.search(rest) or _BARE_HALF.search(rest)
    if match is None:
        return Moment(at=day, has_time=False)
    zone = _ZONE_AFTER.match(rest[match.end() :])
    groups = match.groupdict()
    clock = f"{groups['hour']}:{groups.get('minute') or '00'}:{groups.get('second') or '00'}"
    return _timed(day, clock, groups["half"] or "", zone["zone"] if zone else "")


def _timed(day: datetime, clock: str, half: str, zone: str) -> Moment:
    hour, minute, second = ([int(part) for part in re.split(r"[:.,]", clock)[:3]] + [0, 0])[:3]
    if half:
        hour = hour % 12 + (12 if half[0] in "pP" else 0)
    if hour > 24 or minute > 59 or second > 60 or (hour == 24 and (minute or second)):
        return Moment(at=day, has_time=False)
    at = day + timedelta(hours=hour, minutes=minute, seconds=min(second, 59))
    return Moment(at=at.replace(tzinfo=zone_named(zone) if zone else None))
