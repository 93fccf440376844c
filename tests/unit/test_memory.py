"""What a node has freed goes back to the machine."""

from __future__ import annotations

import ctypes
import subprocess
import sys

import pytest

from node.process.memory import ARENAS_MAX

HOLES = """
import random
from node.process.memory import give_back, settle_memory

def resident_bytes():
    return int(open("/proc/self/statm").read().split()[1]) * 4096

settle_memory()
choices = random.Random(1)
pieces = [bytes(choices.choice((600, 2_000, 9_000, 40_000))) for _ in range(6_000)]
kept = pieces[::5]
full = resident_bytes()
del pieces
freed = resident_bytes()
give_back()
print(full - freed, freed - resident_bytes())
"""
HELD_BYTES_MIN = 30_000_000
AREAS = """
import ctypes, sys, threading
from node.process.memory import settle_memory

if sys.argv[1] == "settled":
    settle_memory()
together = threading.Barrier(8)

def hold():
    piece = bytes(50_000)
    together.wait()

threads = [threading.Thread(target=hold) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
library = ctypes.CDLL(None)
library.fdopen.restype = ctypes.c_void_p
output = ctypes.c_void_p(library.fdopen(1, b"w"))
library.malloc_info(0, output)
library.fflush(output)
"""
ON_GLIBC = pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "malloc_info"), reason="another C library"
)


@ON_GLIBC
def test_threads_share_two_areas() -> None:
    """By itself the C library would keep what each of them has freed apart."""
    found = {
        how: subprocess.check_output([sys.executable, "-c", AREAS, how]).count(b"<heap nr=")
        for how in ("settled", "as it is")
    }
    assert found["settled"] <= ARENAS_MAX < found["as it is"]


@ON_GLIBC
def test_pieces_between_others_are_given_back() -> None:
    """They are not by themselves, so the node asks for it now and then."""
    found = subprocess.check_output([sys.executable, "-c", HOLES]).split()
    alone, when_asked = map(int, found)
    assert alone < HELD_BYTES_MIN < when_asked
