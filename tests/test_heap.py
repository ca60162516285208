"""Freed memory goes back to the system."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scraper import heap

PROGRAM = """
import ctypes, os
from scraper import heap

def resident():
    with open("/proc/self/statm", "rb") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

# Blocks of the allocator itself, each of them below the size that it maps on its own; every eighth stays.
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p]
blocks = [libc.malloc(100_000) for _ in range(400)]
for block in blocks:
    ctypes.memset(block, 1, 100_000)
for number, block in enumerate(blocks):
    if number % 8:
        libc.free(block)
before = resident()
heap.give_back()
print(before - resident())
"""


@pytest.mark.skipif(heap._trim is None, reason="another allocator than glibc's")
def test_what_lies_freed_between_blocks_in_use_goes_back():
    environment = {**os.environ, "PYTHONPATH": str(Path(heap.__file__).parent.parent)}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert int(done.stdout) > 25_000_000


def test_another_allocator_is_left_alone(monkeypatch):
    monkeypatch.setattr(heap, "_trim", None)
    heap.give_back()
