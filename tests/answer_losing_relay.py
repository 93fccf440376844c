"""A relay to a database server that loses one answer: the work is done, and nobody is told."""

from __future__ import annotations

from tests.benchmarks.relay import Relay

COMMIT = b"COMMIT"


class AnswerLosingRelay(Relay):
    """Ends the connection in the place of the server's answer to one COMMIT."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self._passes: int | None = None
        self._is_due = False

    def lose(self, number: int) -> None:
        """Lose the answer to the COMMIT with this number, counted from 1 and from now on."""
        self._passes, self._is_due = number - 1, False

    def lose_none(self) -> None:
        """Pass everything on from now on."""
        self._passes, self._is_due = None, False

    async def note(self, chunk: bytes, *, outwards: bool) -> None:
        """Count as the relay does; raises where the answer is to be lost."""
        await super().note(chunk, outwards=outwards)
        if self._passes is None:
            return
        if outwards and COMMIT in chunk:
            self._is_due = self._passes == 0
            self._passes -= not self._is_due
        elif self._is_due and not outwards:
            self._passes, self._is_due = None, False
            raise ConnectionResetError("the answer to a COMMIT is lost")
