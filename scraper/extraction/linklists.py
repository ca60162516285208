"""Lists of links: menus, teasers and tag clouds, which make half of a news page and are no part of its story.

They are taken out before anything expensive looks at the tree, and can still be named afterwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from lxml import html

from scraper.extraction.blocks import read_blocks

_LEAST_LINKS = 3
_LINKED = 0.85
"""Share of the letters of a list that stand in its links."""
_LONGEST = 100
"""Letters that a link of a list has on average at most; longer ones are running text that happens to be linked."""
_NEVER = frozenset({"html", "body", "p", "a", "h1", "h2", "h3"})
"""Elements that are no list whatever they hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkList:
    """One list of links, taken out of its tree."""

    parent: html.HtmlElement
    """Where it stood."""
    element: html.HtmlElement
    links: int

    def lines(self) -> list[str]:
        """What it says."""
        return [block.text for block in read_blocks(self.element)]


@dataclass(slots=True)
class _Sum:
    """What stands in one element."""

    letters: int = 0
    linked: int = 0
    links: int = 0
    headed: bool = False
    """It holds a main heading."""

    @property
    def is_list(self) -> bool:
        return (
            self.links >= _LEAST_LINKS
            and not self.headed
            and self.linked >= _LINKED * self.letters
            and self.linked <= _LONGEST * self.links
        )


def take_out_link_lists(tree: html.HtmlElement) -> Sequence[LinkList]:
    """Remove, in place, the largest elements that are lists of links, each with its tail left in place."""
    sums = _sums(tree)
    found: list[LinkList] = []
    waiting = [tree]
    while waiting:
        element = waiting.pop()
        total = sums[element]
        parent = element.getparent()
        if total.links < _LEAST_LINKS:
            continue
        if parent is not None and total.is_list and element.tag not in _NEVER:
            element.drop_tree()
            found.append(LinkList(parent=parent, element=element, links=total.links))
        else:
            waiting.extend(reversed(element))
    return found


def _sums(tree: html.HtmlElement) -> dict[html.HtmlElement, _Sum]:
    sums: dict[html.HtmlElement, _Sum] = {}
    for element in reversed(list(tree.iter())):
        total = _Sum(letters=len(element.text.strip()) if element.text else 0, headed=element.tag == "h1")
        for child in element:
            inner = sums[child]
            total.letters += inner.letters + (len(child.tail.strip()) if child.tail else 0)
            total.linked += inner.linked
            total.links += inner.links
            total.headed = total.headed or inner.headed
        if element.tag == "a":
            total.linked, total.links = total.letters, 1
        sums[element] = total
    return sums
