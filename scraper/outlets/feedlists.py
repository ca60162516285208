"""Lists of feeds without outlet files: plain text and OPML in, OPML out."""

import ipaddress
import re
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

from scraper.model.failures import ConfigFault, ConfigurationError
from scraper.model.outlet import Outlet
from scraper.outlets.checks import url_fault

_LARGEST = 20_000_000


def outlets_from_feeds(text: str, file: str = "feeds") -> tuple[Outlet, ...]:
    """Read a plain list of feed addresses, or an OPML document; each host, with its port, becomes an outlet.

    In a plain list each line holds one address; `#` starts a comment. Addresses that occur twice count once.
    Raises ConfigurationError with every bad line; `file` is what it calls the text.
    """
    faults: list[ConfigFault] = []
    if len(text) > _LARGEST:
        raise ConfigurationError([_fault(file, None, None, f"at most {_LARGEST // 1_000_000} MB of text")])
    listed = _from_opml(text, file, faults) if text.lstrip("\ufeff \t\r\n").startswith("<") else _from_lines(text)
    feeds: dict[str, dict[str, None]] = {}
    for line, url in listed:
        if expected := url_fault(url):
            faults.append(_fault(file, line, url, expected))
        else:
            feeds.setdefault(urlsplit(url).netloc.lower(), {})[url] = None
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


def _from_lines(text: str) -> Iterable[tuple[int, str]]:
    for number, line in enumerate(text.lstrip("\ufeff").splitlines(), start=1):
        address = re.sub(r"(?:^|\s)#.*", "", line).strip()
        if address:
            yield number, address


def _from_opml(text: str, file: str, faults: list[ConfigFault]) -> Sequence[tuple[int | None, str]]:
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
    return [(_line(outline), url.strip()) for outline in root.iter("outline") if (url := outline.get("xmlUrl"))]


def _line(element: Any) -> int | None:  # lxml-stubs misstate the type of sourceline
    line: int | None = element.sourceline
    return line


def _outlets(feeds: dict[str, dict[str, None]]) -> tuple[Outlet, ...]:
    taken: dict[str, str] = {}
    outlets = []
    for netloc, urls in feeds.items():
        name = _free(_id_of(netloc), taken)
        taken[name] = netloc
        outlets.append(Outlet(id=name, name=netloc, domains=(_domain_of(netloc),), feeds=tuple(urls)))
    return tuple(outlets)


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
