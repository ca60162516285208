"""From a reading to a verdict: a new story, a copy, or a new revision of what is kept."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import assert_never

from scraper import urls
from scraper.engine.decisions import after_defect, defect
from scraper.engine.ports import Deduplicator, LearnedJunk, Store
from scraper.engine.steps import Reading
from scraper.model.article import Article, Draft
from scraper.model.entry import Pending
from scraper.model.outlet import Outlet
from scraper.model.verdict import Deferred, Dropped, DropReason, Judged, Kept, Outcome, Relation, Story, Verdict
from scraper.settings import Settings

AHEAD_OF_TIME = timedelta(hours=24)
"""A publication time further in the future than this is a mistake of the page's."""
_WORD = re.compile(r"\w+")

Prefers = Callable[[Article, Article], bool]
"""Whether a new version of a story is preferred to the one that is kept."""
Previous = Callable[[str], Article | None]
"""Gives the newest revision of a kept article by its id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A story that was read, or could not be, and waits for its verdict."""

    pending: Pending
    outlet: Outlet
    result: Reading | Dropped | Deferred


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """What became durable, and the defects of ours that were met: the address and what went wrong."""

    outcomes: tuple[Outcome | None, ...]
    """In the order of the group; None for a page at hand that nobody wants any more."""
    defects: tuple[tuple[str, str], ...] = ()


Remember = Mapping[str, bytes | None]
"""Values to be kept under their names; None forgets what stood there."""
CommitElsewhere = Callable[[Sequence[Finished], Remember], Committed]
"""Settles and commits a group where the store is. May be called again with the same group when it fails."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settler:
    """Gives entries their verdicts, one after the other; the near-duplicate judge sees them in that order."""

    deduplicator: Deduplicator
    junk: LearnedJunk
    previous: Previous
    kept_version: Previous
    """Gives the version that is kept of a cluster."""
    prefers: Prefers
    settings: Settings
    standing: dict[str, Article] = field(default_factory=dict)
    """What is kept of the clusters judged last, for the rules of `keep` that compare versions."""

    def settle_rest(
        self,
        group: Sequence[Finished],
        outcomes: list[Outcome | None],
        store: Store,
        now: datetime,
        met_defect: Callable[[str, str], None],
    ) -> None:
        """Settle those of a group that have no outcome yet, behind the `outcomes` of those before them.

        None stands for a page at hand that nobody wants any more. A story that our own code fails on is put back, and
        the others go on; `met_defect` is told its address and what went wrong.
        """
        rest = group[len(outcomes) :]
        at_hand = [finished.pending.entry.key for finished in rest if finished.pending.at_hand]
        wanted = store.wanted(at_hand) if at_hand else frozenset()
        settled = {key for outcome in outcomes if outcome for key in _keys(outcome)}
        for finished in rest:
            pending = finished.pending
            if pending.at_hand and (pending.entry.key in settled or pending.entry.key not in wanted):
                outcomes.append(None)
                continue
            try:
                outcome = self.settle(finished.result, pending, finished.outlet)
            except Exception as error:  # noqa: BLE001 - one story's defect must not stop the group it travels with
                detail = defect(error)
                met_defect(pending.entry.url, detail)
                verdict = after_defect(detail, pending, self.settings.store.max_attempts, now)
                outcome = Outcome(pending=pending, verdict=verdict)
            outcomes.append(outcome)
            settled.update(_keys(outcome))

    def settle(self, result: Reading | Dropped | Deferred, pending: Pending, outlet: Outlet) -> Outcome:
        """Judge a reading and give the entry its verdict. A drop or deferral stands as it is."""
        if isinstance(result, Deferred) and not result.tried:
            pending = replace(pending, attempts=max(0, pending.attempts - 1))
        if not isinstance(result, Reading):
            return Outcome(pending=pending, verdict=result)
        result = self._without_furniture(result, outlet)
        verdict = self._judge(result, outlet) if pending.revision_of is None else self._revise(result, outlet)
        self._remember(verdict)
        return Outcome(
            pending=pending,
            verdict=verdict,
            aliases=_aliases(result, outlet),
            pages=result.pages if self.settings.store.archive else (),
            degraded=result.draft.degraded,
        )

    def _without_furniture(self, reading: Reading, outlet: Outlet) -> Reading:
        """The reading without the lines that recur across the outlet's articles; they stay on record."""
        draft, article_id = reading.draft, reading.pending.revision_of or urls.article_id(reading.pending.entry.key)
        story, furniture = self.junk.judge(outlet.id, draft.text, draft.looks)
        self.junk.learn(outlet.id, draft.text, article_id, draft.looks)
        if not furniture:
            return reading
        draft = replace(draft, text="\n".join(story), dropped_lines=(*draft.dropped_lines, *furniture))
        return replace(reading, draft=draft)

    def _judge(self, reading: Reading, outlet: Outlet) -> Verdict:
        article_id = urls.article_id(reading.pending.entry.key)
        judged = self.deduplicator.consider(story_of(reading, outlet, article_id))
        article = article_of(reading, outlet, article_id, judged.judgement.cluster)
        verdict = _verdict(article, judged, self.settings)
        if isinstance(verdict, Kept) or self.settings.dedup.keep == "first":
            return verdict
        # The store does not know of a version that waits for its commit in the same group.
        standing = self.standing.get(judged.judgement.cluster) or self.kept_version(judged.judgement.cluster)
        if standing is None or not self.prefers(article, standing):
            return verdict
        return Kept(article=article, judged=judged, supersedes=standing.id)

    def _remember(self, verdict: Verdict) -> None:
        """Know what is kept of a cluster until its group is durable for sure."""
        if not isinstance(verdict, Kept) or self.settings.dedup.keep == "first":
            return
        self.standing.pop(verdict.article.cluster, None)
        self.standing[verdict.article.cluster] = verdict.article
        while len(self.standing) > 2 * self.settings.store.commit_articles:
            del self.standing[next(iter(self.standing))]

    def _revise(self, reading: Reading, outlet: Outlet) -> Verdict:
        """A story that was looked at again: a new revision where its words really changed, in the same cluster."""
        article_id = reading.pending.revision_of or ""
        before = self.previous(article_id)
        if before is None:
            return Dropped(reason=DropReason.SAME_TEXT, detail="the article looked at again is not kept any more")
        article = article_of(reading, outlet, article_id, before.cluster)
        if _words(article) == _words(before):
            return Dropped(reason=DropReason.SAME_TEXT, detail=f"says what revision {before.revision} says")
        judged = self.deduplicator.consider(story_of(reading, outlet, article_id))
        return Kept(article=replace(article, revision=before.revision + 1, found_at=before.found_at), judged=judged)


def _keys(outcome: Outcome) -> tuple[str, ...]:
    """All keys under which its story is known."""
    return (outcome.pending.entry.key, *outcome.aliases)


def commit_group(
    settler: Settler, store: Store, group: Sequence[Finished], now: datetime, remember: Callable[[], Remember]
) -> Committed:
    """Settle a group and make it durable.

    `remember` is asked, once the group is settled, for what is to be kept with it.
    """
    outcomes: list[Outcome | None] = []
    defects: list[tuple[str, str]] = []
    settler.settle_rest(group, outcomes, store, now, lambda *defect: defects.append(defect))
    store.commit([outcome for outcome in outcomes if outcome], now, remember())
    return Committed(outcomes=tuple(outcomes), defects=tuple(defects))


def _words(article: Article) -> list[str]:
    return _WORD.findall(f"{article.title or ''}\n{article.text}".casefold())


def story_of(reading: Reading, outlet: Outlet, article_id: str) -> Story:
    """What the near-duplicate judge is to see."""
    draft, pending = reading.draft, reading.pending
    return Story(
        id=article_id,
        outlet=outlet.id,
        group=outlet.group,
        language=draft.language,
        time=_story_time(draft, pending),
        title=draft.title or pending.entry.title or "",
        text=draft.text,
        agencies=draft.agencies,
        dateline=draft.dateline.verbatim if draft.dateline else None,
        prepared=draft.prepared,
    )


def _story_time(draft: Draft, pending: Pending) -> datetime:
    published = draft.published or pending.entry.published
    if published is None or published > pending.found_at + AHEAD_OF_TIME:
        return pending.found_at
    return published


def article_of(reading: Reading, outlet: Outlet, article_id: str, cluster: str) -> Article:
    """The record as it is saved."""
    draft, entry = reading.draft, reading.pending.entry
    origins = dict(draft.origins)
    title, published, authors = draft.title, draft.published, draft.authors
    if title is None and entry.title:
        title, origins["title"] = entry.title, "feed"
    if published is None and entry.published is not None:
        published, origins["published"] = entry.published, "feed"
    if not authors and entry.authors:
        authors, origins["authors"] = entry.authors, "feed"
    first = reading.pages[0] if reading.pages else None
    return Article(
        id=article_id,
        revision=0,
        outlet=outlet.id,
        url=first.url if first else entry.url,
        canonical_url=draft.canonical_url,
        title=title,
        text=draft.text,
        published=published,
        modified=draft.modified,
        found_at=reading.pending.found_at,
        fetched_at=first.fetched_at if first else reading.pending.found_at,
        language=draft.language,
        authors=authors,
        editors=draft.editors,
        dateline=draft.dateline,
        agencies=draft.agencies,
        section=draft.section,
        tags=draft.tags,
        image=draft.image,
        paywalled=draft.paywalled,
        from_feed=draft.from_feed,
        pages=tuple(page.url for page in reading.pages),
        source=entry.source,
        cluster=cluster,
        dropped_lines=draft.dropped_lines,
        origins=origins,
    )


def _verdict(article: Article, judged: Judged, settings: Settings) -> Verdict:
    match judged.judgement.relation:
        case Relation.NEW | Relation.RELATED:
            return Kept(article=article, judged=judged)
        case Relation.COPY:
            reason = DropReason.DUPLICATE
        case Relation.UPDATE:
            if settings.dedup.keep_updates:
                return Kept(article=article, judged=judged)
            reason = DropReason.UPDATE
        case _:
            assert_never(judged.judgement.relation)
    return Dropped(reason=reason, detail=judged.judgement.why, article=article, judged=judged)


def _aliases(reading: Reading, outlet: Outlet) -> tuple[str, ...]:
    """Other keys of the same article, so that it is known by its final and its canonical address too."""
    addresses = [page.url for page in reading.pages[:1]]
    canonical = reading.draft.canonical_url
    if canonical and urls.same_site(canonical, reading.pending.entry.url):
        addresses.append(canonical)
    keys = dict.fromkeys(urls.entry_key(outlet, address) for address in addresses)
    return tuple(key for key in keys if key != reading.pending.entry.key)
