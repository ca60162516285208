"""Pages that killed their reader, kept as they came for a bug report."""

import json
from collections.abc import Sequence
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

from scraper.model.page import Page

MAX_KEPT = 200
"""Pages that are kept; when there are more, the oldest goes."""


def keep(directory: Path, pages: Sequence[Page], detail: str) -> None:
    """Write each page's bytes as `<digest>.html`, and beside it its address and what happened as `<digest>.json`.

    What cannot be written is left out: the line does not stop for evidence.
    """
    with suppress(OSError):
        directory.mkdir(parents=True, exist_ok=True)
        for page in pages:
            name = blake2b(page.body, digest_size=8).hexdigest()
            said = {"url": page.url, "content_type": page.content_type, "fetched_at": page.fetched_at.isoformat()}
            (directory / f"{name}.html").write_bytes(page.body)
            (directory / f"{name}.json").write_text(json.dumps({**said, "detail": detail}, indent=2), encoding="utf-8")
        _make_room(directory)


def _make_room(directory: Path) -> None:
    kept = sorted(directory.glob("*.html"), key=lambda path: path.stat().st_mtime)
    for path in kept[: max(0, len(kept) - MAX_KEPT)]:
        path.unlink(missing_ok=True)
        path.with_suffix(".json").unlink(missing_ok=True)
