"""Turns what happens on the line into log records, each with outlet, feed, URL and article id where they are known."""

from collections.abc import Callable
from dataclasses import asdict
from typing import assert_never

from scraper.engine.events import (
    AlertFailed,
    AlertSent,
    ConfigurationRefused,
    ConfigurationTaken,
    CopyFailed,
    CopyMade,
    Event,
    FeedAsked,
    FeedPushed,
    GroupCommitted,
    Recovered,
    StepFailed,
    StorySettled,
    WritingPaused,
    WritingResumed,
)
from scraper.logs import Log
from scraper.model.feed import Listed, NotModified, PollFailed
from scraper.model.verdict import Deferred, Dropped, Kept, Outcome


def announcer(log: Log) -> Callable[[Event], None]:
    """An observer of the line that writes to the log."""

    def announce(event: Event) -> None:
        match event:
            case FeedAsked() | FeedPushed():
                _announce_feed(log, event)
            case StorySettled():
                _announce_story(log, event.outcome)
            case GroupCommitted(stories=stories, seconds=seconds):
                log.debug("committed", stories=stories, seconds=round(seconds, 4))
            case StepFailed():
                log.error("step failed", subject=event.subject, detail=event.detail)
            case CopyMade() | CopyFailed():
                _announce_copy(log, event)
            case ConfigurationTaken() | ConfigurationRefused() | AlertSent() | AlertFailed():
                _announce_service(log, event)
            case _:
                _announce_writing(log, event)

    return announce


def _announce_copy(log: Log, event: CopyMade | CopyFailed) -> None:
    match event:
        case CopyMade(url=url, objects=objects, bytes=size, articles=articles):
            log.info("copied to object storage", url=url, files=objects, bytes=size, articles=articles)
        case CopyFailed(url=url, detail=detail):
            log.error("cannot copy to object storage; it is tried again", url=url, detail=detail)
        case _:
            assert_never(event)


def _announce_service(log: Log, event: ConfigurationTaken | ConfigurationRefused | AlertSent | AlertFailed) -> None:
    match event:
        case ConfigurationTaken():
            log.info("configuration read again", outlets=event.outlets)
        case ConfigurationRefused():
            log.error("configuration refused; the one in force stays", faults=list(event.faults))
        case AlertSent():
            log.info("alert sent", channel=event.channel, subject=event.subject)
        case AlertFailed():
            log.error("alert not sent; it is tried again", **asdict(event))
        case _:
            assert_never(event)


def _announce_writing(log: Log, event: WritingPaused | WritingResumed | Recovered) -> None:
    match event:
        case WritingPaused():
            log.error("writing paused; nothing is lost, it goes on by itself", detail=event.detail)
        case WritingResumed():
            log.warning("writing resumed")
        case Recovered():
            log.warning("recovered", detail=event.detail)
        case _:
            assert_never(event)


def _announce_feed(log: Log, event: FeedAsked | FeedPushed) -> None:
    if isinstance(event, FeedPushed):
        _announce_push(log, event)
        return
    state = event.state
    about = log.bind(outlet=state.outlet, feed=state.url)
    due = state.next_due.isoformat(timespec="seconds")
    match event.poll:
        case PollFailed(detail=detail, put_off=True):
            about.info("feed put off", detail=detail, next_due=due)
        case PollFailed(detail=detail, status=status):
            about.warning("feed failed", detail=detail, status=status, failures=state.failures, next_due=due)
        case NotModified():
            about.debug("feed unchanged", next_due=due)
        case Listed(listing=listing):
            about.info("feed listed", entries=len(listing.entries), found=event.found, next_due=due)
        case _:
            assert_never(event.poll)


def _announce_push(log: Log, event: FeedPushed) -> None:
    about = log.bind(outlet=event.outlet, feed=event.feed)
    if event.failure is None:
        about.info("feed pushed", entries=event.entries, found=event.found)
    else:
        about.warning("feed pushed, and it cannot be read; it is polled instead", detail=event.failure)


def _announce_story(log: Log, outcome: Outcome) -> None:
    entry, verdict = outcome.pending.entry, outcome.verdict
    about = log.bind(outlet=entry.outlet, url=entry.url)
    match verdict:
        case Kept(article=article):
            about.info("kept", article=article.id, title=article.title, characters=len(article.text))
        case Dropped(reason=reason, detail=detail):
            about.info("dropped", reason=reason.value, detail=detail)
        case Deferred(reason=reason, detail=detail, until=until):
            about.info("deferred", reason=reason.value, detail=detail, until=until.isoformat(timespec="seconds"))
        case _:
            assert_never(verdict)
