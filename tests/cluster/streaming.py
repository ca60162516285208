"""A web archive that is read on a real cluster while the tasks that unpack it are killed; run as a program.

python -m tests.cluster.streaming WARC [--kills 3]

Prints one JSON object: the places of the records as they arrived, and how many tasks were killed.
"""

import argparse
import asyncio
import json
import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"

from scraper.cluster import StreamedFile, joined
from scraper.sources.warc import WarcFile


def unpacking() -> list[int]:
    """The processes of this program's own cluster that unpack."""
    found = []
    for entry in Path("/proc").iterdir():
        with suppress(OSError, ValueError):
            if entry.name.isdecimal() and (entry / "cmdline").read_bytes().startswith(b"ray::unpack"):
                pid = int(entry.name)
                above = pid
                while above > 1 and above != os.getpid():
                    above = int(Path(f"/proc/{above}/stat").read_text().rpartition(")")[2].split()[1])
                if above == os.getpid():
                    found.append(pid)
    return found


def marks(path: Path, kills: int) -> dict[str, Any]:
    arrived, killed = [], 0
    for record in StreamedFile(WarcFile(path)).records():
        arrived.append(record.mark)
        if killed < kills and len(arrived) % 70 == 35:
            for pid in unpacking():
                os.kill(pid, signal.SIGKILL)
                killed += 1
    return {"marks": arrived, "killed": killed}


async def main(arguments: argparse.Namespace) -> dict[str, Any]:
    async with joined("local"):
        return await asyncio.to_thread(marks, arguments.warc, arguments.kills)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("warc", type=Path)
    parser.add_argument("--kills", type=int, default=3)
    print(json.dumps(asyncio.run(main(parser.parse_args()))))  # noqa: T201 - what it is for
