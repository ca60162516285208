"""What a host name gives away about an outlet: a start for whoever writes its file."""

import re
from functools import cache
from importlib.resources import files

from scraper import urls
from scraper.outlets.checks import countries

_SPELT_OTHERWISE = {"uk": "GB"}


def id_for(host: str) -> str:
    """A short id: `detik` for www.detik.com, `jogja-antaranews` for jogja.antaranews.com."""
    site = urls.registrable_domain(host)
    name = host.removeprefix("www.")
    if not urls.is_address(name):
        name = name.removesuffix(site) + site.split(".")[0]
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:64] or "outlet"


def country_of(host: str) -> str | None:
    """The country whose top-level domain the host stands under (ISO 3166-1); None for the others."""
    top = host.rsplit(".", 1)[-1].lower()
    code = _SPELT_OTHERWISE.get(top, top.upper())
    return code if code in countries() else None


def zone_of_country(country: str) -> tuple[str, bool] | None:
    """The country's time zone, of several the one that tzdata lists first; and whether it is the only one."""
    zones = _zones().get(country)
    return (zones[0], len(zones) == 1) if zones else None


@cache
def _zones() -> dict[str, list[str]]:
    table = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8")
    zones: dict[str, list[str]] = {}
    for line in table.splitlines():
        if line and not line.startswith("#"):
            code, _, zone, *_ = line.split("\t")
            zones.setdefault(code, []).append(zone)
    return zones
