"""Feed documents that mean harm to whoever reads them. Used by the suite and by the benchmark."""

from itertools import pairwise

CANARY = "127.66.0.1"
"""An address of which some documents and servers would have us ask; nobody may."""
ITEMS = 100_000


def rss(items, prolog=""):
    return (
        f'<?xml version="1.0"?>{prolog}<rss version="2.0"><channel><title>Kabar</title>{items}</channel></rss>'.encode()
    )


def item(title="kabar", more="", link="/kabar"):
    return f"<item><title>{title}</title><link>{link}</link>{more}</item>"


def _laughs():
    names = [chr(ord("a") + n) for n in range(12)]
    nested = "".join(f'<!ENTITY {name} "{f"&{inner};" * 10}">' for inner, name in pairwise(names))
    return rss(item("&l;"), f'<!DOCTYPE rss [<!ENTITY a "ha">{nested}]>')


def _outside(url):
    entities = (
        '<!ENTITY file SYSTEM "file:///etc/passwd">'
        f'<!ENTITY site SYSTEM "{url}/entity"><!ENTITY % more SYSTEM "{url}/parameter"> %more;'
    )
    return rss(item("&file;&site;", link=f"{url}/story"), f'<!DOCTYPE rss SYSTEM "{url}/dtd" [{entities}]>')


def documents(canary):
    """By name; `canary` is the URL of somebody who must not be asked."""
    attributes = " ".join(f'a{n}="{n}"' for n in range(140_000))
    many = "".join(f"<item><title>t{n}</title><link>/{n % 50}</link></item>" for n in range(ITEMS))
    sites = f"<url><loc>{canary}/story</loc></url>" * ITEMS
    return {
        "HTML page": b"<!doctype html><html><body>" + b"<p>kabar</p>" * 20_000 + b"</body></html>",
        "HTML page that names a feed inside": (
            f'<html><head><link rel="alternate" type="application/rss+xml" href="{canary}/feed"></head></html>'.encode()
        ),
        "a billion laughs": _laughs(),
        "one long entity many times": rss(item("&a;" * 50_000), f'<!DOCTYPE rss [<!ENTITY a "{"x" * 50_000}">]>'),
        "entities from outside": _outside(canary),
        "2 MB of attributes": rss(f"<item {attributes}><title>t</title></item>"),
        "2 MB of attributes in many tags": rss(item(more=f"<b {attributes[:40_000]}/>" * 50)),
        "one attribute of 2 MB": rss(f'<item a="{"x" * 2_000_000}"><title>t</title></item>'),
        "100,000 items": rss(many),
        "100,000 items, not well-formed": rss(many.replace("</title>", "&</title>")),
        "a million open elements": rss("<b>" * 1_000_000),
        "a million ampersands": rss(item("&" * 3_000_000)),
        "text without end": rss("<item><title><![CDATA[" + "x" * 4_000_000),
        "100,000 items of RDF without an end": b"<rdf:RDF>" + b"<item rdf:about='x'>" * ITEMS,
        "arrays in arrays": b'{"version": "https://jsonfeed.org/version/1.1", "items": ' + b"[" * 3_000_000,
        "100,000 addresses in a sitemap": f"<urlset>{sites}</urlset>".encode(),
        "a long number": rss(item(f"&#{'9' * 3_000_000};")),
        "long dates": rss(item(more=f"<pubDate>{'Mon, ' * 200_000}</pubDate>")),
        "characters of another alphabet than declared": rss(item("é" * 1000)).replace(b"?>", b" encoding='utf-16'?>"),
        "zip of itself": b"\x1f\x8b" + b"\x00" * 1000,
        "characters of no alphabet": b'<?xml version="1.0" encoding="idna"?><rss>' + b"a." * 1_000_000,
    }
