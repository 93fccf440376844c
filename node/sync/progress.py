"""How far fetching from neighbours has come; pure, time is passed in.

What is missing is told by neighbours in contact, so a total may grow while it is fetched. Nothing
here is kept over a restart and nothing needs to be: what is held is counted from the log itself, so
a sync that was cut short goes on from where it was.
"""

from __future__ import annotations

from dataclasses import dataclass

from node.pace import Pace, Stage, make_stage


@dataclass(frozen=True, slots=True)
class Fetching:
    """What has come from neighbours: entries, and bytes since this sync began."""

    entries: Stage
    received_bytes: int
    bytes_per_second: float


class SyncMeter:
    """Measures what a node fetches: fed with each run's size, and looked at twice a second."""

    def __init__(self) -> None:
        self._entries = Pace()
        self._bytes = Pace()
        self._received_bytes = 0
        self._begun_bytes = 0

    def receive(self, size_bytes: int) -> None:
        """A run came from a neighbour."""
        self._received_bytes += size_bytes

    def look(self, now_ms: int, held: int, missing: int) -> None:
        """Note where the sync stands; once all is here for a while, the next one begins anew."""
        if missing:
            self._entries.note(now_ms, held)
            self._bytes.note(now_ms, self._received_bytes)
            return
        self._entries.forget_old(now_ms)
        self._bytes.forget_old(now_ms)
        if self._entries.is_empty:
            self._begun_bytes = self._received_bytes

    def reading(self, held: int, missing: int) -> Fetching:
        """How far it has come, given what is held and known to be missing at this moment."""
        return Fetching(
            make_stage(held, missing, self._entries.per_second()),
            self._received_bytes - self._begun_bytes,
            round(self._bytes.per_second(), 1),
        )
