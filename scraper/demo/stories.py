"""What the invented outlets print: read from `stories/*.toml`, copies made from their originals."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from importlib.resources import files
from typing import Any


class Kind(StrEnum):
    """What stands at a story's address."""

    ARTICLE = "article"
    PHOTO = "photo"
    PAYWALLED = "paywalled"
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One page, or run of pages, of one outlet."""

    site: str
    number: int
    """Unique on its site and the same in every run."""
    slug: str
    title: str
    paragraphs: tuple[str, ...]
    """Sub-headings among them start with `## `."""
    published: datetime
    place: str | None = None
    author: str | None = None
    editor: str | None = None
    section: str = ""
    pages: tuple[int, ...] = ()
    """How many paragraphs stand on each page; empty when all stand on one."""
    kind: Kind = Kind.ARTICLE
    closed: bool = False
    """robots.txt asks to leave its address alone."""
    hard_spaces: bool = False
    round: int = 1
    """From which round on it is published."""
    outcome: str | None = None
    """The reason for which a collector should drop it; None when it should keep it."""
    copy_of: str | None = None
    """`site/slug` of the story that this one repeats."""
    agencies: tuple[str, ...] = ()
    note: str = ""
    """What is worth seeing about it."""

    @property
    def name(self) -> str:
        """How other stories refer to it."""
        return f"{self.site}/{self.slug}"


def read_stories(now: datetime) -> dict[str, tuple[Story, ...]]:
    """All stories by site, each published some minutes before `now`, newest first."""
    raw = {path.name.removesuffix(".toml"): tomllib.loads(path.read_text("utf-8")) for path in _stories()}
    originals = {f"{site}/{one['slug']}": one for site, table in raw.items() for one in table["story"]}
    now = now.replace(second=0, microsecond=0)
    return {
        site: tuple(
            sorted(
                (_story(site, number, one, originals, now) for number, one in enumerate(table["story"], start=4101)),
                key=lambda story: story.published,
                reverse=True,
            )
        )
        for site, table in raw.items()
    }


def _stories() -> Sequence[Any]:
    found = files("scraper.demo").joinpath("stories").iterdir()
    return sorted((path for path in found if path.name.endswith(".toml")), key=lambda path: path.name)


def _story(
    site: str, number: int, one: Mapping[str, Any], originals: Mapping[str, Mapping[str, Any]], now: datetime
) -> Story:
    origin = originals[one["copy_of"]] if "copy_of" in one else {}
    paragraphs = _paragraphs(origin.get("text", "") or one.get("text", ""))
    if "lead" in one:
        paragraphs = (one["lead"], *paragraphs[1:])
    return Story(
        site=site,
        number=number,
        slug=one["slug"],
        title=one["title"],
        paragraphs=paragraphs[: one.get("keep")],
        published=now - timedelta(minutes=one["minutes"]),
        place=one.get("place"),
        author=one.get("author"),
        editor=one.get("editor"),
        section=one.get("section", ""),
        pages=tuple(one.get("pages", ())),
        kind=Kind(one.get("kind", "article")),
        closed=one.get("closed", False),
        hard_spaces=one.get("hard_spaces", False),
        round=one.get("round", 1),
        outcome="duplicate" if origin else one.get("outcome"),
        copy_of=one.get("copy_of"),
        agencies=tuple(one.get("agencies", ())),
        note=one.get("note", ""),
    )


def _paragraphs(text: str) -> tuple[str, ...]:
    return tuple(" ".join(part.split()) for part in text.split("\n\n") if part.strip())
