"""The application: an address a page, each page a template and what it is filled with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta, tzinfo
from importlib.resources import files
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from scraper.clock import Clock
from scraper.model.failures import ScraperError
from scraper.polling import habit
from scraper.status.web import figures, wording
from scraper.status.web.access import ENTRANCE, Gate, admit
from scraper.status.web.chart import Chart
from scraper.status.web.comparison import compare
from scraper.status.web.drawing import HALF, WIDE, draw
from scraper.status.web.heat import heat_map
from scraper.status.web.reading import MOST_COUNTED, Reading, Snapshot, Wish
from scraper.status.web.timeline import PLACES, timeline
from scraper.storage import Archive, Member, Standing
from scraper.version import __version__

_DAY = timedelta(days=1)
_LONGEST_QUESTION = 300
OUTLETS = 300
"""Lines on a page of outlets."""
_PACKAGE = "scraper.status.web"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How the page is shown, and to whom."""

    zone: str = "UTC"
    """The time zone of the times on it, by its IANA name."""
    token: str | None = None
    hosts: tuple[str, ...] = ()
    """Further names under which it is reached."""
    names: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Names of outlets by their ids."""


def application(pages: "Pages", look: Look, clock: Clock) -> Gate:
    """The whole application, its gate before it."""
    routes = [
        Route("/", pages.overview),
        Route("/outlets", pages.outlets),
        Route("/outlets/{outlet:path}", pages.outlet),
        Route("/articles", pages.articles),
        Route("/articles/{identity}", pages.article),
        Route("/stories", pages.stories),
        Route("/stories/{cluster}", pages.story),
        Route("/why", pages.why),
        Route(ENTRANCE, pages.entrance, methods=["GET", "POST"]),
        Route("/static/steps.css", _steps),
        Mount("/static", StaticFiles(directory=str(files(_PACKAGE).joinpath("static")))),
    ]
    app = Starlette(
        routes=routes,
        exception_handlers={HTTPException: pages.problem, ScraperError: pages.problem, Exception: pages.problem},
    )
    return Gate(app, clock, look.hosts, look.token)


class Pages:
    """One method an address. Those that read run in threads, so that none waits for another."""

    def __init__(self, reading: Reading, look: Look, clock: Clock) -> None:
        self._reading = reading
        self._look = look
        self._clock = clock
        self._zone: tzinfo = ZoneInfo(look.zone)
        self._drawn: tuple[Snapshot | None, dict[str, Any]] = None, {}
        """The charts of the snapshot that was shown last."""
        self._templates = _environment(look, self._zone)
        # Compiled now, so that the first reader need not wait for it.
        self._pages = {name: self._templates.get_template(name) for name in self._templates.list_templates()}

    def _page(self, name: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        values = {"now": self._clock(), "status": status, **values}
        return HTMLResponse(self._pages[name].render(**values), status_code=status)

    def prepare(self, shot: Snapshot) -> None:
        """Draw the overview's charts of a snapshot, so that who asks for it next finds them drawn."""
        for chart, wide in ((chart, name == "by_hour") for name, chart in self._charts(shot).items()):
            if not chart.empty:
                _drawn(chart, self._look, wide=wide)

    def _charts(self, shot: Snapshot) -> dict[str, Any]:
        drawn, charts = self._drawn
        if drawn is not shot:
            top = figures.leading(shot.hours, shot.days)
            charts = {
                "by_hour": figures.by_hour(shot.hours, shot.at, self._zone, top),
                "by_day": figures.by_day(shot.days, shot.at, top),
                "fates": figures.fates(shot.days, shot.at),
                "copied": figures.copied(shot.days, shot.at),
            }
            self._drawn = shot, charts
        return charts

    def overview(self, request: Request) -> Response:
        """How the collection is doing."""
        shot = self._reading.snapshot()
        recent = [line for line in shot.hours if line.hour > shot.at - _DAY]
        return self._page(
            "overview.html",
            now=shot.at,
            shot=shot,
            numbers=_numbers(request),
            kept_lately=sum(line.kept for line in recent),
            copies_lately=sum(line.copies for line in recent),
            dropped_lately=sum(line.dropped for line in recent),
            lag=figures.lag(recent),
            **self._charts(shot),
        )

    def outlets(self, request: Request) -> Response:
        """Every outlet, a line each, those that need attention first; so many on a page."""
        shot = self._reading.snapshot()
        lately: dict[str, int] = {}
        for line in shot.hours:
            if line.hour > shot.at - _DAY:
                lately[line.outlet] = lately.get(line.outlet, 0) + line.kept
        troubled = {trouble.outlet for trouble in shot.overview.troubles}
        lines = sorted(
            shot.overview.outlets, key=lambda line: (line.outlet not in troubled, not line.feeds_failing, line.outlet)
        )
        first = _number(request.query_params.get("from", "")) or 0
        return self._page(
            "outlets.html",
            now=shot.at,
            shot=shot,
            lately=lately,
            troubled=troubled,
            lines=lines[first : first + OUTLETS],
            first=first,
            further=first + OUTLETS if first + OUTLETS < len(lines) else None,
        )

    def outlet(self, request: Request) -> Response:
        """One outlet: habit, feeds, health, yield."""
        name = request.path_params["outlet"]
        shot = self._reading.snapshot()
        line = next((line for line in shot.overview.outlets if line.outlet == name), None)
        if line is None:
            raise HTTPException(404, "No outlet of this name has been polled or collected here.")
        with self._reading.archive() as archive:
            feeds = archive.feeds(name)
            hours = archive.hours(shot.at - 14 * _DAY, shot.at, name)
            mishaps = archive.mishaps(8, name)
        habits = [rates for state in feeds if (rates := habit(state)) is not None]
        return self._page(
            "outlet.html",
            now=shot.at,
            line=line,
            wrong=shot.overview.findings_beside_feeds(name),
            feeds=[(state, shot.overview.findings(state.url)) for state in feeds],
            heat=heat_map([sum(rates) for rates in zip(*habits, strict=True)], self._zone, shot.at),
            extracted=figures.extracted(shot.days, name, shot.at),
            fates=figures.fates(shot.days, shot.at, name),
            lag=figures.lag(hours),
            mishaps=mishaps,
            found=self._reading.find(Wish(outlet=name), 8),
            numbers=_numbers(request),
        )

    def articles(self, request: Request) -> Response:
        """Leaf through the articles, or search them."""
        asked = request.query_params
        words = asked.get("q", "")[:_LONGEST_QUESTION].strip()
        if words.startswith(("http://", "https://")):
            return RedirectResponse(f"/why?{urlencode({'story': words})}", 303)
        wish = Wish(
            words=words,
            outlet=asked.get("outlet") or None,
            language=asked.get("language") or None,
            day=_day(asked.get("day", "")),
            before=_number(asked.get("before", "")),
        )
        shot = self._reading.snapshot()
        found = self._reading.find(wish)
        outlets = [line.outlet for line in shot.overview.outlets if line.kept]
        kept = {name: value for name, value in asked.items() if name in {"q", "outlet", "language", "day"} and value}
        return self._page(
            "articles.html",
            wish=wish,
            found=found,
            outlets=outlets if len(outlets) <= OUTLETS else None,
            most=MOST_COUNTED,
            older=urlencode({**kept, "before": found.more}) if found.more is not None else None,
            index_trouble=self._reading.index_trouble,
        )

    def article(self, request: Request) -> Response:
        """One article with everything known about it."""
        identity = request.path_params["identity"]
        with self._reading.archive() as archive:
            history = archive.explain(identity, thorough=False)
            if history is None:
                raise HTTPException(404, "No article of this number was ever seen here.")
            copy = history.standing is Standing.DROPPED
            article = self._reading.text(archive, history.article_id or identity, copy=copy)
        if article is None:
            return self._page("why.html", story=history.url, history=history)
        return self._page("article.html", article=article, history=history, is_copy=copy)

    def stories(self, _: Request) -> Response:
        """The stories that were copied lately."""
        shot = self._reading.snapshot()
        return self._page("stories.html", now=shot.at, shot=shot)

    def story(self, request: Request) -> Response:
        """One story cluster: who was first, who followed, and two versions side by side."""
        with self._reading.archive() as archive:
            history = archive.explain(request.path_params["cluster"], thorough=False)
            if history is None or not history.cluster:
                raise HTTPException(404, "No story of this number has more than one version here.")
            line = timeline(history.cluster, self._look.names)
            other = _chosen(line, request.query_params.get("with", ""))
            first = _counterpart(line, other)
            texts = {member.id: self._text(archive, member) for member in (first, other) if member}
        left, right = (texts.get(member.id) if member else None for member in (first, other))
        return self._page(
            "story.html",
            line=line,
            first=first,
            other=other,
            comparison=compare(left, right) if left is not None and right is not None else None,
            left=left,
            right=right,
        )

    def _text(self, archive: Archive, member: Member) -> str | None:
        article = self._reading.text(archive, member.id, copy=member.standing is Standing.DROPPED)
        return None if article is None else article.text

    def why(self, request: Request) -> Response:
        """What became of a story, by its address or its article's number."""
        story = request.query_params.get("story", "").strip()[:2000]
        history = None
        if story:
            with self._reading.archive() as archive:
                history = archive.explain(story, thorough=False)
        return self._page("why.html", story=story, history=history, status=404 if story and history is None else 200)

    async def entrance(self, request: Request) -> Response:
        """Ask for the token."""
        if request.method == "POST":
            answer = await admit(request, self._look.token)
            return answer or self._page("entrance.html", wrong=True, status=403)
        return self._page("entrance.html", wrong=False)

    def problem(self, _: Request, error: Exception) -> Response:
        """Say what went wrong, without more than is known to be meant for readers."""
        if isinstance(error, HTTPException):
            return self._page(
                "problem.html", status=error.status_code, title=_title(error.status_code), told=error.detail
            )
        if isinstance(error, ScraperError):
            return self._page("problem.html", status=503, title="Nothing to show yet", told=str(error))
        told = "This is a fault of the status page. The collecting itself is not touched by it."
        return self._page("problem.html", status=500, title="The page could not be made", told=told)


def _title(status: int) -> str:
    return "Not found" if status == 404 else "Not possible"  # noqa: PLR2004 - RFC 9110 section 15.5.5


def _numbers(request: Request) -> bool:
    """Whether charts are wanted as plain tables."""
    return request.query_params.get("numbers") == "1"


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None  # noqa: PLR2004 - of 64 bits


def _chosen(line: Any, wanted: str) -> Member | None:
    """The version to be compared: the one asked for, else the first copy."""
    members = [appearance.member for appearance in line.appearances]
    asked = next((member for member in members if member.id == wanted and member is not members[0]), None)
    return asked or next(iter(members[1:]), None)


def _counterpart(line: Any, other: Member | None) -> Member:
    """What a version was compared with when it was judged, else the first of all."""
    of = next((appearance.of for appearance in line.appearances if appearance.member is other), None)
    first: Member = line.appearances[0].member
    return of or first


def _steps(_: Request) -> Response:
    """A rule for each place that a mark can have along a line: pages carry no style themselves."""
    places = "".join(f".at-{place}{{--at:{place / PLACES:g}}}" for place in range(PLACES + 1))
    return Response(places, media_type="text/css", headers={"cache-control": "max-age=3600"})


def _drawn(chart: Chart, look: Look, *, wide: bool) -> Markup:
    """A chart whose series are called what readers know them by, with nothing in it that cannot be seen."""
    names = tuple(
        wording.visible(look.names.get(series.name, series.name)) if series.is_outlet else series.name
        for series in chart.series
    )
    return draw(chart, names, WIDE if wide else HALF)


def _environment(look: Look, zone: tzinfo) -> Environment:
    environment = Environment(
        loader=PackageLoader(_PACKAGE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    filters: dict[str, Callable[..., Any]] = {
        "count": wording.count,
        "bytes": wording.size,
        "visible": wording.visible,
        "web_address": wording.web_address,
        "language_tag": wording.language_tag,
        "marked": wording.marked,
        "words": figures.words,
        "clock": lambda moment: wording.clock(moment, zone),
        "hour": lambda moment: f"{moment.astimezone(zone):%H:%M}",
        "quantity": lambda value, suffix: f"{value:,g}{suffix}",
        "draw": lambda chart, wide: _drawn(chart, look, wide=wide),
        "name": lambda outlet: look.names.get(outlet, outlet),
    }
    environment.filters.update(filters)
    environment.globals.update(
        ago=wording.ago, ahead=wording.ahead, share=wording.share, version=__version__, guarded=look.token is not None
    )
    return environment
