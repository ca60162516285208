"""The status page in a real browser."""

from dataclasses import replace
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe

from scraper.status.web.app import Look
from tests.status.web.filled import COPIED, HOSTILE, HOSTILE_TEXT, HOSTILE_TITLE, LOST, ORIGINAL, served, settle
from tests.storage.samples import NOW, kept, store_in

PAGES = (
    "/",
    "/?numbers=1",
    "/outlets",
    "/outlets/kabar",
    "/outlets/warta",
    "/articles?q=banjir",
    f"/articles/{ORIGINAL}",
    f"/articles/{HOSTILE}",
    "/stories",
    f"/stories/{ORIGINAL}",
    f"/stories/{ORIGINAL}?with={LOST}",
    "/why?story=https://warta.example/berita/971",
    "/entrance",
)
KINDS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
OUTSIDE_PICTURES = {"exclude": [[".drawn svg > *"]]}
"""What is in a chart is one image to those who do not see it, with a name and its numbers beside it."""
COLOURS = ("color-contrast", "link-in-text-block")


def test_pages_load_from_here_alone_and_are_accessible(visit):
    tab = visit(color_scheme="light")
    for path in PAGES:
        page = tab.to(path)
        assert page.locator("h1").count() == 1, path
        if path in {"/", "/outlets/kabar", "/articles?q=banjir", f"/articles/{ORIGINAL}"}:
            continue  # what others of these show again, as far as access goes
        found = Axe().run(page, context=OUTSIDE_PICTURES, options={"runOnly": [*KINDS]})
        assert found.violations_count == 0, f"{path}: {found.generate_report()}"


def test_colours_can_be_told_apart_in_the_dark_too(visit):
    tab = visit(color_scheme="dark")
    for path in ("/", "/outlets/warta", f"/articles/{HOSTILE}", f"/stories/{ORIGINAL}"):
        found = Axe().run(tab.to(path), options={"runOnly": {"type": "rule", "values": [*COLOURS]}})
        assert found.violations_count == 0, f"{path}: {found.generate_report()}"


def test_columns_are_as_high_as_their_numbers(visit):
    page = visit().to("/")
    bars = page.locator("figure.across .bar").evaluate_all(
        """bars => bars.map(bar => [Number(bar.querySelector("title").textContent.split(": ").pop()),
            bar.querySelector("rect").getBoundingClientRect().height,
            getComputedStyle(bar.querySelector("rect")).fill])"""
    )
    assert sum(value for value, _, _ in bars) == 62
    unit = bars[0][1] / bars[0][0]
    assert unit > 3
    for value, height, _ in bars:
        assert height == pytest.approx(value * unit, abs=1)
    colours = {colour for _, _, colour in bars}
    assert len(colours) == 3, "a colour for each outlet"
    assert "rgb(0, 0, 0)" not in colours, "of the page's own style sheet"
    listed = page.locator("#by-hour-numbers tbody td").all_text_contents()
    assert sum(int(number) for number in listed) == 62, "the same numbers, as a table"
    page.locator("#by-hour-numbers summary").focus()
    page.keyboard.press("Enter")
    assert page.locator("#by-hour-numbers table").is_visible()


def test_a_line_and_its_colours_are_drawn_in_light_and_dark(visit):
    seen = set()
    for scheme in ("light", "dark"):
        page = visit(color_scheme=scheme).to("/outlets/kabar")
        dot = page.locator("figure[aria-labelledby=extracted] .dot").first
        assert dot.bounding_box()["width"] > 3
        seen.add(dot.evaluate("dot => getComputedStyle(dot).stroke"))
        assert page.get_by_role("img", name="Extraction yield").count() == 1
    assert len(seen) == 2


def test_a_hostile_outlets_name_stays_text_in_a_chart(visit, tmp_path):
    store = store_in(tmp_path)
    settle(store, 1, "kabar", NOW, lambda claimed: kept(claimed, 1))
    settle(store, 2, "warta", NOW, lambda claimed: kept(claimed, 2))
    store.close()
    name = "</svg><script>window.hacked = 1</script>\u202e\x00<img src=x onerror='window.hacked = 2'>"
    with served(tmp_path, Look(names={"kabar": name, "warta": "Warta"})) as url:
        page = visit(site=url).to("/")
        assert page.evaluate("window.hacked") is None
        assert page.locator("main script, main img").count() == 0
        titles = page.locator("figure.across .bar title").all_text_contents()
        assert any("</svg><script>window.hacked = 1</script>\\u202e" in title for title in titles)
        page.context.close()


def test_the_habit_is_a_map_of_heat(visit):
    page = visit().to("/outlets/kabar")
    cells = page.locator(".heat tbody td")
    assert cells.count() == 168
    colours = set(cells.evaluate_all("cells => cells.map(cell => getComputedStyle(cell).backgroundColor)"))
    assert len(colours) > 1
    assert page.locator(".heat caption").inner_text().startswith("New stories an hour")


def test_words_typed_into_the_search_find_their_article(visit):
    page = visit().to("/")
    page.get_by_label("Search articles, or paste an address").fill("mengungsi balai")
    page.keyboard.press("Enter")
    page.wait_for_url("**/articles?q=mengungsi+balai")
    assert page.locator("ol.articles .headline").all_inner_texts() == ["Banjir di tepi sungai"]
    page.get_by_role("link", name="Banjir di tepi sungai").click()
    page.get_by_role("link", name="2 further versions of this story").click()
    assert page.locator("h1").inner_text() == "Banjir di tepi sungai"


def test_a_cluster_shows_the_difference_side_by_side(visit):
    page = visit().to(f"/stories/{ORIGINAL}")
    left, right = page.locator(".versions tbody tr").first.locator("td").all()
    assert left.bounding_box()["y"] == right.bounding_box()["y"]
    assert left.bounding_box()["x"] + left.bounding_box()["width"] <= right.bounding_box()["x"] + 1
    assert (left.locator("del").inner_text(), right.locator("ins").inner_text()) == ("tiga", "lima")
    styles = "element => getComputedStyle(element).textDecorationLine"
    assert left.locator("del").evaluate(styles) == "line-through"
    assert right.locator("ins").evaluate(styles) == "underline"
    dots = [dot.bounding_box()["x"] for dot in page.locator(".dot").all()]
    assert dots == sorted(dots), "who came later stands further along the line"
    assert dots[0] < dots[1] < dots[2]
    page.get_by_role("link", name="Compare with pos").click()
    assert "The text of pos’s version is not kept" in page.locator("main").inner_text()


def test_what_pages_say_stays_text(visit):
    tab = visit()
    for path in ("/", "/articles", "/articles?q=klik", "/outlets/kabar", "/outlets/warta", f"/articles/{HOSTILE}"):
        page = tab.to(path)
        page.mouse.move(300, 300)
        for element in page.locator("a.headline, h1").all()[:3]:
            element.hover()
        assert page.evaluate("window.hacked") is None
        schemes = set(page.evaluate("[...document.links].map(link => link.protocol)"))
        assert schemes <= {"http:", "https:"}, path
        assert page.locator("main img, main style, main script, main svg [style], main svg a, main iframe").count() == 0
    assert page.locator("h1").inner_text() == " ".join(HOSTILE_TITLE.split())
    assert page.locator(".text p").all_inner_texts() == HOSTILE_TEXT.splitlines()
    assert page.locator(".text").get_attribute("onload") is None
    assert page.locator(".kicker bdi").first.evaluate("element => getComputedStyle(element).unicodeBidi") == "isolate"
    tab.to("/outlets/warta")
    assert "status 503 <b>\\u202e" in page.locator("main").inner_text()


def test_everything_can_be_read_without_javascript(visit):
    tab = visit(java_script_enabled=False)
    page = tab.to("/")
    assert page.locator("button.live").count() == 0
    bars = [cell.bounding_box() for cell in page.locator("figure.across .bar rect").all()]
    assert any(box and box["height"] > 5 for box in bars)
    page.get_by_label("Search articles, or paste an address").fill("mengungsi")
    page.get_by_role("button", name="Search").click()
    assert page.locator("ol.articles .headline").all_inner_texts() == ["Banjir di tepi sungai"]
    page = tab.to(f"/stories/{ORIGINAL}?with={COPIED}")
    assert page.locator("del").count() > 1


def test_dark_is_dark(visit):
    def lightness(scheme):
        page = visit(color_scheme=scheme).to("/")
        colour = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        return sum(int(part) for part in colour.strip("rgb()").split(","))

    assert lightness("light") > 3 * 230
    assert lightness("dark") < 3 * 40


def test_the_keyboard_reaches_everything_and_shows_where_it_is(visit):
    page = visit().to("/")
    page.keyboard.press("Tab")
    skip = page.locator(":focus")
    assert skip.inner_text() == "Skip to the content"
    assert skip.bounding_box()["y"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    for _ in range(4):
        page.keyboard.press("Tab")
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid"
        assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


@pytest.mark.parametrize("path", ["/", "/outlets/kabar", "/articles?q=banjir", f"/stories/{ORIGINAL}"])
def test_every_link_and_control_of_a_view_is_met_by_tabbing(visit, path):
    page = visit().to(path)
    wanted = page.evaluate(
        """() => {
            const all = [...document.querySelectorAll("a[href], button, input, select, summary, [tabindex='0']")];
            const seen = all.filter(one => one.checkVisibility());
            seen.forEach((one, place) => { one.dataset.place = place; });
            return seen.length;
        }"""
    )
    met: set[str] = set()
    for _ in range(wanted + 10):
        page.keyboard.press("Tab")
        met.add(page.evaluate("document.activeElement.dataset.place ?? ''"))
        if len(met - {""}) == wanted:
            break
    assert met - {""} == {str(place) for place in range(wanted)}


def test_it_brings_itself_up_to_date_until_told_to_stop(visit, tmp_path):
    now = [NOW]
    store = store_in(tmp_path)
    settle(store, 1, "kabar", NOW, lambda claimed: kept(claimed, 1))
    with served(tmp_path, clock=lambda: now[0]) as url:
        tab = visit(site=url)
        tab.page.clock.install()
        page = tab.to("/")
        assert page.locator("h1").inner_text() == "1 article in the last 24 hours"
        settle(store, 2, "kabar", NOW, lambda claimed: kept(claimed, 2))
        now[0] = NOW + timedelta(minutes=1)
        page.clock.run_for(11_000)
        page.get_by_text("2 articles in the last 24 hours").wait_for()
        page.get_by_role("button", name="Live: pause").click()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.clock.run_for(60_000)
        assert asked == []
        assert page.get_by_role("button", name="Paused: resume").is_visible()
        tab.context.close()
    store.close()


def test_a_token_opens_it(visit, tmp_path):
    store_in(tmp_path).close()
    with served(tmp_path, replace(Look(), token="kunci")) as url:  # noqa: S106 - it guards nothing
        page = visit(site=url).to("/")
        assert page.locator("h1").inner_text() == "This page is guarded"
        page.get_by_label("Token").fill("kunci")
        page.get_by_role("button", name="Enter").click()
        assert page.locator("h1").inner_text() == "0 articles in the last 24 hours"
        page.context.close()


def test_nothing_is_cut_off_on_small_screens(visit):
    tab = visit()
    for path in ("/", "/outlets", "/outlets/kabar", f"/articles/{HOSTILE}", f"/stories/{ORIGINAL}"):
        page = tab.to(path)
        for width in (360, 768):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
