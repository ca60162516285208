"""Only what lasts is told: a state must hold for a while before its notice goes out, either way. Pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scraper.alerts.conditions import Condition, Kind, Notice, Turn

Key = tuple[Kind, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is remembered about one thing that is, or was a moment ago, wrong."""

    condition: Condition
    """As it was seen last."""
    since: datetime
    """Since when it has been wrong without a pause."""
    well_since: datetime | None = None
    """Since when it has been right again; None while it is wrong."""
    told: bool = False
    """Whether its notice went out."""


def step(
    known: Mapping[Key, Standing],
    wrong: Iterable[Condition],
    now: datetime,
    after: timedelta,
    subjects: Collection[str] | None = None,
) -> tuple[dict[Key, Standing], list[Notice]]:
    """What is known after a look at what is wrong `now`, and the notices that fall due.

    A condition is told once it has lasted for `after`, and its end once that has; what comes and goes faster is never
    told. A subject that is not among `subjects` any more (an outlet that was taken out) is forgotten without a word.
    """
    seen = {(condition.kind, condition.subject): condition for condition in wrong}
    after_all: dict[Key, Standing] = {}
    notices: list[Notice] = []
    for key in dict.fromkeys((*known, *seen)):
        if subjects is not None and key[1] not in subjects:
            continue
        standing, notice = _one(known.get(key), seen.get(key), now, after)
        if standing is not None:
            after_all[key] = standing
        if notice is not None:
            notices.append(notice)
    return after_all, notices


def _one(
    before: Standing | None, seen: Condition | None, now: datetime, after: timedelta
) -> tuple[Standing | None, Notice | None]:
    if seen is not None:
        return _wrong(before or Standing(condition=seen, since=now), seen, now, after)
    if before is None or not before.told:
        return None, None
    well_since = before.well_since or now
    if now - well_since < after:
        return replace(before, well_since=well_since), None
    return None, Notice(turn=Turn.RECOVERED, at=now, since=well_since, condition=before.condition)


def _wrong(before: Standing, seen: Condition, now: datetime, after: timedelta) -> tuple[Standing, Notice | None]:
    due = not before.told and now - before.since >= after
    standing = replace(before, condition=seen, well_since=None, told=before.told or due)
    notice = Notice(turn=Turn.RAISED, at=now, since=before.since, condition=seen) if due else None
    return standing, notice
