"""Outlet files that are written for a person are read back as the same outlet."""

from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scraper.model.outlet import LineRules, Outlet, Policy
from scraper.outlets import country_of, id_for, load_outlets, to_toml, zone_of_country

SHIPPED = load_outlets(Path(__file__).parent.parent.parent / "config")
text = st.text(min_size=1, max_size=30).filter(lambda text: text.strip(" *"))


@pytest.fixture
def read(tmp_path):
    (tmp_path / "outlets").mkdir()

    def read(outlet_id, written):
        file = tmp_path / "outlets" / f"{outlet_id}.toml"
        file.write_bytes(written.encode())
        (outlet,) = load_outlets(tmp_path)
        file.unlink()
        return outlet

    return read


def test_every_shipped_outlet_survives_being_written(read):
    for outlet in SHIPPED:
        remarks = dict.fromkeys((*outlet.feeds, *outlet.selectors.body), "seen")
        assert read(outlet.id, to_toml(outlet, head=["a comment"], remarks=remarks)) == outlet


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    name=text.filter(str.strip),
    lines=st.lists(text),
    headers=st.dictionaries(st.sampled_from(["Accept", "X-Y.z", "Cookie"]), text.filter(str.isprintable)),
    comment=st.text(),
)
def test_any_text_survives_being_written(read, name, lines, headers, comment):
    outlet = Outlet(
        id="warta",
        name=name,
        domains=("warta.example",),
        lines=LineRules(drop=tuple(lines)),
        policy=Policy(keep_paywalled=True, headers=tuple(headers.items())),
    )
    remarks = dict.fromkeys(lines, comment)
    assert read("warta", to_toml(outlet, head=[comment], remarks=remarks)) == outlet


def test_only_what_was_given_is_written():
    plain = to_toml(Outlet(id="warta", name="Warta", domains=("warta.example",)))
    assert plain == 'name = "Warta"\ndomains = ["warta.example"]\n'


def test_no_field_is_forgotten(read):
    whole = next(outlet for outlet in SHIPPED if outlet.id == "detik")
    changed = replace(whole, priority=3, sitemaps=("https://www.detik.com/sitemap.xml",))
    written = to_toml(changed)
    assert all(
        f"{field.name} = " in written
        for field in fields(Outlet)
        if isinstance(getattr(changed, field.name), str | int) and field.name != "id"
    )
    assert read("detik", written) == changed


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("www.detik.com", "detik"),
        ("jogja.antaranews.com", "jogja-antaranews"),
        ("mediaindonesia.co.id", "mediaindonesia"),
        ("127.0.0.1", "127-0-0-1"),
        ("localhost", "localhost"),
    ],
)
def test_ids_are_made_from_hosts(host, name):
    assert id_for(host) == name


def test_countries_and_zones_are_told_by_the_end_of_a_host():
    assert country_of("www.tempo.co.id") == "ID"
    assert country_of("bbc.co.uk") == "GB"
    assert country_of("detik.com") is None
    assert zone_of_country("ID") == ("Asia/Jakarta", False)
    assert zone_of_country("SG") == ("Asia/Singapore", True)
    assert zone_of_country("XX") is None
