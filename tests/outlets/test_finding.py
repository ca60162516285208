from scraper.model.outlet import Outlet
from scraper.outlets import OutletsByDomain

KORAN = Outlet(id="koran", name="Koran", domains=("koran.example",))
SPORT = Outlet(id="sport", name="Koran Sport", domains=("sport.koran.example",))


def test_the_longest_domain_wins_and_sub_domains_belong():
    outlets = OutletsByDomain([KORAN, SPORT])
    assert outlets.of("https://www.koran.example/1") is KORAN
    assert outlets.of("https://live.sport.koran.example/1") is SPORT
    assert outlets.of("http://KORAN.example:8080/1") is KORAN


def test_a_name_that_only_ends_alike_is_a_stranger_with_the_general_rules():
    outlets = OutletsByDomain([KORAN])
    stranger = outlets.of("https://notkoran.example/1")
    assert stranger.id == "notkoran.example"
    assert not stranger.selectors.body
    assert outlets.of("").id == "unknown"
