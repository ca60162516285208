"""Stories on several pages: where the rest stands, and how the parts become one."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from urllib.parse import urljoin, urlsplit

from lxml import html

from scraper.extraction.normal import line_key
from scraper.extraction.selecting import select
from scraper.model.outlet import Outlet, Paging

_WHOLE_QUERY = re.compile(r"^(page=all|showpage=all|view=all|single=1|pages=all|all=1)$", re.IGNORECASE)
_NOTHING = re.compile(r"(?!)")
_NUMBERED = re.compile(
    r"^(?:(?:page|pg|p|halaman|hal|paged|seite)=|/(?:page|halaman|hal|seite|p)[/-]|/)(\d{1,2})/?$", re.IGNORECASE
)


_HOLDERS = ("div", "section", "article", "li")
_PAGE_MARKS = ("data-page", "data-page-number", "data-halaman", "data-page-no")
"""Attributes by which a document numbers the pages of a story that it holds whole."""
_LEAST_PAGE = 150
"""Characters that a page holds at least; less is a control that leads to one."""
_DIGITS = 2

_OF_COMMENTS = re.compile(r"#.*(comment|komentar|kommentar|disqus|respond)", re.IGNORECASE)


def next_pages(tree: html.HtmlElement, addresses: Sequence[str], outlet: Outlet, limit: int) -> tuple[str, ...]:
    """Further pages of the story that is read in `addresses`, whose last page `tree` is; empty when it is complete.

    A link that shows the whole story on one page is preferred over the numbered ones.
    """
    first = addresses[0]
    room = min(limit, outlet.paging.max_pages) - len(addresses)
    known = {_bare(address) for address in addresses}
    if room <= 0 or any(_shows_all(address, first, outlet.paging) for address in addresses):
        return ()
    links = _links(tree, first)
    if len(addresses) == 1 and _holds_pages(tree, _numbers(links, first, outlet.paging)):
        return ()
    whole = next((link for link in links if _shows_all(link, first, outlet.paging) and _bare(link) not in known), None)
    if whole is not None:
        return (whole,)
    return _numbered(tree, links, addresses, outlet.paging)[:room]


def _numbered(
    tree: html.HtmlElement, links: Sequence[str], addresses: Sequence[str], paging: Paging
) -> tuple[str, ...]:
    """The pages that follow by their numbers or by a pointer; the one with all, where the outlet has such a form."""
    first, last = addresses[0], addresses[-1]
    known = {_bare(address) for address in addresses}
    found: dict[int, str] = {}
    for link in links:
        number = page_number(link, first, paging)
        if number is not None and number > paging.first and _bare(link) not in known:
            found.setdefault(number, link)
    if found and paging.single_page:
        return (_with(first, paging.single_page),)
    ahead = [found[number] for number in _consecutive(sorted(found), len(addresses) + paging.first)]
    return tuple(ahead) or _pointed_at(tree, (first, last), known, paging)


def _numbers(links: Iterable[str], first: str, paging: Paging) -> set[int]:
    return {number for link in links if (number := page_number(link, first, paging)) is not None}


def _holds_pages(tree: html.HtmlElement, wanted: set[int]) -> bool:
    """Whether the document holds the story's later pages itself, each in an element that bears its number.

    All of those that are linked to, and a second page at least.
    """
    held = {
        int(number)
        for element in tree.iter(*_HOLDERS)
        for name in _PAGE_MARKS
        if (number := element.get(name) or "").isascii()
        and number.isdigit()
        and len(number) <= _DIGITS
        and len(element.text_content()) >= _LEAST_PAGE
    }
    return {1, 2} <= held and wanted <= held


def page_number(link: str, first: str, paging: Paging) -> int | None:
    """The number in an address that differs from the story's first page by a page number alone.

    The outlet's own form of it is understood beside the usual ones.
    """
    rest = _difference(link, first)
    match = (_NUMBERED.match(rest) or _own_form(paging.numbered).match(rest)) if rest else None
    return int(match[1]) if match else None


@lru_cache(maxsize=512)
def _own_form(numbered: str | None) -> re.Pattern[str]:
    """The pattern of a form such as `laman={n}`; of none, one that matches nothing."""
    return re.compile(re.escape(numbered).replace(r"\{n\}", r"(\d{1,3})") + "/?$") if numbered else _NOTHING


def joined(parts: Iterable[Sequence[str]]) -> list[str]:
    """The lines of all pages in order; a line that an earlier page had is not said again."""
    result: list[str] = []
    seen: set[str] = set()
    for part in parts:
        fresh = [line for line in part if line_key(line) not in seen]
        seen.update(line_key(line) for line in part)
        result.extend(fresh)
    return result


def _with(address: str, addition: str) -> str:
    """The address with a query pair ("page=all") or a path suffix ("/all") added."""
    parts = urlsplit(address)
    if addition.startswith("/"):
        return parts._replace(path=parts.path.rstrip("/") + addition, fragment="").geturl()
    return parts._replace(query="&".join(filter(None, (parts.query, addition))), fragment="").geturl()


def _links(tree: html.HtmlElement, base: str) -> list[str]:
    """Addresses that may be pages of the story at `base`: they have its last name, or add a query to its address."""
    name = urlsplit(base).path.rstrip("/").rpartition("/")[2]
    found = []
    for element in tree.iter("a", "link"):
        target = element.get("href")
        if target and not _OF_COMMENTS.search(target) and (name in target or target.lstrip().startswith("?")):
            try:
                found.append(urljoin(base, target.strip()).split("#")[0])
            except ValueError:
                continue
    return found


def _pointed_at(tree: html.HtmlElement, ends: tuple[str, str], known: set[str], paging: Paging) -> tuple[str, ...]:
    first, last = ends
    pointers = [e for e in tree.iter("a", "link") if (e.get("rel") or "").lower() == "next"]
    if paging.next_selector:
        pointers.extend(select(tree, paging.next_selector) or ())
    for pointer in pointers:
        target = urljoin(last, (pointer.get("href") or "").strip()).split("#")[0]
        if _bare(target) not in known and page_number(target, first, paging) is not None:
            return (target,)
    return ()


def _consecutive(numbers: list[int], start: int) -> list[int]:
    run: list[int] = []
    for number in numbers:
        if number == start + len(run):
            run.append(number)
    return run


def _shows_all(link: str, first: str, paging: Paging) -> bool:
    rest = _difference(link, first)
    if not rest:
        return False
    return bool(_WHOLE_QUERY.match(rest)) or rest in {"/all", paging.single_page}


def _difference(link: str, first: str) -> str | None:
    """What an address adds to that of the first page: a query pair or a path suffix. None when it is another story."""
    try:
        one, other = urlsplit(first), urlsplit(link)
    except ValueError:
        return None
    if one.netloc.removeprefix("www.") != other.netloc.removeprefix("www."):
        return None
    path, longer = one.path.rstrip("/"), other.path.rstrip("/")
    before = set(one.query.split("&")) - {""}
    added = [pair for pair in other.query.split("&") if pair and pair not in before]
    if path == longer and len(added) == 1:
        return added[0]
    if path and longer.startswith(path + "/") and not added:
        return longer[len(path) :]
    return None


def _bare(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.netloc.removeprefix('www.')}{parts.path.rstrip('/')}?{parts.query}"
