"""How often a token may be guessed: the first few times freely, then only after pauses that grow."""

from collections import OrderedDict
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from scraper.clock import Clock

_FREE = 5
"""Wrong words before the first pause."""
_LONGEST = timedelta(seconds=60)
_FORGOTTEN = timedelta(minutes=15)
_MOST = 1024
"""Addresses that are remembered; beyond them the one that was wrong longest ago is forgotten."""


class Guesses:
    """What was told wrongly, by the address that told it; for one thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._wrong: OrderedDict[str, tuple[int, datetime]] = OrderedDict()

    def pause(self, address: str) -> timedelta:
        """How long an address must wait before it is listened to again; zero when it may speak.

        While it waits it is not listened to even when it is right, or else waiting would cost a guesser nothing.
        """
        times, last = self._wrong.get(_site(address), (0, self._clock()))
        if times < _FREE:
            return timedelta()
        pause = min(_LONGEST, timedelta(seconds=2 ** min(times - _FREE, 10)))
        return max(timedelta(), last + pause - self._clock())

    def wrong(self, address: str) -> None:
        """It told a wrong word."""
        site, now = _site(address), self._clock()
        times, last = self._wrong.pop(site, (0, now))
        self._wrong[site] = (1 if now - last > _FORGOTTEN else times + 1, now)
        if len(self._wrong) > _MOST:
            self._wrong.popitem(last=False)

    def right(self, address: str) -> None:
        """It told the token."""
        self._wrong.pop(_site(address), None)


def _site(address: str) -> str:
    """An IPv4 address; of IPv6 the /64 that one customer has (RFC 6177)."""
    try:
        known = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    return str(known) if known.version == 4 else str(ip_network((known, 64), strict=False))  # noqa: PLR2004 - IPv4
