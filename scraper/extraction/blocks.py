"""A page as the blocks of text that a reader sees: paragraphs, headings, list items, captions."""

from dataclasses import dataclass

from lxml import html

from scraper.extraction.normal import normal

INVISIBLE_TAGS = frozenset(
    [
        "head",
        "script",
        "style",
        "noscript",
        "template",
        "svg",
        "math",
        "iframe",
        "object",
        "embed",
        "audio",
        "video",
        "canvas",
        "map",
        "select",
        "option",
        "datalist",
        "textarea",
        "input",
        "button",
        "progress",
        "meter",
        "dialog",
        "link",
        "meta",
        "title",
        "base",
        "source",
        "track",
        "param",
        "area",
    ]
)
"""Elements whose text is no part of the running text."""

BLOCK_TAGS = frozenset(
    [
        "html",
        "body",
        "address",
        "article",
        "aside",
        "blockquote",
        "center",
        "dd",
        "details",
        "dialog",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "hr",
        "li",
        "main",
        "menu",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
        "caption",
        "legend",
        "amp-img",
        "picture",
        "img",
    ]
)
"""Elements that begin and end a line."""

STRONG_TAGS = frozenset({"b", "strong"})

MAX_BLOCKS = 5_000


@dataclass(slots=True, kw_only=True)
class Block:
    """One run of text between two line ends."""

    text: str
    element: html.HtmlElement
    """The nearest element that begins a line."""
    tag: str
    link_characters: int = 0
    strong_characters: int = 0
    breaks_before: int = 0
    """How many `<br>` stand between it and the run before it in the same element."""


_Step = tuple[html.HtmlElement, html.HtmlElement, bool, bool, bool]
"""An element, the block it stands in, whether a link and whether strong type surrounds it, and whether it is left."""


class _Collector:
    """Gathers runs of text while a tree is walked."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._parts: list[str] = []
        self._links = 0
        self._strong = 0
        self._breaks = 0

    def text(self, text: str | None, *, linked: bool, strong: bool) -> None:
        """Add to the run under way."""
        if not text:
            return
        self._parts.append(text)
        if linked or strong:
            size = len(text.strip())
            self._links += size if linked else 0
            self._strong += size if strong else 0

    def end(self, element: html.HtmlElement) -> None:
        """Close the run under way, which belongs to `element`."""
        if self._close(element):
            self._breaks = 0

    def line_break(self, element: html.HtmlElement) -> None:
        """Close the run under way at a `<br>`."""
        self._breaks = 1 if self._close(element) else self._breaks + 1

    def _close(self, element: html.HtmlElement) -> bool:
        text = "".join(self._parts)
        text = "" if text.isspace() else normal(text)
        if text:
            self.blocks.append(
                Block(
                    text=text,
                    element=element,
                    tag=str(element.tag),
                    link_characters=self._links,
                    strong_characters=self._strong,
                    breaks_before=self._breaks,
                )
            )
        self._parts.clear()
        self._links = self._strong = 0
        return bool(text)


def read_blocks(root: html.HtmlElement) -> list[Block]:
    """The blocks under `root` in document order, at most MAX_BLOCKS. Walks without recursion: no depth can break it."""
    collector = _Collector()
    stack: list[_Step] = [(root, root, False, False, False)]
    while stack and len(collector.blocks) < MAX_BLOCKS:
        element, block, linked, strong, leaving = stack.pop()
        tag = element.tag
        if leaving:
            if tag in BLOCK_TAGS:
                collector.end(element)
            collector.text(element.tail, linked=linked, strong=strong)
            continue
        if element is not root:
            stack.append((element, block, linked, strong, True))
        if tag == "br":
            collector.line_break(block)
        elif tag not in INVISIBLE_TAGS:
            if tag in BLOCK_TAGS:
                collector.end(block)
                block = element
            linked = linked or tag == "a"
            strong = strong or tag in STRONG_TAGS
            collector.text(element.text, linked=linked, strong=strong)
            stack.extend((child, block, linked, strong, False) for child in reversed(element))
    collector.end(root)
    return collector.blocks
