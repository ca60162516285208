"""What the documentation says about reading the data directory is true."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from tests.storage.samples import NOW, collect, store_in

DOCS = Path(__file__).parent.parent.parent / "docs" / "data.md"
SNIPPETS = re.findall(r"```python\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)


@pytest.mark.parametrize("code", SNIPPETS)
def test_a_documented_way_of_reading_finds_every_article(code, tmp_path, monkeypatch, capsys):
    store = store_in(tmp_path / "data", seal_bytes=20_000)
    collect(store, range(40), "antara")
    while store.maintain(NOW):
        pass
    collect(store, range(40, 50), "antara", NOW + timedelta(days=1))
    monkeypatch.chdir(tmp_path)
    values: dict[str, object] = {}
    exec(code, values)  # noqa: S102 - our own documentation
    store.close()
    if "per_outlet" in values:
        assert values["per_outlet"].fetchall() == [("antara", 50)]  # type: ignore[attr-defined]
    elif "articles" in values:
        assert len(values["articles"]) == 50  # type: ignore[arg-type]
    else:
        assert len(capsys.readouterr().out.splitlines()) == 50


def test_the_documentation_shows_some():
    assert len(SNIPPETS) >= 4
