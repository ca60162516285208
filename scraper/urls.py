"""URLs as identity: one article, one key. Pure.

`canonical` folds what publishers vary for one and the same story. It is an identity and not an address to fetch:
the folded form may not exist on the server.
"""

import hashlib
import ipaddress
import re
from functools import lru_cache
from importlib.resources import files
from urllib.parse import quote, unquote, urljoin, urlsplit

from scraper.model.outlet import Outlet

_LONGEST = 4096
_LABEL = 63

_TRACKING = frozenset(
    """
    fbclid gclid gclsrc dclid gbraid wbraid msclkid yclid twclid ttclid igshid igsh mkt_tok ocid cmpid ncid s_cid
    smid smtyp emc sref xtor ito srnd leadsource feedtype feedname traffic_source traffic_medium maca mc_cid mc_eid
    _ga _gl _hsenc _hsmi __source __twitter_impression amp_js_v amp_gsa usqp wprov ref_src ref_url spm scid sfmc_id
    guccounter guce_referrer guce_referrer_sig soc_src soc_trk tag_from tracking_page_direct lgn_method jxconn
    jxrecoid jxrecotype jxflowid jxclick embed_source wt.mc_id wtmc wt_mc cmp icid intcmp campaign_id ns_mchannel
    ns_source ns_linkname ns_fee ns_campaign echobox sc_camp share_id shareid rssfeed taid fromapp mbid ftag gad_source
    gad_campaignid srsltid li_fat_id tblci dicbo sfnsn _branch_match_id hss_channel fb_action_ids fb_action_types
    fb_source fb_ref ck_subscriber_id phpsessid jsessionid
    """.split()  # noqa: SIM905 - a hundred quoted words read worse
)
"""Parameters that never choose what is shown."""

_TRACKING_PREFIXES = ("utm_", "at_", "hsa_", "pk_", "mtm_", "vero_", "oly_", "jx_", "itm_", "stm_")

_CASUAL = frozenset(
    """
    ref referrer referer source src from via mod partner rss feed medium campaign share shared cid engine s
    """.split()  # noqa: SIM905 - as above
)
"""Parameters that tell where the reader came from, unless a script's query is the whole address."""

_VIEWS = {
    "amp": frozenset({"", "1", "true", "yes"}),
    "outputtype": frozenset({"amp", "mobile", "print"}),
    "output": frozenset({"amp", "mobile", "print"}),
    "view": frozenset({"amp", "mobile", "print", "all", "full", "desktop"}),
    "mode": frozenset({"amp", "mobile", "print"}),
    "device": frozenset({"desktop", "mobile"}),
    "print": frozenset({"", "1", "true"}),
    "m": frozenset({"0", "1"}),
    "mobile": frozenset({"", "0", "1", "true", "false"}),
    "single": frozenset({"", "1", "true"}),
    "singlepage": frozenset({"", "1", "true", "yes"}),
    "showall": frozenset({"", "1", "true", "yes"}),
    "nopaging": frozenset({"", "1", "true"}),
    "showpage": frozenset({"all"}),
    "page": frozenset({"all", "semua"}),
    "pages": frozenset({"all"}),
    "pagewanted": frozenset({"all"}),
}
"""Parameters that, with these values, show the same story in another dress."""

_HOST_VARIANTS = frozenset({"www", "m", "mobile", "amp", "wap"})
_AMP_SEGMENTS = frozenset({"amp", "amphtml"})
_SCRIPT = re.compile(r"(?:^|/)(?:[^/]*\.(?:php\d?|aspx?|jsp|cgi|do|cfm)|)$", re.IGNORECASE)
"""A path whose query says which story is meant."""
_CASUAL_ID = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(r"\d{1,2}")
_EDGES = "".join(map(chr, range(33)))
_CONTROLS = re.compile(r"[\t\n\r]")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})?")
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_KEPT_IN_PATH = "/%:@!$&'()*+,;=-._~"
_KEPT_IN_QUERY = _KEPT_IN_PATH + "?[]|"
_SPELT = re.compile(r"[A-Za-z0-9/:@!$&'()*+,;=._~?\[\]|-]*+")
"""Text that needs no escape in a path or query and has none."""
_SPELT_PATH = re.compile(r"(?:/(?!\.)[A-Za-z0-9:@!$&'()*+,=._~-]++)++")
"""A path that is in its final form."""
_PLAIN = re.compile(r"(https?)://([a-z0-9.-]+)(" + _SPELT_PATH.pattern + ")")
"""An address that nothing but its host could fold, as most are: a short way for them."""
_AT_PLAIN_HOST = re.compile(r"https?://([a-z0-9.-]+)(?:[/?#]|\Z)")
_ESCAPED_TWICE = re.compile(r"^(?:amp;)+", re.IGNORECASE)
"""What is left of an ampersand between parameters that was escaped for a page once too often."""
_SESSION = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/]*", re.IGNORECASE)
_AMP_FILE = re.compile(r"\.amp(?=(?:\.html?)?$)", re.IGNORECASE)
_CACHE_TYPE = re.compile(r"^/(?:[a-z]/(?=s/|[^/]+\.))?")
_SLASHES = re.compile("/{2,}")
_DOTTED_QUAD = re.compile(r"[\d.]+")
_HOST_CHARACTERS = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_-])?")


def canonical(url: str) -> str | None:
    """The form that all addresses of one article share; None when it is not an http(s) address.

    Idempotent. Folded: scheme, default port, credentials, host case and spelling, `www.` and mobile hosts, AMP
    addresses and caches, tracking parameters, print, mobile and whole-story views, page numbers, parameter order,
    escapes, dot segments, a trailing slash and the fragment (unless a client-side route stands in it).
    """
    if len(url) <= _LONGEST and (found := _PLAIN.fullmatch(url)):
        scheme, name, path = found.groups()
        netloc = _origin(scheme, name)
        if netloc is not None and not _is_wrapper(netloc) and "amp" not in path.lower():
            return netloc + path
    return _folded(url)


@lru_cache(maxsize=1024)
def _folded(url: str) -> str | None:
    parts = _split(url)
    if parts is None:
        return None
    netloc, path, query, fragment = parts
    path = _plain_path(path)
    while (inner := _unwrapped(netloc, path, query)) and (again := _split(inner)):
        netloc, path, query, fragment = again
        path = _plain_path(path)
    if not _is_wrapper(netloc):
        path = "/" + "/".join(_without_amp(path[1:].split("/")))
    query = _plain_query(path, query)
    if not fragment.startswith(("!", "/")):
        fragment = ""
    return (
        f"{netloc}{path}"
        + (f"?{query}" if query else "")
        + (f"#{_escaped(fragment, _KEPT_IN_QUERY)}" if fragment else "")
    )


def entry_key(outlet: Outlet, url: str) -> str:
    """The identity of the article at `url`: `outlet:id` by the outlet's own pattern, else the canonical URL.

    The pattern is trusted on the outlet's own domains only.
    """
    if outlet.articles.id_pattern and _belongs(outlet, url):
        found = _compiled(outlet.articles.id_pattern).search(url)
        if found is not None and (identity := found.groupdict().get("id")):
            return f"{outlet.id}:{identity}"
    return canonical(url) or url.strip()


def article_id(key: str) -> str:
    """Sixteen hexadecimal characters that stand for the article with this key, the same on every machine."""
    return article_digest(key).hex()


def article_digest(key: str) -> bytes:
    """The eight bytes that an article's id spells out."""
    return hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest()


def host(url: str) -> str:
    """The host name of a URL, lower-case and ASCII, without port; empty when there is none."""
    if found := _AT_PLAIN_HOST.match(url):
        return _plain_host(found[1]) or ""
    try:
        name = urlsplit(_cleaned(url)).hostname
    except ValueError:
        return ""
    return (_plain_host(name) or "") if name else ""


def registrable_domain(url_or_host: str) -> str:
    """The domain under which the site was registered, by the public suffix list: `detik.co.id` of `news.detik.co.id`.

    An IP address, a bare suffix and a name without dots stand for themselves.
    """
    if "//" in url_or_host:
        return _registrable(host(url_or_host))
    return _registrable(_plain_host(url_or_host.partition(":")[0]) or url_or_host)


@lru_cache(maxsize=16_384)
def _registrable(name: str) -> str:
    if is_address(name):
        return name
    labels = name.split(".")
    rules = _suffixes()
    suffix = 1
    for start in range(len(labels)):
        rest = ".".join(labels[start:])
        if "!" + rest in rules:
            suffix = len(labels) - start - 1
            break
        if rest in rules or (start + 1 < len(labels) and "*." + ".".join(labels[start + 1 :]) in rules):
            suffix = len(labels) - start
            break
    return ".".join(labels[-(suffix + 1) :])


def same_site(a: str, b: str) -> bool:
    """Whether two URLs or hosts belong to one registrable domain."""
    first = registrable_domain(a)
    return bool(first) and first == registrable_domain(b)


def joined(base: str, link: str) -> str | None:
    """The web address that a link on a page leads to; None when it leads to none."""
    try:
        url = urljoin(base, link.strip())
    except ValueError:
        return None
    return url if link.strip() and url.startswith(("http://", "https://")) else None


_CAPTURE = re.compile(r"https?://[^?#]*?/(?:\d{14})id_/(https?://.+)", re.IGNORECASE)


def captured(url: str) -> str | None:
    """The address whose capture stands at an address of a web archive (`…/20260301000000id_/URL`), else None."""
    found = _CAPTURE.fullmatch(url)
    return found[1] if found else None


def is_address(name: str) -> bool:
    """Whether a host name is an IP address, brackets or not."""
    if not _DOTTED_QUAD.fullmatch(name) and ":" not in name:
        return False
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


def _belongs(outlet: Outlet, url: str) -> bool:
    name = host(url)
    return not outlet.domains or any(
        name == domain or name.endswith("." + domain) for domain in map(str.lower, outlet.domains)
    )


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


@lru_cache(maxsize=1)
def _suffixes() -> frozenset[str]:
    """The public suffix list as it came with the `tld` package; nothing is fetched."""
    text = files("tld").joinpath("res", "effective_tld_names.dat.txt").read_text("utf-8")
    rules = (line.split()[0] for line in text.splitlines() if line.strip() and not line.startswith("//"))
    return frozenset(rule if rule.isascii() else _ascii_rule(rule) for rule in rules)


def _ascii_rule(rule: str) -> str:
    return ".".join(label if label.isascii() else label.encode("idna").decode("ascii") for label in rule.split("."))


def _cleaned(url: str) -> str:
    """As browsers read it (WHATWG URL, basic parser): trimmed, no line breaks, backslashes as slashes."""
    url = _CONTROLS.sub("", url.strip(_EDGES))
    if "\\" not in url:
        return url
    head, mark, tail = url.partition("?")
    return head.replace("\\", "/") + mark + tail


def _split(url: str) -> tuple[str, str, str, str] | None:
    """`scheme://host:port`, path, query and fragment, the first already in its final form."""
    if len(url) > _LONGEST:
        return None
    try:
        parts = urlsplit(_cleaned(url))
    except ValueError:
        return None
    origin = _origin(parts.scheme.lower(), parts.netloc)
    return (origin, parts.path, parts.query, parts.fragment) if origin else None


@lru_cache(maxsize=4096)
def _origin(scheme: str, netloc: str) -> str | None:
    """The folded `scheme://host:port`; None when there is no web server of that name."""
    try:
        parts = urlsplit(f"//{netloc}")
        port = parts.port
    except ValueError:
        return None
    if scheme not in {"http", "https"} or not parts.hostname:
        return None
    name = _plain_host(parts.hostname)
    if name is None:
        return None
    name = f"[{name}]" if ":" in name else _main_host(name)
    return f"https://{name}" if port in {None, 80 if scheme == "http" else 443} else f"{scheme}://{name}:{port}"


@lru_cache(maxsize=4096)
def _plain_host(name: str) -> str | None:
    """Lower-case, ASCII, no trailing dot; None for what cannot be a host."""
    name = unquote(name).lower().rstrip(".")
    if not name.isascii():
        try:
            name = ".".join(
                label if label.isascii() else label.encode("idna").decode("ascii") for label in name.split(".")
            )
        except UnicodeError:
            return None
        name = name.lower()
    if ":" in name:
        return name.strip("[]") if is_address(name) else None
    if not _HOST_CHARACTERS.fullmatch(name) or any(not 0 < len(label) <= _LABEL for label in name.split(".")):
        return None
    return name


def _main_host(name: str) -> str:
    """`name` without `www.`, mobile and AMP labels in front, as long as a registrable domain is left."""
    if is_address(name):
        return name
    labels = name.split(".")
    least = registrable_domain(name).count(".") + 1
    while len(labels) > least and labels[0] in _HOST_VARIANTS:
        labels = labels[1:]
    if len(labels) > least + 1 and labels[1] in {"m", "amp"}:
        del labels[1]
    return ".".join(labels) if ".".join(labels) == name else _main_host(".".join(labels))


@lru_cache(maxsize=4096)
def _is_wrapper(netloc: str) -> bool:
    """Whether the host serves other publishers' pages: a Google AMP viewer or an AMP cache."""
    name = netloc.partition("://")[2]
    return name.endswith((".ampproject.org", ".bing-amp.com")) or registrable_domain(name).startswith("google.")


def _unwrapped(netloc: str, path: str, query: str) -> str | None:
    """The address inside an address of a wrapper; None when there is none."""
    if not _is_wrapper(netloc):
        return None
    if ".google." in f".{netloc.partition('://')[2]}":
        inner = path.removeprefix("/amp/") if path.startswith("/amp/") else ""
    else:
        inner = _CACHE_TYPE.sub("", path)
    secure = inner.startswith("s/")
    inner = inner.removeprefix("s/")
    if "." not in inner.partition("/")[0]:
        return None
    return f"{'https' if secure else 'http'}://{inner}" + (f"?{query}" if query else "")


def _escaped(text: str, kept: str) -> str:
    """Escapes in one spelling: upper-case, only where needed (RFC 3986 section 6.2.2), text as UTF-8."""

    def plain(found: re.Match[str]) -> str:
        digits = found[1]
        if digits is None:
            return "%25"
        code = int(digits, 16)
        return chr(code) if code in _UNRESERVED else f"%{digits.upper()}"

    if "%" in text:
        text = _ESCAPE.sub(plain, text)
    elif _SPELT.fullmatch(text) and "?" in kept:
        return text
    return quote(text, safe=kept, errors="replace")


def _plain_path(path: str) -> str:
    if _SPELT_PATH.fullmatch(path):
        return path
    path = _SLASHES.sub("/", _escaped(_SESSION.sub("", path), _KEPT_IN_PATH))
    segments: list[str] = []
    for segment in path.split("/")[1:]:
        if segment == "..":
            del segments[-1:]
        elif segment not in {".", ""}:
            segments.append(segment)
    return "/" + "/".join(segments)


def _without_amp(segments: list[str]) -> list[str]:
    while len(segments) > 1 and segments[-1].lower() in _AMP_SEGMENTS:
        segments = segments[:-1]
    while len(segments) > 1 and segments[0].lower() in _AMP_SEGMENTS:
        segments = segments[1:]
    shorter = _AMP_FILE.sub("", segments[-1])
    return _without_amp([*segments[:-1], shorter]) if shorter and shorter != segments[-1] else segments


def _plain_query(path: str, query: str) -> str:
    if not query:
        return ""
    is_script = _SCRIPT.search(path) is not None
    pairs = {_ESCAPED_TWICE.sub("", _escaped(pair, _KEPT_IN_QUERY)) for pair in query.split("&")}
    return "&".join(sorted(pair for pair in pairs if pair and not _is_noise(pair, is_script=is_script)))


def _is_noise(pair: str, *, is_script: bool) -> bool:
    name, _, value = pair.partition("=")
    name, value = unquote(name).lower(), unquote(value).lower()
    if name in _TRACKING or name.startswith(_TRACKING_PREFIXES) or value in _VIEWS.get(name, ()):
        return True
    if is_script:
        return False
    if name in _CASUAL:
        return _CASUAL_ID.fullmatch(value) is None
    return name == "page" and _PAGE_NUMBER.fullmatch(value) is not None
