"""What a person can do about a story that was not kept."""

from typing import assert_never

from scraper.model.verdict import DropReason

_SHOWN = "`scraper extract {url} --outlet {outlet}` shows what the page yields"
_FILE = "config/outlets/{outlet}.toml"
_MENDED = frozenset(
    {
        *(DropReason.TOO_SHORT, DropReason.NO_TEXT, DropReason.LIVE_BLOG, DropReason.PAYWALLED),
        *(DropReason.WRONG_LANGUAGE, DropReason.NOT_AN_ARTICLE, DropReason.REFUSED_ADDRESS),
        *(DropReason.TOO_LARGE, DropReason.UNREADABLE, DropReason.FETCH_FAILED),
    }
)
"""Reasons that a rule, a setting or a server that answers again takes away."""


def advice(reason: DropReason, *, outlet: str, url: str) -> str:
    """One or two sentences; what is named in them is a setting, a command or a file."""
    again = " Then `scraper retry {url}`." if reason in _MENDED else ""
    return (_advice(reason) + again).format(outlet=outlet, url=url)


def _advice(reason: DropReason) -> str:  # noqa: C901, PLR0911, PLR0912 - one line for each reason
    match reason:
        case DropReason.DUPLICATE:
            return "nothing: its story is kept once. dedup.keep_duplicates saves the texts of copies too."
        case DropReason.UPDATE:
            return "nothing: its story is kept. dedup.keep_updates saves later versions as articles of their own."
        case DropReason.SUPERSEDED:
            return "nothing: a better version of the story took its place, by the setting dedup.keep."
        case DropReason.SAME_TEXT:
            return "nothing: the page says what is saved already."
        case DropReason.TOO_SHORT:
            return f"{_SHOWN}. If it is whole, lower [policy] min_characters in {_FILE}, or extract.min_characters."
        case DropReason.NO_TEXT:
            return f"{_SHOWN}. If readers see a text there, name its element in [selectors] body of {_FILE}."
        case DropReason.LIST_PAGE | DropReason.MEDIA_PAGE:
            return f"{_SHOWN}. If it is no article, [articles] exclude in {_FILE} spares fetching its like."
        case DropReason.LIVE_BLOG:
            return "set extract.keep_live_blogs to save such pages as they stand when they are fetched."
        case DropReason.PAYWALLED:
            return f"set [policy] keep_paywalled in {_FILE}, or extract.keep_paywalled, to save what is public."
        case DropReason.WRONG_LANGUAGE:
            return f"if it is wanted, add its language to `languages` in {_FILE}."
        case DropReason.ERROR_PAGE | DropReason.CONSENT_WALL:
            return f"{_SHOWN}. If readers get the story there, the server answers programs with something else."
        case DropReason.NOT_HTML:
            return f"nothing, if it is no article; [articles] exclude in {_FILE} spares fetching its like."
        case DropReason.NOT_AN_ARTICLE:
            return f"if it is an article, change [articles] include or exclude in {_FILE}."
        case DropReason.TOO_OLD:
            return (
                f"`scraper backfill --outlet {{outlet}}` takes older stories; [policy] max_age in {_FILE} is the limit."
            )
        case DropReason.OUT_OF_RANGE:
            return "ask `scraper backfill` for a wider --since and --until."
        case DropReason.QUARANTINED:
            return "nothing: the page is kept in quarantine/ of the data directory, for a bug report."
        case DropReason.UNREADABLE:
            return f"{_SHOWN}. extract.page_timeout and extract.worker_memory are the limits."
        case DropReason.GONE:
            return "nothing: the publisher has taken it away."
        case DropReason.ROBOTS:
            return "ask the publisher: robots.txt says that programs are not wanted there."
        case DropReason.REFUSED_ADDRESS:
            return "nothing, unless the network is yours: fetch.allow_networks lets it through."
        case DropReason.TOO_LARGE:
            return "if it is wanted, raise extract.max_page_bytes, or fetch.page_wire_limit and fetch.decoded_limit."
        case DropReason.FETCH_FAILED:
            return "see whether the page opens in a browser; store.max_attempts says how often it is tried."
        case _:
            assert_never(reason)
