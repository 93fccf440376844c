"""`tidan serve` on a clock that is wrong by as much as a file says, and follows it while it runs.

The machine's own clock stays as it is: others live by it. Nothing in a node reads the time but
`node/clock.py`, and a test holds it so (tests/unit/test_one_clock.py).
"""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from node.clock import SystemClock
from node.config import load_settings
from node.operations.node import Node
from node.operations.user_operations import LinkView
from node.process.server import serve
from tests.kills.served import SERVING

WRONG_BY = ".wrong_by"
"""Beside the data folder: its name with this, holding milliseconds, which may be negative."""


class JumpingClock(SystemClock):
    """The machine's clock, wrong by what stands in a file, from one reading to the next."""

    def __init__(self, wrong_by: Path) -> None:
        self._wrong_by = wrong_by

    def time_ms(self) -> int:
        """The wrong time."""
        return super().time_ms() + int(self._wrong_by.read_text("ascii"))


def wrong_by(folder: Path) -> Path:
    """The file that says how wrong the clock of the node in a data folder is."""
    return folder.with_name(folder.name + WRONG_BY)


def main() -> None:
    """Serve, on the arguments of `tidan --data … serve --port …`."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--data", type=Path, required=True)
    reader.add_argument("command", choices=["serve"])
    reader.add_argument("--port", type=int, required=True)
    given = reader.parse_args()

    def ready(_node: Node, address: str, _setup: LinkView | None) -> None:
        print(SERVING.decode() + address, flush=True)

    settings = load_settings(data=given.data, port=given.port)
    asyncio.run(serve(settings, ready=ready, clock=JumpingClock(wrong_by(given.data))))


if __name__ == "__main__":
    main()
