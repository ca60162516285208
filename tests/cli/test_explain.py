"""`scraper explain` at the terminal, on stories read from a folder of saved pages."""

import json

import pytest
from typer.testing import CliRunner

from scraper.cli.app import app

LINES = [
    f"Warga desa {name} kembali ke rumah {when} setelah air sungai surut, kata kepala desa {head} kepada wartawan."
    for name, when, head in (
        ("Karangluh", "pada Senin pagi", "Untung"),
        ("Panti", "menjelang siang", "Sri Handayani"),
        ("Seruni", "tanpa menunggu bantuan", "Bagus"),
        ("Tembikar", "dengan perahu kayu", "Ratna Dewi"),
        ("Ngrandu", "sehari lebih lambat", "Yohanes"),
        ("Sukorame", "lewat jalan memutar", "Laksmi"),
    )
]
VERSIONS = {
    "asal": LINES[:4],
    "berita": LINES[:5],
    "cepat": ["Air sudah surut di hulu.", *LINES[1:], "Tanggul diperiksa."],
}


def page(title, lines, hour):
    return (
        f"<html lang='id'><head><title>{title}</title><meta property='og:type' content='article'>"
        f"<meta property='article:published_time' content='2026-03-01T{hour:02}:00:00+07:00'></head>"
        f"<body><article><h1>{title}</h1>{''.join(f'<p>{line}</p>' for line in lines)}</article></body></html>"
    )


@pytest.fixture
def scraper(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SCRAPER_CONFIG", raising=False)
    monkeypatch.setenv("SCRAPER_EXTRACT_WORKERS", "1")
    runner = CliRunner()
    return lambda *arguments: runner.invoke(app, list(arguments), catch_exceptions=False)


def collect(scraper, tmp_path, monkeypatch, keep, keep_duplicates="true"):
    monkeypatch.setenv("SCRAPER_DEDUP_KEEP", keep)
    monkeypatch.setenv("SCRAPER_DEDUP_KEEP_DUPLICATES", keep_duplicates)
    for hour, (name, lines) in enumerate(VERSIONS.items(), start=6):
        site = tmp_path / "saved" / f"{name}.example"
        site.mkdir(parents=True)
        (site / "banjir.html").write_text(page(f"Banjir {name}", lines, hour), "utf-8")
    assert scraper("backfill", "--folder", "saved").exit_code == 0


def told(scraper, name):
    done = scraper("explain", f"https://{name}.example/banjir.html")
    assert done.exit_code == 0
    return done.stdout


@pytest.mark.parametrize(
    ("keep", "fates"),
    [
        ("first", {"asal": "kept", "berita": "dropped: duplicate", "cepat": "dropped: duplicate"}),
        ("longest", {"asal": "dropped: superseded", "berita": "dropped: superseded", "cepat": "kept"}),
        ("origin", {"asal": "kept", "berita": "dropped: duplicate", "cepat": "dropped: duplicate"}),
    ],
)
def test_each_version_is_told_with_verdict_scores_and_difference(scraper, tmp_path, monkeypatch, keep, fates):
    collect(scraper, tmp_path, monkeypatch, keep)
    for name, fate in fates.items():
        shown = told(scraper, name)
        assert shown.splitlines()[0].split(maxsplit=1)[1] == fate
        assert all(f"{other}.example" in shown for other in fates), "the cluster is listed"
    last = told(scraper, "cepat")
    assert "copy of    " in last
    assert "scores     similarity 0." in last
    assert "of its wording stands there" in last
    assert "What differs from https://" in last
    assert "+ Tanggul diperiksa." in last
    assert "- Warga desa Karangluh" in last


def test_without_the_texts_of_copies_it_says_why_there_is_no_difference(scraper, tmp_path, monkeypatch):
    collect(scraper, tmp_path, monkeypatch, "first", "false")
    assert "The texts of copies are not kept" in told(scraper, "berita")
    row = json.loads(scraper("explain", "https://berita.example/banjir.html", "--json").stdout)
    assert row["judgement"]["relation"] == "copy"
    assert [member["standing"] for member in row["cluster"]] == ["kept", "dropped", "dropped"]
    for asked in ("https://asal.example/none", "0123456789abcdef", "none"):
        done = scraper("explain", asked)
        assert (done.exit_code, done.stdout) == (1, "")
        assert f"{asked!r} was never seen" in done.stderr


@pytest.mark.parametrize("asked", ["", "  "])
def test_nothing_is_no_story(scraper, asked):
    done = scraper("explain", asked)
    assert done.exit_code == 2
    assert "expected an address or an article id" in done.output
