"""Ports on loopback that a test may listen on, now or later.

They lie below those that a system gives to calls and to whoever asks for any port. So none is taken
between being chosen and being used, and a call to one that nobody listens on meets nobody.
Processes begin in different places, and none chooses a port again before it has been round.
"""

from __future__ import annotations

import os
import socket
from itertools import count

FIRST, COUNT = 10_000, 20_000
APART = 997
"""How far from each other processes begin whose numbers follow each other."""

_numbers = count(os.getpid() * APART)


def free_port() -> int:
    """A port that nothing listens on now."""
    return free_ports(1)


def free_ports(wanted: int) -> int:
    """The first of so many ports in a row that nothing listens on now."""
    for _ in range(COUNT):
        row = [FIRST + next(_numbers) % COUNT for _ in range(wanted)]
        if row[-1] - row[0] == wanted - 1 and all(map(_is_free, row)):
            return row[0]
    raise RuntimeError("no port is free")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
