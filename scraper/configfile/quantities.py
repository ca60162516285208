"""Quantities as people write them: "15 min", "5 MB"."""

import math
import re
from datetime import timedelta
from typing import Annotated

from annotated_types import Ge, Gt, Le
from pydantic import BeforeValidator

_SECONDS = {
    "ms": 0.001,
    "s": 1,
    "sec": 1,
    "second": 1,
    "seconds": 1,
    "min": 60,
    "minute": 60,
    "minutes": 60,
    "h": 3600,
    "hour": 3600,
    "hours": 3600,
    "d": 86400,
    "day": 86400,
    "days": 86400,
    "week": 604800,
    "weeks": 604800,
}
_BYTES = {
    "": 1,
    "b": 1,
    "kb": 10**3,
    "mb": 10**6,
    "gb": 10**9,
    "tb": 10**12,
    "kib": 2**10,
    "mib": 2**20,
    "gib": 2**30,
    "tib": 2**40,
}
_MOST_DAYS = 100 * 365
_LONGEST = _MOST_DAYS * 86400
_LARGEST = 10**15
_MOST = 10**9
_NUMBER = r"([0-9]+(?:\.[0-9]+)?)"
_PART = re.compile(_NUMBER + r"\s*([a-z]+)")
_PARTS = re.compile(rf"(?:{_NUMBER}\s*[a-z]+\s*)+")
_PLAIN = re.compile(_NUMBER)
_SIZE = re.compile(_NUMBER + r"\s*([a-z]*)", re.IGNORECASE)

DURATION_FORM = 'a duration such as "30 s", "15 min", "24 h" or "30 days", or a number of seconds'
SIZE_FORM = 'a size such as "500 KB", "5 MB" or "1 GiB", or a number of bytes'


def read_duration(value: object) -> timedelta:
    """Read "30 s", "1 h 30 min" or a plain number of seconds. Raises ValueError with the expected form."""
    if isinstance(value, timedelta):
        return value
    try:
        seconds = _seconds(value)
    except OverflowError:
        seconds = None
    if seconds is None or not 0 <= seconds <= _LONGEST:
        raise ValueError(DURATION_FORM)
    return timedelta(seconds=seconds)


def _seconds(value: object) -> float | None:
    if isinstance(value, int | float):
        return None if isinstance(value, bool) else float(value)
    text = value.strip().lower() if isinstance(value, str) else ""
    if _PLAIN.fullmatch(text):
        return float(text)
    if not _PARTS.fullmatch(text):
        return None
    parts = [(float(number), _SECONDS.get(unit)) for number, unit in _PART.findall(text)]
    return None if any(unit is None for _, unit in parts) else sum(number * (unit or 0) for number, unit in parts)


def read_size(value: object) -> int:
    """Read "5 MB" (decimal), "1 GiB" (binary) or a number of bytes. Raises ValueError with the expected form."""
    if isinstance(value, int) and not isinstance(value, bool) and value <= _LARGEST:
        return value
    match = _SIZE.fullmatch(value.strip()) if isinstance(value, str) else None
    unit = _BYTES.get(match[2].lower()) if match else None
    size = float(match[1]) * unit if match and unit else math.inf
    if size > _LARGEST:
        raise ValueError(SIZE_FORM)
    return round(size)


def in_words(duration: timedelta) -> str:
    """Write a duration the way `read_duration` reads it, in the largest unit that leaves a whole number."""
    seconds = duration.total_seconds()
    for unit, size in (("days", 86400), ("h", 3600), ("min", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:.0f} {unit}"
    if seconds.is_integer():
        return f"{seconds:.0f} s"
    return f"{seconds * 1000:.0f} ms" if (seconds * 1000).is_integer() else f"{seconds:.6f} s"


def size_in_words(count: int) -> str:
    """Write a number of bytes with one decimal in the largest unit that fits."""
    size = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:  # noqa: PLR2004 - SI prefixes
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


Span = Annotated[timedelta, BeforeValidator(read_duration)]
"""A length of time, which may be nothing."""
Duration = Annotated[timedelta, BeforeValidator(read_duration), Gt(timedelta(0))]
"""A length of time that is more than nothing."""
Size = Annotated[int, BeforeValidator(read_size), Ge(1)]
"""A number of bytes."""
Count = Annotated[int, Ge(1), Le(_MOST)]
"""A whole number, at least one."""
Days = Annotated[int, Ge(1), Le(_MOST_DAYS)]
"""A whole number of days."""
