"""Whether what was read is a story, and if not, what it is."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from scraper.extraction.junk import MAX_JUNK
from scraper.extraction.language import language_of, stated_language
from scraper.extraction.listed import rule_lines
from scraper.extraction.normal import words
from scraper.model.outlet import Outlet
from scraper.model.page import Page
from scraper.model.verdict import Deferred, Dropped, DropReason
from scraper.settings import ExtractSettings

_CONSENT_WORDS = 3
_LISTED = 3
"""Headlines that are links, on a page without text, from which it is a list of stories."""
RETRY_ERROR_PAGE = timedelta(minutes=30)

_WIDE = re.compile("[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_WIDE_WORTH = 3
"""A Chinese, Japanese or Korean character says about as much as three letters."""
_ERROR = re.compile(
    r"\b(404|403|500|502|503|page not found|not found|halaman tidak ditemukan|tidak ditemukan|access denied|forbidden"
    r"|service unavailable|bad gateway|maintenance|just a moment|attention required|are you a robot|captcha"
    r"|seite nicht gefunden|page introuvable|página no encontrada)\b",
    re.IGNORECASE,
)
_CONSENT = re.compile(
    r"\b(cookies?|consent|zustimmung|datenschutz|einwilligung|privacy|gdpr|tracking|werbung|abo|consentement)\b",
    re.IGNORECASE,
)
_MEDIA_ADDRESS = re.compile(
    r"//(?:photo|foto|video|tv|galeri|gallery)s?\.|/(?:read)?(?:videos?|watch|fotos?|photos?|galler(?:y|ies)|galeri"
    r"|bilderstrecke|podcasts?|live-?tv|infografis)(?:/|-|$)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What the gate looks at."""

    title: str
    lines: Sequence[str]
    types: frozenset[str]
    """The schema.org types that the page declares for anything on it, in lower case."""
    live: bool = False
    """It declares its story a live blog."""
    paywalled: bool
    cut: bool
    """The text ends where a paywall begins."""
    link_blocks: int
    """Blocks of the page that are links alone."""
    headlines: int = 0
    """The same for those as long as a headline, of a page without text."""


@lru_cache(maxsize=1)
def _wall() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{rule})" for rule in rule_lines("paywall_lines")), re.IGNORECASE)


def is_cut(lines: Sequence[str], dropped: Sequence[str], stated_words: object) -> bool:
    """Whether the text of a story that is declared paid ends at its paywall: a line says so, or half of it lacks."""
    if any(len(line) <= MAX_JUNK and _wall().search(line) for line in dropped):
        return True
    try:
        stated = int(str(stated_words))
    except ValueError:
        return False
    return sum(len(words(line)) for line in lines) < stated / 2


def weight(lines: Sequence[str]) -> int:
    """Length of a text in letters, where a wide character counts as several."""
    text = "".join(lines)
    return len(text) + (_WIDE_WORTH - 1) * len(_WIDE.findall(text))


def judge(finding: Finding, page: Page, outlet: Outlet, settings: ExtractSettings) -> Dropped | Deferred | None:
    """Why this is no story to be kept; None when it is one."""
    length = weight(finding.lines)
    if finding.live and not settings.keep_live_blogs:
        return Dropped(reason=DropReason.LIVE_BLOG, detail="the page declares itself a live blog")
    if finding.paywalled and finding.cut and not (settings.keep_paywalled or outlet.policy.keep_paywalled):
        return Dropped(reason=DropReason.PAYWALLED, detail=f"only {length} characters of a paid story are shown")
    least = outlet.policy.min_characters or settings.min_characters
    if length < least:
        return _why_short(finding, page, length, least)
    return _foreign(finding.lines, outlet)


def _foreign(lines: Sequence[str], outlet: Outlet) -> Dropped | None:
    """A story whose own words show a language that the outlet's file does not name."""
    named = [stated_language(code) or code for code in outlet.languages]
    language, shown = language_of("\n".join(lines), tuple(named))
    if not named or not shown or language in named:
        return None
    return Dropped(reason=DropReason.WRONG_LANGUAGE, detail=f"written in {language}, not in {', '.join(named)}")


def _why_short(finding: Finding, page: Page, length: int, least: int) -> Dropped | Deferred:
    said = f"{length} of at least {least} characters"
    if _ERROR.search(finding.title):
        return Deferred(
            reason=DropReason.ERROR_PAGE,
            detail=f"an error page answered with status 200: {finding.title!r}",
            until=page.fetched_at + RETRY_ERROR_PAGE,
        )
    reason = DropReason.TOO_SHORT if length else DropReason.NO_TEXT
    if len(_CONSENT.findall(" ".join(finding.lines))) > _CONSENT_WORDS:
        reason = DropReason.CONSENT_WALL
    elif finding.paywalled:
        reason = DropReason.PAYWALLED
    elif finding.types & {"videoobject", "imagegallery", "mediagallery", "podcastepisode"} or _MEDIA_ADDRESS.search(
        page.url
    ):
        reason = DropReason.MEDIA_PAGE
    elif finding.headlines >= _LISTED or finding.link_blocks > 10 + 2 * len(words(" ".join(finding.lines))) ** 0.5:
        reason = DropReason.LIST_PAGE
    return Dropped(reason=reason, detail=said)
