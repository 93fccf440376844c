"""What a node has freed goes back to the machine."""

from __future__ import annotations

import ctypes
import subprocess
import sys

import pytest

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


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="another C library")
def test_pieces_between_others_are_given_back() -> None:
    """They are not by themselves, so the node asks for it now and then."""
    found = subprocess.check_output([sys.executable, "-c", HOLES]).split()
    alone, when_asked = map(int, found)
    assert alone < HELD_BYTES_MIN < when_asked
