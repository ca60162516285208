"""A story cluster in the order of time: who ran it first, and who followed how much later. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from scraper.status.web.figures import words
from scraper.storage import Member, Standing

PLACES = 100
"""Places along the line, from the first story to the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Appearance:
    """One outlet's version."""

    member: Member
    delay: str
    """After the first one, in words; empty for the first."""
    place: int
    """Along the line, 0 to PLACES."""
    relation: str
    """What it is to the story that it was compared with."""
    of: Member | None
    """That story, where it is of the same cluster."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """All versions, the first one first."""

    appearances: tuple[Appearance, ...]
    span: str
    """From the first to the last, in words."""
    summary: str


def timeline(members: Sequence[Member], names: Mapping[str, str] = MappingProxyType({})) -> Timeline:
    """Lay the members of a cluster out along time; `names` are those of outlets by id.

    Raises ValueError when there is no member.
    """
    ordered = sorted(members, key=lambda member: member.time)
    if not ordered:
        raise ValueError("a cluster has at least one member")
    first, last = ordered[0], ordered[-1]
    span = last.time - first.time
    by_id = {member.id: member for member in members}
    appearances = tuple(
        Appearance(
            member=member,
            delay="" if member is first else _delay(first.time, member.time),
            place=round((member.time - first.time) / span * PLACES) if span else 0,
            relation=_relation(member),
            of=by_id.get(member.judgement.of or "") if member.judgement else None,
        )
        for member in ordered
    )
    return Timeline(appearances=appearances, span=words(span), summary=_summary(ordered, span, names))


def _summary(ordered: Sequence[Member], span: timedelta, names: Mapping[str, str]) -> str:
    first, copies = ordered[0].outlet, len(ordered) - 1
    told = f"{names.get(first, first)} ran it first."
    if not copies:
        return told
    outlets = len({member.outlet for member in ordered})
    followed = f"{copies} further version{'s' * (copies != 1)} followed"
    return f"{told} {followed}, {outlets} outlet{'s' * (outlets != 1)} in all, within {words(span)}."


def _delay(first: datetime, moment: datetime) -> str:
    late = moment - first
    return "at the same time" if late < timedelta(seconds=1) else f"+{words(late)}"


def _relation(member: Member) -> str:
    if member.judgement is None:
        return "opened the cluster"
    fate = "" if member.standing is Standing.DROPPED else f", {member.standing.value}"
    return f"{member.judgement.relation.value}{fate}"
