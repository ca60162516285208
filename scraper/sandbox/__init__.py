"""Runs work on untrusted bytes in child processes that can be killed.

async with Sandbox(workers=2, timeout=timedelta(seconds=10), memory=1_000_000_000, recycle_after=500) as sandbox:
    match await sandbox.run(job, body):
        case Killed(detail=detail): ...   # took too long, too much memory, or crashed
        case Raised(detail=detail): ...   # the job raised
        case result: ...
"""

from scraper.sandbox.outcomes import Answered, Killed, Raised, SandboxBrokenError
from scraper.sandbox.packed import Packed, Packing
from scraper.sandbox.pool import Pieces, Sandbox, opened
from scraper.sandbox.turns import one_a_turn

__all__ = [
    "Answered",
    "Killed",
    "Packed",
    "Packing",
    "Pieces",
    "Raised",
    "Sandbox",
    "SandboxBrokenError",
    "one_a_turn",
    "opened",
]
