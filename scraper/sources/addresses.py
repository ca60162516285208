"""Lists of addresses: one a line; what follows it on the line, blank lines and those that begin with # are left out."""

from collections.abc import Iterator
from pathlib import Path

_LONGEST = 8192


def read_addresses(path: Path) -> Iterator[tuple[int, str | None]]:
    """The number of each line and its web address; None where it has none. Raises OSError when it cannot be read."""
    with path.open(encoding="utf-8-sig", errors="replace") as lines:
        number, begins = 0, True
        while line := lines.readline(_LONGEST):
            number += begins
            if begins and line.strip() and not line.lstrip().startswith("#"):
                yield number, address_in(line)
            begins = line.endswith("\n")


def address_in(line: str) -> str | None:
    """The web address that a line begins with."""
    address = line.split(maxsplit=1)[0] if line.strip() else ""
    return address if address.startswith(("http://", "https://")) else None
