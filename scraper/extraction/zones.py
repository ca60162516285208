"""Which time zone a page's naive times are meant in."""

from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

from scraper.extraction.listed import rule_lines
from scraper.model.outlet import Outlet
from scraper.urls import host

_BY_COUNTRY = dict(map(str.split, rule_lines("country_zones")))
_BY_LANGUAGE = dict(map(str.split, rule_lines("language_zones")))


def zone_for(outlet: Outlet, url: str, language: str | None) -> tzinfo:
    """The outlet's zone; where it has none but UTC, that of its country's press by host name, then by language."""
    country = host(url).rpartition(".")[2]
    names = (
        "" if outlet.zone == "UTC" else outlet.zone,
        _BY_COUNTRY.get((outlet.country or "").lower(), ""),
        _BY_COUNTRY.get(country, ""),
        _BY_LANGUAGE.get(language or "", ""),
    )
    return zone_named_by_iana(next(filter(None, names), "UTC"))


def zone_named_by_iana(name: str) -> tzinfo:
    """The zone in the IANA database; `datetime.UTC` itself for UTC and for a name that it does not have."""
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return UTC
