"""The lead image and what stands under it."""

from itertools import islice
from urllib.parse import unquote, urlsplit

from scraper.extraction.evidence import Evidence
from scraper.extraction.jsonld import resolved, stated_text
from scraper.extraction.links import absolute
from scraper.extraction.masthead import elements_at
from scraper.extraction.oneline import plain
from scraper.model.article import Image

MAX_FIGURES = 12
MAX_CAPTION = 500

_IMAGE_META = ("og:image", "og:image:url", "og:image:secure_url")
_FIGURES = elements_at("//figure[.//img and .//figcaption]")


def lead_image(evidence: Evidence) -> tuple[Image | None, str | None]:
    """The image that the page shows for its story, its caption where one can be told, and where it is named."""
    url, caption, origin = _from_json_ld(evidence)
    for name in (*_IMAGE_META, "twitter:image"):
        stated = absolute(evidence.head.first(name), evidence.url)
        if stated and (not url or name in _IMAGE_META):
            url, origin = stated, f"meta {name}"
            break
    if not url:
        return None, None
    return Image(url=url, caption=caption or _caption(evidence, url)), origin


def _from_json_ld(evidence: Evidence) -> tuple[str, str | None, str]:
    for item in resolved(evidence.article.get("image"), evidence.objects):
        caption = None
        address = plain(item)
        if isinstance(item, dict):
            address = stated_text(item.get("url")) or stated_text(item.get("contentUrl"))
            caption = stated_text(item.get("caption"))[:MAX_CAPTION] or None
        if url := absolute(address, evidence.url):
            return url, caption, "json-ld"
    return "", None, ""


def _caption(evidence: Evidence, url: str) -> str | None:
    """The caption of the figure that shows the same file, whatever its size or server."""
    wanted = _file(url)
    for figure in islice(_FIGURES(evidence.tree), MAX_FIGURES):
        shown = {_file(value) for image in figure.iter("img") for value in map(image.get, ("src", "data-src")) if value}
        if wanted and wanted in shown:
            text = plain(next(figure.iter("figcaption")).text_content())
            return text[:MAX_CAPTION] or None
    return None


def _file(url: str) -> str:
    try:
        return unquote(urlsplit(url).path, errors="replace").rpartition("/")[2]
    except ValueError:
        return ""
