"""A page as the blocks of text that a reader sees: paragraphs, headings, list items, captions."""

from dataclasses import dataclass, field

from lxml import etree, html

from scraper.extraction.normal import normal, words

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
    said: list[str] = field(init=False)
    """Its words, as `normal.words` tells them."""

    def __post_init__(self) -> None:
        self.said = words(self.text)


def _is_break(element: html.HtmlElement) -> bool:
    """Whether an empty element stands for a line break: `<span class="br"></span>`."""
    return not element.text and not len(element) and "br" in (element.get("class") or "").split()


class _Collector:
    """Gathers runs of text while a tree is walked."""

    def __init__(self, root: html.HtmlElement) -> None:
        self.blocks: list[Block] = []
        self._root = root
        self._within = [root]
        """The elements under way that begin a line."""
        self._inside = {"a": 0, "b": 0, "strong": 0}
        """How many elements of each of these kinds are under way."""
        self._parts: list[str] = []
        self._links = 0
        self._strong = 0
        self._breaks = 0

    def enter(self, element: html.HtmlElement) -> bool:
        """Begin an element; whether what stands in it is to be looked at."""
        tag = element.tag
        if tag in INVISIBLE_TAGS:
            return False
        if tag in BLOCK_TAGS:
            self.end(self._within[-1])
            self._within.append(element)
        elif tag == "br" or (tag == "span" and _is_break(element)):
            self._breaks = 1 if self._close(self._within[-1]) else self._breaks + 1
        elif tag in self._inside:
            self._inside[tag] += 1
        if text := element.text:
            self._add(text)
        return True

    def leave(self, element: html.HtmlElement) -> None:
        """End an element, seen or not."""
        tag = element.tag
        if tag in BLOCK_TAGS and tag not in INVISIBLE_TAGS:
            self.end(element)
            self._within.pop()
        elif tag in self._inside:
            self._inside[tag] -= 1
        if (text := element.tail) and element is not self._root:
            self._add(text)

    def end(self, element: html.HtmlElement) -> None:
        """Close the run under way, which belongs to `element`."""
        if self._parts and self._close(element):
            self._breaks = 0

    def _add(self, text: str) -> None:
        self._parts.append(text)
        inside = self._inside
        linked, strong = inside["a"], inside["b"] or inside["strong"]
        if linked or strong:
            size = len(text.strip())
            self._links += size if linked else 0
            self._strong += size if strong else 0

    def _close(self, element: html.HtmlElement) -> bool:
        text = "".join(self._parts)
        self._parts.clear()
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
        self._links = self._strong = 0
        return bool(text)


def read_blocks(root: html.HtmlElement) -> list[Block]:
    """The blocks under `root` in document order, at most MAX_BLOCKS. Walks without recursion: no depth can break it."""
    collector = _Collector(root)
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        if event == "end":
            collector.leave(element)
        elif not collector.enter(element):
            walk.skip_subtree()
        if len(collector.blocks) >= MAX_BLOCKS:
            break
    collector.end(root)
    return collector.blocks
