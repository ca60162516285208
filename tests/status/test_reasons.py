"""Whoever asks why a story was not kept is told what to do."""

import re
from pathlib import Path

import pytest

from scraper.model.outlet import ArticleUrls, Outlet, Policy, Selectors
from scraper.model.verdict import DropReason
from scraper.settings import setting_paths
from scraper.status.reasons import advice

ROOT = Path(__file__).parent.parent.parent
SETTINGS = {".".join(path) for path in setting_paths()}


@pytest.mark.parametrize("reason", DropReason)
def test_each_reason_has_an_advice_that_names_what_there_is(reason):
    told = advice(reason, outlet="kabar", url="https://kabar.example/berita/1")
    assert told.endswith(".")
    assert "{" not in told
    sections = {path[0] for path in setting_paths() if len(path) > 1}
    for name in re.findall(r"\b(\w+\.\w+)\b", told):
        assert name in SETTINGS or name.partition(".")[0] not in sections, name
    for table, key in re.findall(r"\[(\w+)\] (\w+)", told):
        keys = {"articles": ArticleUrls, "policy": Policy, "selectors": Selectors}[table]
        assert hasattr(keys(), key), key
    assert "languages" not in told or hasattr(Outlet(id="a", name="A", domains=()), "languages")


def test_the_manual_lists_every_reason():
    page = (ROOT / "docs" / "data.md").read_text("utf-8")
    listed = set(re.findall(r"^\| `([a-z-]+)` \|", page.partition("## Why a story is not kept")[2], re.MULTILINE))
    assert listed == set(DropReason)
