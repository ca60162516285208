"""Lists of addresses: one a line; what follows it on the line, and lines that hold none, are left out."""

from collections.abc import Iterator
from pathlib import Path

_LONGEST = 8192


def read_addresses(path: Path) -> Iterator[str]:
    """The web addresses in a file, line after line. Raises OSError when it cannot be read."""
    with path.open(encoding="utf-8-sig", errors="replace") as lines:
        while line := lines.readline(_LONGEST):
            if address := address_in(line):
                yield address


def address_in(line: str) -> str | None:
    """The web address that a line begins with."""
    address = line.split(maxsplit=1)[0] if line.strip() else ""
    return address if address.startswith(("http://", "https://")) else None
