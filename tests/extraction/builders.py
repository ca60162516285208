"""Small pages written for these tests, and what surrounds a page."""

from datetime import UTC, datetime

from scraper.model.entry import Entry
from scraper.model.outlet import Outlet
from scraper.model.page import Page

NOW = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
URL = "https://harian.example/berita/101/laut-tenang"
OUTLET = Outlet(id="harian", name="Harian Contoh", domains=("harian.example",))

PARAGRAPHS = (
    "Nelayan di pesisir utara kembali melaut pada Senin pagi setelah badai yang berlangsung mereda.",
    "Kepala pelabuhan mengatakan sebanyak dua puluh kapal sudah berangkat sejak subuh, dan belasan lain menyusul.",
    "Menurut dia, gelombang kini hanya setinggi satu meter, jauh lebih rendah daripada pekan lalu.",
    "Para pedagang berharap harga ikan turun karena pasokan di pasar mulai kembali seperti biasa.",
)


def page(html: str, *, url: str = URL, content_type: str | None = "text/html; charset=utf-8") -> Page:
    return Page(url=url, requested_url=url, body=html.encode(), fetched_at=NOW, content_type=content_type)


def entry(url: str = URL) -> Entry:
    return Entry(key=url, url=url, outlet="harian", source="https://harian.example/rss")


def paragraphs(*texts: str) -> str:
    return "".join(f"<p>{text}</p>\n" for text in texts)


def article_html(
    body: str, *, title: str = "Laut Tenang, Nelayan Kembali Melaut", head: str = "", after: str = ""
) -> str:
    return f"""<!doctype html><html lang="id"><head><title>{title} - Harian Contoh</title>
<meta property="og:title" content="{title}">{head}</head><body>
<nav><a href="/">Beranda</a> <a href="/ekonomi">Ekonomi</a></nav>
<article><h1>{title}</h1><div class="isi">{body}</div></article>{after}
<footer><a href="/tentang">Tentang kami</a> <a href="/pedoman">Pedoman</a></footer></body></html>"""
