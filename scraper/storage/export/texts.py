"""Formats for people: clean text, Markdown."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import BinaryIO

from scraper.model.article import Article
from scraper.storage.export.selection import Exported

_SLUG_LENGTH = 60
_NOT_SLUG = re.compile(r"[^a-z0-9]+")
_MARKDOWN = re.compile(r"([\\`*_\[\]<>#|~&])")
_LIST = re.compile(r"(?m)^(\s*)(?:([-+=])|(\d+)([.)]))(?=\s|$|[-=])")
"""What begins a list or underlines a heading, where it opens a line."""


def file_name(article: Article) -> str:
    """`2026-11-23_liputan6_banjir-surut-pada-malam-hari`, without suffix: date, outlet and slug."""
    when = article.published or article.found_at
    return f"{when.date().isoformat()}_{_slug(article.outlet)}_{_slug(article.title or '') or article.id}"


def _slug(text: str) -> str:
    plain_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = _NOT_SLUG.sub("-", plain_text).strip("-")
    if len(words) <= _SLUG_LENGTH:
        return words
    cut = words[: _SLUG_LENGTH + 1].rpartition("-")[0]
    return cut or words[:_SLUG_LENGTH]


def plain(exported: Exported) -> str:
    """The clean text: title, then paragraphs with blank lines between them."""
    article = exported.article
    lines = [article.title] if article.title else []
    return "\n\n".join([*lines, *article.text.split("\n")]) + "\n"


def markdown(exported: Exported) -> str:
    """Title, a line on where it is from, paragraphs."""
    article = exported.article
    about = [article.outlet, (article.published or article.found_at).isoformat(timespec="minutes")]
    about += [", ".join(article.authors)] if article.authors else []
    head = [f"# {_escaped(article.title or article.url)}", f"{_escaped(' · '.join(about))}  \n<{article.url}>"]
    also = [f"Also from: {', '.join(f'[{_escaped(m.outlet)}](<{m.url}>)' for m in exported.also_from)}"]
    paragraphs = [_escaped(paragraph) for paragraph in article.text.split("\n")]
    return "\n\n".join([*head, *paragraphs, *(also if exported.also_from else [])]) + "\n"


def _escaped(text: str) -> str:
    return _LIST.sub(_kept_as_text, _MARKDOWN.sub(r"\\\1", text))


def _kept_as_text(found: re.Match[str]) -> str:
    space, sign, number, dot = found.groups()
    return f"{space}\\{sign}" if sign else f"{space}{number}\\{dot}"


def write_plain(articles: Iterable[Exported], out: BinaryIO) -> int:
    """Clean texts behind each other, a form feed between them."""
    return _write(articles, out, plain, "\f\n")


def write_markdown(articles: Iterable[Exported], out: BinaryIO) -> int:
    """Articles behind each other, a rule between them."""
    return _write(articles, out, markdown, "\n---\n\n")


def _write(articles: Iterable[Exported], out: BinaryIO, form: Callable[[Exported], str], between: str) -> int:
    count = 0
    for exported in articles:
        out.write(((between if count else "") + form(exported)).encode())
        count += 1
    return count
