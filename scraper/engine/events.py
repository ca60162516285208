"""What the line tells whoever watches it: values, one for each thing that happened."""

from collections.abc import Callable
from dataclasses import dataclass

from scraper.model.feed import FeedState, Poll
from scraper.model.verdict import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedAsked:
    """A poll has ended and is remembered."""

    state: FeedState
    """The state that the poll led to."""
    poll: Poll
    found: int
    """Entries that were new."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPushed:
    """A hub has pushed a feed's content; what was new in it is remembered."""

    feed: str
    outlet: str
    entries: int
    found: int
    """Entries that were new."""
    failure: str | None = None
    """Why the content gave no list of entries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StorySettled:
    """A verdict is durable."""

    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupCommitted:
    """Finished stories were judged and are durable."""

    stories: int
    seconds: float
    """From handing the group over until it was durable, waits included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WritingPaused:
    """The store cannot write; the line stands still until it can."""

    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WritingResumed:
    """The store writes again; nothing was lost in between."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """Opening the store mended what an unclean end had left."""

    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFailed:
    """A bug surfaced in a step. The entry stays pending and is tried again when its lease ends."""

    subject: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyMade:
    """Something new of the archive is in object storage."""

    url: str
    objects: int
    bytes: int
    articles: int | None
    """How many the archive has there; None when sealed files alone were brought."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyFailed:
    """Nothing can be brought to object storage; it is tried again, and told again once it went well in between."""

    url: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationTaken:
    """The configuration was read again and is sound; the line is being built anew with it."""

    outlets: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationRefused:
    """The configuration was read again and cannot be used; the one in force stays."""

    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSent:
    """Somebody was told of a change."""

    channel: str
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFailed:
    """Somebody was to be told of a change and could not be; it is tried again."""

    channel: str
    subject: str
    detail: str


Event = (
    FeedAsked
    | FeedPushed
    | StorySettled
    | GroupCommitted
    | WritingPaused
    | WritingResumed
    | Recovered
    | StepFailed
    | CopyMade
    | CopyFailed
    | ConfigurationTaken
    | ConfigurationRefused
    | AlertSent
    | AlertFailed
)
Observer = Callable[[Event], None]


def unobserved(_event: Event) -> None:
    """An observer that looks away."""


def hearing_of_stories(hear: Callable[[Outcome], None], observe: Observer) -> Observer:
    """The observer that lets `hear` know of each settled story, and passes everything on."""

    def heard(event: Event) -> None:
        if isinstance(event, StorySettled):
            hear(event.outcome)
        observe(event)

    return heard
