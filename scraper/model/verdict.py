"""What became of an entry: kept, dropped with a reason, or deferred to a later try."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from scraper.model.article import Article
from scraper.model.entry import Pending
from scraper.model.page import Page


class Relation(StrEnum):
    """How a story stands to the nearest one already known."""

    NEW = "new"
    COPY = "copy"
    UPDATE = "update"
    """A later version of the same outlet's own story."""
    RELATED = "related"
    """Shares text, but is a story of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What the near-duplicate judge sees of a draft."""

    id: str
    outlet: str
    group: str | None
    language: str | None
    time: datetime
    """Publication time where known, else when it was found."""
    title: str
    text: str
    agencies: tuple[str, ...] = ()
    dateline: str | None = None
    prepared: bytes | None = None
    """See `Draft.prepared`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The near-duplicate judge's finding, with its evidence."""

    relation: Relation
    cluster: str
    """Id of the story that opened the cluster; the story's own id when it is new."""
    of: str | None = None
    """The known story that it was compared with, where one came near."""
    similarity: float = 0.0
    """The greater of containment and resemblance, 0 to 1."""
    containment: float = 0.0
    resemblance: float = 0.0
    why: str = ""
    """One sentence for a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A judgement together with what must be remembered to make the next ones."""

    judgement: Judgement
    fingerprint: bytes
    """Opaque to all rooms but dedup; it names its own kind and is stored with the catalog row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """A judged story, kept or not, as the catalog remembers it: all that the next judgements need of it."""

    seq: int
    """The catalog row's number: greater for rows that were committed later, never given twice."""
    id: str
    outlet: str
    group: str | None
    time: datetime
    cluster: str
    fingerprint: bytes


class DropReason(StrEnum):
    """Why a story was not kept. The value is what users see and filter by."""

    DUPLICATE = "duplicate"
    UPDATE = "update"
    TOO_SHORT = "too-short"
    NO_TEXT = "no-text"
    LIST_PAGE = "list-page"
    MEDIA_PAGE = "media-page"
    LIVE_BLOG = "live-blog"
    PAYWALLED = "paywalled"
    WRONG_LANGUAGE = "wrong-language"
    ERROR_PAGE = "error-page"
    CONSENT_WALL = "consent-wall"
    NOT_HTML = "not-html"
    NOT_AN_ARTICLE = "not-an-article"
    TOO_OLD = "too-old"
    OUT_OF_RANGE = "out-of-range"
    SUPERSEDED = "superseded"
    """Was kept until a better version of the story came, by the setting dedup.keep."""
    SAME_TEXT = "same-text"
    QUARANTINED = "quarantined"
    UNREADABLE = "unreadable"
    GONE = "gone"
    ROBOTS = "robots"
    REFUSED_ADDRESS = "refused-address"
    TOO_LARGE = "too-large"
    FETCH_FAILED = "fetch-failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The story is saved."""

    article: Article
    judged: Judged
    supersedes: str | None = None
    """Id of the article that was kept of its cluster until now and that this one is preferred to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """The story is not saved, for good."""

    reason: DropReason
    detail: str
    article: Article | None = None
    """The extracted story, where there is one: a duplicate is recorded in its cluster."""
    judged: Judged | None = None

    @classmethod
    def for_age(cls, reason: DropReason, published: datetime, why: str) -> "Dropped":
        """A story that is dropped only for when it was published; its detail tells `published_in` that."""
        return cls(reason=reason, detail=f"published {published.isoformat()}, {why}")


def published_in(detail: str) -> datetime | None:
    """When a story was published that was dropped for its age, by the verdict's detail."""
    word, _, rest = detail.partition(" ")
    try:
        return datetime.fromisoformat(rest.partition(",")[0]) if word == "published" else None
    except ValueError:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deferred:
    """The story is tried again."""

    reason: DropReason
    """What it would be dropped for if the last try ended the same way."""
    detail: str
    until: datetime
    tried: bool = True
    """False when no try is used up: the page was not asked for after all, or the machine had no time to read it."""


Verdict = Kept | Dropped | Deferred


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A verdict on its way into the store."""

    pending: Pending
    verdict: Verdict
    aliases: tuple[str, ...] = ()
    """Further keys of the same article (its final and canonical URLs), seen from now on."""
    pages: tuple[Page, ...] = ()
    """Raw pages for the archive; empty unless the archive is on."""
    degraded: tuple[str, ...] = ()
    """See `Draft.degraded`. Not kept with the story: what it says of the outlet is learnt from it."""
