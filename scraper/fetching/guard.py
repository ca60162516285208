"""Which addresses may be asked. Pure: names are looked up elsewhere, what they mean is judged here.

The rule is the IANA special-purpose registries (RFC 6890 and its updates): only global unicast addresses are servers
of the public. Ways to hide another address inside a global one (IPv4-mapped, NAT64, 6to4, Teredo) are refused as such.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import httpx

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

URL_LIMIT = 8192
"""Most characters of an address: twice what any server is known to serve."""

_SHOWN = 300

_REFUSED_V4: tuple[tuple[IPv4Network, str], ...] = tuple(
    (IPv4Network(network), why)
    for network, why in (
        ("0.0.0.0/8", "this network"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "carrier-grade NAT"),
        ("127.0.0.0/8", "loopback"),
        ("168.63.129.16/32", "cloud metadata"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "protocol assignments"),
        ("192.0.2.0/24", "documentation"),
        ("192.88.99.0/24", "6to4 relay"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "benchmarking"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
    )
)
_REFUSED_V6: tuple[tuple[IPv6Network, str], ...] = tuple(
    (IPv6Network(network), why)
    for network, why in (
        ("::1/128", "loopback"),
        ("::ffff:0:0/96", "IPv4-mapped"),
        ("64:ff9b::/96", "NAT64"),
        ("64:ff9b:1::/48", "NAT64"),
        ("2001::/32", "Teredo"),
        ("2001::/23", "protocol assignments"),
        ("2001:db8::/32", "documentation"),
        ("2002::/16", "6to4"),
        ("3fff::/20", "documentation"),
        ("fc00::/7", "private"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "site-local"),
        ("ff00::/8", "multicast"),
    )
)
LOOPBACK: tuple[Address, ...] = (IPv4Address("127.0.0.1"), IPv6Address("::1"))
_GLOBAL_V6 = IPv6Network("2000::/3")
_LONGEST_NAME = 253
_NAME = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*", re.ASCII)
"""What resolvers and proxies read alike (RFC 1123 section 2.1, with the underscore that is met in practice)."""
_LOCAL_NAME = re.compile(r"(?:.*\.)?(?:localhost|local|internal|intranet|lan|home\.arpa)|[^.]+", re.ASCII)
_NUMERIC_LABEL = re.compile(r"\d+|0x[0-9a-f]*", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An address that is well-formed and may be asked, as far as can be told before its name is looked up."""

    url: httpx.URL
    host: str
    """Lower case, international names in their ASCII form, IPv6 without brackets, no trailing dot."""
    port: int
    literal: Address | None
    """The address, where the host is one."""

    @property
    def authority(self) -> str:
        """`https://host:port` as it stands in the URL."""
        return f"{self.url.scheme}://{self.url.netloc.decode('ascii')}"

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port (RFC 6454 section 4)."""
        return self.url.scheme, self.host, self.port


@dataclass(frozen=True, slots=True, kw_only=True)
class Malformed:
    """No address that could be asked."""

    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """An address that must not be asked."""

    detail: str


def read_url(text: str) -> Target | Malformed | Refused:
    """Take an absolute http or https URL apart. A fragment is dropped; user names and passwords are not accepted."""
    if len(text) > URL_LIMIT:
        return Malformed(detail=f"an address of {len(text)} characters")
    try:
        url = httpx.URL(text.strip().partition("#")[0])
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        if "IPv4 address" in str(error):
            return Refused(detail="an unusual spelling of a numeric address")
        return Malformed(detail=f"not a URL: {error}")
    if url.scheme not in {"http", "https"}:
        return Malformed(detail=f"neither http nor https but {url.scheme or 'no scheme'!r}")
    if url.userinfo:
        return Malformed(detail="a user name in the address: put credentials into the outlet's headers")
    return _read_host(url)


def _read_host(url: httpx.URL) -> Target | Malformed | Refused:
    host = url.raw_host.decode("ascii").removesuffix(".").lower()
    port = url.port if url.port is not None else (443 if url.scheme == "https" else 80)
    if not host or not 0 < port < 65536:  # noqa: PLR2004 - ports have 16 bits
        return Malformed(detail="no host or no port in the address")
    if ":" not in host and (len(host) > _LONGEST_NAME or not _NAME.fullmatch(host)):
        return Malformed(detail=f"no name that a host can have: {shown(host)}")
    try:
        literal = _literal(host)
    except ValueError:
        return Refused(detail=f"{host} is an unusual spelling of a numeric address")
    return Target(url=url, host=host, port=port, literal=literal)


def _literal(host: str) -> Address | None:
    """Return the address that the host spells; raises ValueError for decimal, octal, hex and shortened spellings."""
    if ":" in host:
        return ip_address(host)
    if _NUMERIC_LABEL.fullmatch(host.rpartition(".")[2]):
        return IPv4Address(host)
    return None


def parse_networks(networks: Iterable[str]) -> tuple[Network, ...]:
    """Read networks in CIDR form; raises ValueError with the offending text."""
    return tuple(ip_network(network, strict=False) for network in networks)


def refusal(address: Address, allowed: Iterable[Network] = ()) -> str | None:
    """Return the kind of a refused address in a word or two; None when it may be connected to."""
    if any(address in network for network in allowed):
        return None
    if isinstance(address, IPv4Address):
        return next((why for network, why in _REFUSED_V4 if address in network), None)
    if address.scope_id is not None:
        return "scoped"
    why = next((why for network, why in _REFUSED_V6 if address in network), None)
    if why is None and address not in _GLOBAL_V6:
        why = "not global"
    return why


def is_local(target: Target) -> bool:
    """Whether the name can only mean something inside a network (RFC 6761, 6762, 8375; a name of one label).

    Behind a proxy nobody here sees the address that a name leads to; this much can be told from the name.
    """
    return target.literal is None and _LOCAL_NAME.fullmatch(target.host) is not None


def is_loopback(target: Target) -> bool:
    """Whether the name means the very machine, whatever anybody's resolver says (RFC 6761 section 6.3)."""
    return target.literal is None and (target.host == "localhost" or target.host.endswith(".localhost"))


def shown(url: str) -> str:
    """The address as it stands in a sentence: not all of an endless one."""
    return url if len(url) <= _SHOWN else f"{url[:_SHOWN]}…"
