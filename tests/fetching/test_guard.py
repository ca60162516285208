"""Which addresses may be asked."""

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.fetching.guard import Malformed, Refused, Target, is_local, parse_networks, read_url, refusal

LOOPBACK = parse_networks(["127.0.0.0/8"])


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("127.0.0.1", "loopback"),
        ("127.255.0.9", "loopback"),
        ("0.0.0.0", "this network"),  # noqa: S104 - an address to be refused
        ("10.1.2.3", "private"),
        ("172.16.0.1", "private"),
        ("172.31.255.255", "private"),
        ("192.168.0.1", "private"),
        ("100.64.0.1", "carrier-grade NAT"),
        ("100.100.100.200", "carrier-grade NAT"),
        ("169.254.169.254", "link-local"),
        ("168.63.129.16", "cloud metadata"),
        ("192.0.0.192", "protocol assignments"),
        ("198.18.0.1", "benchmarking"),
        ("224.0.0.1", "multicast"),
        ("239.255.255.250", "multicast"),
        ("255.255.255.255", "reserved"),
        ("::", "not global"),
        ("::1", "loopback"),
        ("::ffff:8.8.8.8", "IPv4-mapped"),
        ("::ffff:127.0.0.1", "IPv4-mapped"),
        ("::127.0.0.1", "not global"),
        ("64:ff9b::7f00:1", "NAT64"),
        ("64:ff9b:1::1", "NAT64"),
        ("2001::1", "Teredo"),
        ("2001:0:4136:e378::1", "Teredo"),
        ("2002:7f00:1::", "6to4"),
        ("fc00::1", "private"),
        ("fd00:ec2::254", "private"),
        ("fe80::1", "link-local"),
        ("fe80::1%eth0", "scoped"),
        ("fec0::1", "site-local"),
        ("ff02::1", "multicast"),
        ("2001:db8::1", "documentation"),
        ("4000::1", "not global"),
    ],
)
def test_addresses_of_no_public_server_are_refused_by_kind(address, kind):
    assert refusal(ip_address(address)) == kind


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "8.8.8.8", "103.10.66.1", "192.0.66.2", "2606:4700::1111", "2a00:1450::1"]
)
def test_public_addresses_are_let_through(address):
    assert refusal(ip_address(address)) is None


def test_only_what_is_opened_is_open():
    assert refusal(ip_address("127.0.5.9"), LOOPBACK) is None
    for closed in ("10.0.0.1", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"):
        assert refusal(ip_address(closed), LOOPBACK) is not None


@given(st.ip_addresses())
def test_what_python_knows_as_not_global_is_never_let_through(address):
    if not address.is_global or address.is_multicast:
        assert refusal(address) is not None


@given(st.ip_addresses(v=4))
def test_no_private_address_hides_in_a_wider_one(inner):
    for outer in (f"::ffff:{inner}", f"::{inner}", f"64:ff9b::{inner}"):
        assert refusal(ip_address(outer)) is not None


@pytest.mark.parametrize(
    "host",
    [
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0X7F.0.0.1",
        "0177.0.0.1",
        "017700000001",
        "127.1",
        "127.0.1",
        "127.0.0.1.0x1",
        "127.0.0.01",
        "1.1.1.256",
        "1.2.3.4.5",
    ],
)
def test_odd_spellings_of_numbers_are_refused(host):
    assert isinstance(read_url(f"http://{host}/"), Refused)


@pytest.mark.parametrize("host", ["127.0.0.1.", "[::1]", "[::ffff:7f00:1]", "[0:0:0:0:0:0:0:1]"])
def test_plain_spellings_are_read_as_the_address_that_they_are(host):
    target = read_url(f"http://{host}/")
    assert isinstance(target, Target)
    assert target.literal is not None
    assert refusal(target.literal) is not None


@pytest.mark.parametrize("host", ["１２７.0.0.1", "127。0。0。1", "①②⑦.0.0.1"])  # noqa: RUF001 - that is the trick
def test_digits_of_other_scripts_are_no_way_round(host):
    target = read_url(f"http://{host}/")
    if isinstance(target, Target):
        assert target.literal is not None
        assert refusal(target.literal) is not None


def test_names_are_compared_in_one_form():
    target = read_url("HTTPS://Bücher.Example.:8443/a?b#c")
    assert isinstance(target, Target)
    assert target.host == "xn--bcher-kva.example"
    assert target.origin == ("https", "xn--bcher-kva.example", 8443)
    assert str(target.url) == "https://xn--bcher-kva.example.:8443/a?b"


@given(st.text())
def test_no_text_makes_reading_fail(text):
    assert isinstance(read_url(text), Target | Malformed | Refused)
    assert isinstance(read_url(f"http://{text}/"), Target | Malformed | Refused)


def test_networks_that_are_none_are_told():
    with pytest.raises(ValueError, match="localhost"):
        parse_networks(["localhost"])
    assert parse_networks(["10.0.0.1/8"]) == (ip_network("10.0.0.0/8"),)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1%00.example",
        "a..b",
        "exa%20mple",
        "x" * 64 + ".example",
        "a." * 127 + "example",
        "kabar.example%0d",
        ".",
        "a,b",
    ],
)
def test_what_no_host_can_be_called_is_no_address(host):
    assert isinstance(read_url(f"http://{host}/"), Malformed | Refused)


@pytest.mark.parametrize(
    "host", ["kabar.example", "a_b.kabar.example", "xn--zca.example", "kabar.example.", "-a.example"]
)
def test_names_that_are_met_in_practice_are_addresses(host):
    assert isinstance(read_url(f"http://{host}/"), Target)


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("localhost", True),
        ("db.localhost", True),
        ("metadata.google.internal", True),
        ("printer.local", True),
        ("router.home.arpa", True),
        ("intranet", True),
        ("kabar.example", False),
        ("localhost.example", False),
        ("internal.example", False),
        ("127.0.0.1", False),
        ("[::1]", False),
    ],
)
def test_names_that_only_mean_something_inside_are_known(host, local):
    target = read_url(f"http://{host}/")
    assert isinstance(target, Target)
    assert is_local(target) is local
