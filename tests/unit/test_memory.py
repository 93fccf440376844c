"""What a node has freed goes back to the machine."""

from __future__ import annotations

import ctypes
import subprocess
import sys

import pytest

PIECES, PIECE_BYTES = 40, 200_000
PROGRAM = f"""
import ctypes, sys
from node.process.memory import settle_memory

class Info(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in (
        "arena", "ordblks", "smblks", "hblks", "hblkhd",
        "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost")]

library = ctypes.CDLL(None)
library.mallinfo2.restype = Info
if sys.argv[1] == "settled":
    settle_memory()
del (large := [bytes(8_000_000)])[:]  # after this glibc would raise its bounds
before = library.mallinfo2().hblkhd
pieces = [bytes({PIECE_BYTES}) for _ in range({PIECES})]
print(library.mallinfo2().hblkhd - before)
"""


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
ON_GLIBC = pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "mallinfo2"), reason="no glibc from 2.33 on"
)


@ON_GLIBC
def test_pieces_between_others_are_given_back() -> None:
    """They are not by themselves, so the node asks for it now and then."""
    found = subprocess.check_output([sys.executable, "-c", HOLES]).split()
    alone, when_asked = map(int, found)
    assert alone < HELD_BYTES_MIN < when_asked


@ON_GLIBC
def test_large_pieces_are_had_from_the_machine_alone() -> None:
    """So each goes back when it is freed; without the bounds they lie in an area that stays."""
    found = {
        how: int(subprocess.check_output([sys.executable, "-c", PROGRAM, how]))
        for how in ("settled", "as it is")
    }
    assert found["settled"] >= PIECES * PIECE_BYTES
    assert found["as it is"] < PIECE_BYTES
