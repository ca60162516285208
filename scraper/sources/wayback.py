"""Finds an outlet's stories in a web archive that answers CDX queries, as the Wayback Machine and pywb do."""

import re
from collections.abc import AsyncIterator, Container
from datetime import timedelta
from urllib.parse import quote

from scraper.charsets import decode_text
from scraper.model.entry import Entry
from scraper.model.outlet import Outlet
from scraper.model.page import FetchFailed, Page, Request, RequestKind
from scraper.model.span import Span
from scraper.sources.indexpages import is_story
from scraper.sources.walk import Asking, Unwalked, Walked
from scraper.urls import entry_key

PAGE = 5000
"""Captures asked for at a time."""
LATE = timedelta(days=90)
"""How long after its publication a story may have been captured."""
_STAMP = re.compile(r"\d{14}")


class WaybackWalk:
    """Asks for the first capture of each address in the range."""

    def __init__(self, fetcher: Asking, wanted: Span, cdx: str, captures: str) -> None:
        self._fetcher = fetcher
        self._wanted = wanted
        self._cdx = cdx
        self._captures = captures

    async def walk(self, outlet: Outlet, done: Container[str] = ()) -> AsyncIterator[Entry | Walked | Unwalked]:
        """Give the stories captured of each of the outlet's domains, a page of captures after the other."""
        for domain in outlet.domains:
            resume: str | None = ""
            while resume is not None:
                query = self._query(domain, resume)
                answer = await self._fetcher.fetch(Request(url=query, kind=RequestKind.SITEMAP, outlet=outlet))
                if not isinstance(answer, Page):
                    detail = answer.detail if isinstance(answer, FetchFailed) else "answered 304"
                    yield Unwalked(url=query, detail=detail)
                    break
                text = decode_text(answer.body, answer.content_type)
                captures, resume = read_captures(text)
                if text.strip() and not captures and resume is None:
                    yield Unwalked(url=query, detail="its answer lists no captures")
                    break
                stories = [(stamp, url) for stamp, url in captures if is_story(url, outlet)]
                for stamp, url in stories if query not in done else ():
                    yield Entry(
                        key=entry_key(outlet, url),
                        url=self._captures.format(timestamp=stamp, url=url),
                        outlet=outlet.id,
                        source=query,
                    )
                passed = len(captures) - len(stories)
                yield Walked(
                    url=query, entries=len(stories), children=0, passed_over=passed, leads_on=True, is_page=True
                )

    def _query(self, domain: str, resume: str) -> str:
        since, until = self._wanted.since, self._wanted.until
        query = f"url={quote(domain)}&matchType=domain&fl=timestamp,original&collapse=urlkey"
        query += f"&filter=statuscode:200&filter=mimetype:text/html&limit={PAGE}&showResumeKey=true"
        query += f"&from={since:%Y%m%d%H%M%S}" if since else ""
        query += f"&to={until + LATE:%Y%m%d%H%M%S}" if until else ""
        query += f"&resumeKey={quote(resume, safe='')}" if resume else ""
        return f"{self._cdx}{'&' if '?' in self._cdx else '?'}{query}"


def read_captures(text: str) -> tuple[list[tuple[str, str]], str | None]:
    """Timestamps and addresses, and the key with which to ask for more; None at the end."""
    captures: list[tuple[str, str]] = []
    lines = iter(text.splitlines())
    for line in lines:
        if not line.strip():
            following = next(lines, "").strip()
            return captures, following or None
        stamp, _, url = line.partition(" ")
        if _STAMP.fullmatch(stamp) and url.startswith(("http://", "https://")):
            captures.append((stamp, url.strip()))
    return captures, None
