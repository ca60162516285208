"""Lists of feeds without outlet files: plain text and OPML in, OPML out."""

import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

from scraper.model.failures import ConfigFault, ConfigurationError
from scraper.model.outlet import Outlet
from scraper.outlets.checks import url_fault
from scraper.urls import registrable_domain

_LARGEST = 20_000_000
_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listed:
    """A feed as a list names it."""

    line: int | None
    url: str
    name: str = ""
    homepage: str = ""


def outlets_from_feeds(text: str, file: str = "feeds") -> tuple[Outlet, ...]:
    """Read a plain list of feed addresses, or an OPML document; each host, with its port, becomes an outlet.

    In a plain list each line holds one address; `#` starts a comment. Addresses that occur twice count once. An outlet
    is called what OPML calls all of its feeds alike, else by its host; so it is with the home page.
    Raises ConfigurationError with every bad line; `file` is what it calls the text.
    """
    faults: list[ConfigFault] = []
    if len(text) > _LARGEST:
        raise ConfigurationError([_fault(file, None, None, f"at most {_LARGEST // 1_000_000} MB of text")])
    listed = _from_opml(text, file, faults) if text.lstrip("\ufeff \t\r\n").startswith("<") else _from_lines(text)
    feeds: dict[str, list[_Listed]] = {}
    for one in listed:
        if expected := url_fault(one.url):
            faults.append(_fault(file, one.line, one.url, expected))
        else:
            feeds.setdefault(urlsplit(one.url).netloc.lower(), []).append(one)
    if not faults and not feeds:
        faults.append(_fault(file, None, None, "at least one feed address"))
    if faults:
        raise ConfigurationError(faults)
    return _outlets(feeds)


def to_opml(outlets: Iterable[Outlet]) -> str:
    """Write the feeds of the outlets as OPML 2.0, one group an outlet; `outlets_from_feeds` reads it back."""
    opml = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(opml, "head"), "title").text = "Feeds"
    body = etree.SubElement(opml, "body")
    for outlet in outlets:
        if not outlet.feeds:
            continue
        group = etree.SubElement(body, "outline", text=outlet.name, title=outlet.name)
        for url in outlet.feeds:
            line = etree.SubElement(group, "outline", type="rss", text=outlet.name, xmlUrl=url)
            if outlet.homepage:
                line.set("htmlUrl", outlet.homepage)
    written: bytes = etree.tostring(opml, xml_declaration=True, encoding="utf-8", pretty_print=True)
    return written.decode()


def _from_lines(text: str) -> Iterable[_Listed]:
    for number, line in enumerate(text.lstrip("\ufeff").splitlines(), start=1):
        address = re.sub(r"(?:^|\s)#.*", "", line).strip()
        if address:
            yield _Listed(line=number, url=address)


def _from_opml(text: str, file: str, faults: list[ConfigFault]) -> Sequence[_Listed]:
    """The xmlUrl of every outline. Entities are not expanded, nothing is loaded, so no document grows beyond itself."""
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(text.lstrip("\ufeff \t\r\n").encode(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        faults.append(_fault(file, line, None, f"well-formed OPML: {error}"))
        return []
    doctype: Any = root.getroottree().docinfo.internalDTD
    if doctype is not None and doctype.entities():
        faults.append(_fault(file, None, None, "OPML that declares no entities"))
        return []
    if root.tag != "opml":
        faults.append(_fault(file, _line(root), f"<{root.tag}>", "a list of addresses or an OPML document"))
        return []
    return [
        _Listed(
            line=_line(outline),
            url=url.strip(),
            name=" ".join((outline.get("title") or outline.get("text") or "").split())[:_LONGEST_NAME],
            homepage=(outline.get("htmlUrl") or "").strip(),
        )
        for outline in root.iter("outline")
        if (url := outline.get("xmlUrl"))
    ]


def _line(element: Any) -> int | None:  # lxml-stubs misstate the type of sourceline
    line: int | None = element.sourceline
    return line


def _outlets(feeds: dict[str, list[_Listed]]) -> tuple[Outlet, ...]:
    taken: dict[str, str] = {}
    outlets = []
    for netloc, listed in feeds.items():
        identity = _free(_id_of(netloc), taken)
        taken[identity] = netloc
        outlets.append(
            Outlet(
                id=identity,
                name=_alike(one.name for one in listed) or netloc,
                domains=(_domain_of(netloc),),
                homepage=_alike(one.homepage for one in listed if _is_home(one.homepage, one.url)),
                feeds=tuple(dict.fromkeys(one.url for one in listed)),
            )
        )
    return tuple(outlets)


def _alike(values: Iterable[str]) -> str | None:
    """What all of them say; None when they differ or say nothing."""
    found = set(values)
    return found.pop() or None if len(found) == 1 else None


def _is_home(homepage: str, feed: str) -> bool:
    return url_fault(homepage) is None and registrable_domain(homepage) == registrable_domain(feed)


def _id_of(netloc: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", netloc.removeprefix("www.")).strip("-")[:56] or "outlet"


def _free(name: str, taken: dict[str, str]) -> str:
    if name not in taken:
        return name
    number = 2
    while f"{name}-{number}" in taken:
        number += 1
    return f"{name}-{number}"


def _domain_of(netloc: str) -> str:
    host = urlsplit(f"//{netloc}").hostname or netloc
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return host.removeprefix("www.")


def _fault(file: str, line: int | None, value: str | None, expected: str) -> ConfigFault:
    return ConfigFault(file=file, line=line, key="", value=value, expected=expected)
