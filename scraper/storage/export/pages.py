"""A page to read in a browser."""

from collections.abc import Iterable
from html import escape
from typing import BinaryIO

from scraper.storage.export.selection import Exported

_HEAD = """<!doctype html>
<html>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="referrer" content="no-referrer">
<title>Collected articles</title>
<style>
body { max-width: 42em; margin: 2em auto; padding: 0 1em; font: 1.05em/1.6 Georgia, serif; }
article { border-top: 1px solid #999; margin-top: 3em; }
.about { color: #666; font: .85em sans-serif; }
</style>
</head>
<body>
<h1>Collected articles</h1>
"""


def body(exported: Exported) -> str:
    """The text as HTML paragraphs, with links to the other stories of the cluster behind it."""
    paragraphs = "".join(f"<p>{escape(paragraph)}</p>\n" for paragraph in exported.article.text.split("\n"))
    links = ", ".join(_link(member.url, member.outlet) for member in exported.also_from)
    return paragraphs + (f"<p>Also from: {links}</p>\n" if links else "")


def _link(url: str, text: str) -> str:
    # A page's address is whatever its publisher wrote: only those that a browser fetches become links.
    if not url.startswith(("http://", "https://")):
        return escape(text)
    return f'<a href="{escape(url)}">{escape(text)}</a>'


def write_html(articles: Iterable[Exported], out: BinaryIO) -> int:
    """One document, article behind article."""
    out.write(_HEAD.encode())
    count = 0
    for exported in articles:
        out.write(_article(exported).encode())
        count += 1
    out.write(b"</body>\n</html>\n")
    return count


def _article(exported: Exported) -> str:
    article = exported.article
    about = [article.outlet, (article.published or article.found_at).strftime("%Y-%m-%d %H:%M %z")]
    about += [", ".join(article.authors)] if article.authors else []
    language = f' lang="{escape(article.language)}"' if article.language else ""
    return (
        f"<article{language}>\n<h2>{_link(article.url, article.title or article.url)}</h2>\n"
        f'<p class="about">{escape(" · ".join(about))}</p>\n{body(exported)}</article>\n'
    )
