"""Guards for every test: whoever reaches for an address beyond loopback has failed."""

import ipaddress
import os
import sys
from collections.abc import Iterator

import hypothesis
import pytest

# A busy machine is slow and that is no failure. Where CI is set, hypothesis brings a profile that also draws the same
# examples every time; elsewhere each run looks for new ones.
if "CI" not in os.environ:
    hypothesis.settings.register_profile(
        "busy machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
    )
    hypothesis.settings.load_profile("busy machine")

_blocked: list[str] = []


def _is_loopback(host: object) -> bool:
    if host in {None, "", "localhost", b"localhost"}:
        return True
    try:
        return ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        return False


def _guard(event: str, args: tuple[object, ...]) -> None:
    host: object
    if event == "socket.connect":
        address = args[1]
        if not isinstance(address, tuple):
            return
        host = address[0]
    elif event == "socket.getaddrinfo":
        host = args[0]
    else:
        return
    if not _is_loopback(host):
        _blocked.append(f"{event} {host!r}")
        raise PermissionError(f"tests use loopback only, not {host!r}")


sys.addaudithook(_guard)


@pytest.fixture(autouse=True)
def loopback_only() -> Iterator[None]:
    """Fail a test that tried to leave loopback, even when the code under test swallowed the refusal."""
    _blocked.clear()
    yield
    assert not _blocked, f"reached beyond loopback: {_blocked}"
