"""Feed documents of every family that the fast reader takes on, in the many ways in which publishers write them."""

import random
from collections.abc import Callable

_TITLES = (
    *(
        "Satu",
        "a &amp; b",
        "<![CDATA[c <i>d</i> & e]]>",
        "&lt;b&gt;f&lt;/b&gt;",
        "&#8217;g&#x2019;",
        "é 漢字 ع",
        " ",
        "",
    ),
    *("  dua\n  baris ", "x &amp;amp; y", "<![CDATA[]]>", "h<![CDATA[ i ]]>j", "&amp;nbsp;k", "l <!-- m --> n"),
)
_DATES = (
    *("Mon, 23 Nov 2026 09:00:00 +0700", "Sun, 22 Nov 2026 10:00:00 GMT", "2026-11-22T10:00:00Z", "?", ""),
    *("2026-11-22T10:00:00.123+07:00", "23 Nov 2026 09:00 WIB", "2026-11-22", "Senin, 2 Agustus 2026", "1795341600"),
    *("Mon, 2 Nov 2026 9:05:00 EST", " Mon, 23 Nov 2026 09:00:00 +0700 ", "Mon, 23 Nov 2026 24:00:00 +0000"),
)
_LINKS = (
    *("https://harian.example/{}", "/{}", "?p={}", "https://harian.example/x?a=1&amp;id={}", " \n/{} \n"),
    *(
        "https://harian.example/{}#k",
        "http://www.harian.example/{}/?utm_source=rss",
        "<![CDATA[https://harian.example/{}]]>",
    ),
    *("//harian.example/{}", "https://harian.example/berita/é-{}", "https://harian.example/a b/{}"),
)
_NOISE = (
    *(
        "<category>y</category>",
        "<media:title>x</media:title>",
        "<!-- <item><link>https://harian.example/k</link></item> -->",
    ),
    *('<enclosure url="https://cdn.example/1" type="audio/mpeg" length="1"/>', '<a10:link rel="self" href="/self"/>'),
    *('<media:content url="https://cdn.example/i.jpg"><media:title>x</media:title></media:content>', "stray words"),
    *(
        '<source url="https://lain.example/">Lain</source>',
        "<comments>https://harian.example/c</comments>",
        "<?php x ?>",
    ),
    "<image><url>https://cdn.example/i.png</url><title>k</title><link>https://harian.example/</link></image>",
    "<media:group><media:content url='https://cdn.example/2'/></media:group><slash:comments>3</slash:comments>",
)
_SPACES = (
    'xmlns:a10="http://www.w3.org/2005/Atom" xmlns:c="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/" '
    'xmlns:slash="http://purl.org/rss/1.0/modules/slash/"'
)


def document(dice: random.Random) -> str:
    """One feed, well-formed."""
    family: Callable[[random.Random], str] = dice.choice([_rss, _rss, _rdf, _atom])
    return dice.choice(["", '<?xml version="1.0" encoding="UTF-8"?>\n', "\n  "]) + family(dice)


def damaged(text: str, dice: random.Random) -> str:
    """The same with one to three accidents."""
    for _ in range(dice.randint(1, 3)):
        start = dice.randrange(len(text))
        end = min(len(text), start + dice.randint(1, 40))
        accident = dice.randrange(4)
        if accident == 0:
            text = text[:start] + text[end:]
        elif accident == 1:
            text = text[:start] + text[start:end] * 2 + text[end:]
        elif accident == 2:
            text = text[: max(start, 200)]
        else:
            junk = ["<", ">", "&", "</item>", "<item>", '"', "\x00", "]]>", "<entry>", "&nbsp;", "<![CDATA[", "\ufffe"]
            text = text[:start] + dice.choice(junk) + text[start:]
    return text


def _count(dice: random.Random) -> range:
    return range(dice.choice([1, 2, 3, 5, 12]))


def _shuffled(parts: list[str], dice: random.Random) -> str:
    dice.shuffle(parts)
    return dice.choice(["", "\n", "  "]).join(parts)


def _item(number: int, dice: random.Random) -> str:
    date = dice.choice(["pubDate", "dc:date", "a10:updated", "pubDate"])
    parts = [
        f"<title>{dice.choice(_TITLES)}</title>",
        f"<link>{dice.choice(_LINKS).format(number)}</link>",
        f"<{date}>{dice.choice(_DATES)}</{date}>",
        f"<description>{dice.choice(_TITLES)}</description>",
        f'<guid isPermaLink="{dice.choice(["true", "false"])}">{dice.choice(["", "g"])}{number}</guid>',
        f"<c:encoded>{dice.choice(_TITLES)}</c:encoded>",
        f"<dc:creator>{dice.choice(_TITLES)}</dc:creator>",
        *dice.sample(_NOISE, dice.randint(0, 3)),
    ]
    kept = [part for part in parts if part.startswith("<link") or dice.random() < 0.8]
    return _shuffled(kept, dice)


def _rss(dice: random.Random) -> str:
    version = dice.choice(["0.91", "0.92", "2.0", "2.00"])
    inner = "".join(f"<item>{_item(number, dice)}</item>" for number in _count(dice))
    head = _shuffled(["<title>T</title>", "<link>https://harian.example/</link>", "<ttl>60</ttl>"], dice)
    outside = dice.random() < 0.1
    body = f"<channel>{head}</channel>{inner}" if outside else f"<channel>{head}{inner}</channel>"
    return f'<rss version="{version}" {_SPACES}>{body}</rss>'


def _rdf(dice: random.Random) -> str:
    inner = "".join(
        f'<item rdf:about="https://harian.example/{number}">{_item(number, dice)}</item>' for number in _count(dice)
    )
    return (
        f'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" {_SPACES}>'
        f'<channel rdf:about="https://harian.example/"><title>T</title><link>https://harian.example/</link></channel>'
        f"{inner}</rdf:RDF>"
    )


def _entry(number: int, dice: random.Random) -> str:
    link = dice.choice(["https://harian.example/{}", "/{}", "{}", "https://harian.example/?id={}&amp;x=1"]).format(
        number
    )
    written = dice.choice(
        ['<link href="{}"/>', '<link rel="alternate" type="text/html" href="{}"></link>', "<link href='{}' />"]
    )
    kind = dice.choice(["text", "html", "xhtml"])
    title = dice.choice(_TITLES)
    if kind == "xhtml":
        title = '<div xmlns="http://www.w3.org/1999/xhtml">Satu <b>tebal</b></div>'
    parts = [
        f'<title type="{kind}">{title}</title>',
        written.format(link),
        f"<id>urn:{number}</id>",
        f"<updated>{dice.choice(_DATES)}</updated>",
        f"<published>{dice.choice(_DATES)}</published>",
        f"<author><name>{dice.choice(_TITLES)}</name></author>",
        f'<content type="html">{dice.choice(_TITLES)}</content>',
        f"<summary>{dice.choice(_TITLES)}</summary>",
        '<link rel="enclosure" href="https://cdn.example/1.mp3"/>',
        '<link rel="replies" type="application/atom+xml" href="/r"/>',
        "<source><title>Lain</title><id>x</id><updated>2026-01-01T00:00:00Z</updated></source>",
    ]
    return _shuffled([part for part in parts if "alternate" in part or part == parts[1] or dice.random() < 0.7], dice)


def _atom(dice: random.Random) -> str:
    prefix, space = dice.choice([("", "xmlns"), ("", "xmlns"), ("atom:", "xmlns:atom")])
    base = dice.choice(["", ' xml:base="https://harian.example/b/"'])
    inner = "".join(f"<entry>{_entry(number, dice)}</entry>" for number in _count(dice))
    text = f"<feed {space}='http://www.w3.org/2005/Atom'{base}><title>T</title><id>urn:f</id>{inner}</feed>"
    if prefix:
        for name in (
            "feed",
            "entry",
            "title",
            "link",
            "id",
            "updated",
            "published",
            "author",
            "name",
            "content",
            "source",
        ):
            text = text.replace(f"<{name}>", f"<atom:{name}>").replace(f"</{name}>", f"</atom:{name}>")
            text = text.replace(f"<{name} ", f"<atom:{name} ")
        text = text.replace("<summary>", "<atom:summary>").replace("</summary>", "</atom:summary>")
    return text
