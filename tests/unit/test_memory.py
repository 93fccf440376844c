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


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallinfo2"), reason="no glibc from 2.33 on")
def test_large_pieces_are_had_from_the_machine_alone() -> None:
    """So each goes back when it is freed; without the bounds they lie in an area that stays."""
    found = {
        how: int(subprocess.check_output([sys.executable, "-c", PROGRAM, how]))
        for how in ("settled", "as it is")
    }
    assert found["settled"] >= PIECES * PIECE_BYTES
    assert found["as it is"] < PIECE_BYTES
