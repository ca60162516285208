"""Where the connection for a target goes: checked addresses of its host, or the proxy that the user named."""

from collections.abc import Iterable
from dataclasses import dataclass

import httpx

from scraper.fetching.guard import LOOPBACK, Address, Network, Target, is_local, is_loopback, refusal
from scraper.fetching.resolver import Resolver, Unknown
from scraper.fetching.transport import Route
from scraper.model.page import FetchReason


@dataclass(frozen=True, slots=True, kw_only=True)
class NoRoute:
    """There is no way to the target that may be taken."""

    reason: FetchReason
    detail: str


class Routes:
    """Finds ways, with the address guard at the only door."""

    def __init__(self, *, resolver: Resolver, allowed: Iterable[Network]) -> None:
        self._resolver = resolver
        self._allowed = tuple(allowed)

    async def to(self, target: Target, proxy: str | None) -> Route | NoRoute:
        """Return addresses that were checked and are the ones connected to, so a name that changes is no way in.

        Behind a proxy it is the proxy that looks names up: then only numeric hosts are checked here, and names that
        can only mean something inside are refused where no network is allowed that they may mean.
        """
        if target.literal is None and proxy is not None:
            if is_local(target) and not await self._may_be_meant(target):
                detail = f"{target.host} is a name inside the proxy's own network"
                return NoRoute(reason=FetchReason.REFUSED_ADDRESS, detail=detail)
            return await self._by_proxy(proxy)
        if target.literal is not None:
            found: tuple[Address, ...] = (target.literal,)
        else:
            answer = await self._resolver.addresses(target.host)
            if isinstance(answer, Unknown):
                return NoRoute(reason=FetchReason.UNRESOLVED, detail=f"{target.host} has no address: {answer.detail}")
            found = answer
        good = tuple(str(address) for address in found if refusal(address, self._allowed) is None)
        if not good:
            why = refusal(found[0], self._allowed)
            detail = f"{target.host} is {found[0]}, a {why} address" if target.literal is None else f"a {why} address"
            return NoRoute(reason=FetchReason.REFUSED_ADDRESS, detail=detail)
        return Route(addresses=good) if proxy is None else await self._by_proxy(proxy)

    async def _may_be_meant(self, target: Target) -> bool:
        """Whether a local name is known here by an allowed address, or not known here while networks are allowed."""
        if not self._allowed:
            return False
        found = LOOPBACK if is_loopback(target) else await self._resolver.addresses(target.host)
        return isinstance(found, Unknown) or any(refusal(address, self._allowed) is None for address in found)

    async def _by_proxy(self, proxy: str) -> Route | NoRoute:
        """The way to the proxy is not guarded: whoever sets one means it."""
        try:
            url = httpx.URL(proxy)
        except (httpx.InvalidURL, ValueError) as error:
            return NoRoute(reason=FetchReason.UNREACHABLE, detail=f"the proxy's address is no URL: {error}")
        if url.scheme not in {"http", "https"} or not url.host:
            return NoRoute(reason=FetchReason.UNREACHABLE, detail="the proxy's address is neither http nor https")
        answer = await self._resolver.addresses(url.host)
        if isinstance(answer, Unknown):
            return NoRoute(reason=FetchReason.UNRESOLVED, detail=f"the proxy {url.host} has no address")
        return Route(addresses=tuple(map(str, answer)), proxy=url)
