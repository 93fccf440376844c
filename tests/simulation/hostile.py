"""A hostile neighbour: it holds a valid key, is approved, and breaks every rule it can.

It runs the real protocol and spoils what it sends. Each way of spoiling has a name, under which it
is counted. It gets no help: whatever it forges, it forges from what it has received, what it has
overheard on other wires, and its own key. Which name stands for which behaviour of the programme of
proof is said in docs/simulation.md.
"""

from __future__ import annotations

from typing import Any

from simulation.hostile_entries import FORKS, VALID_MISDEEDS, fork_run, misbehave
from simulation.hostile_frames import (
    IN_HANDSHAKE,
    SPOILED_FRAMES,
    SPOILED_PIECES,
    spoil_frame,
    spoil_piece,
)
from simulation.hostile_runs import SPOILED_RUNS, spoil_run
from simulation.network import Connection
from simulation.node_model import SimNode
from simulation.wiretap import HELLO, PROOFS

__all__ = ["HOSTILITIES", "SPOILED_RUNS", "HostileNode"]

RUN, BLOB = 6, 12
MISDEED_EVERY_MS = (2_000, 120_000)
MISDEEDS_MAX = 8
SEEN_FRAMES = 200

HOSTILITIES = (
    *SPOILED_RUNS,
    *SPOILED_FRAMES,
    *SPOILED_PIECES,
    *FORKS,
    *VALID_MISDEEDS,
    "impersonation",
    "slow_loris",
)


class HostileNode(SimNode):
    """An approved neighbour that spoils some of its frames while ``hostile`` is set."""

    hostilities: tuple[str, ...] = ()
    hostile = True
    rate = 0.3

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.correct = False
        self.seen: list[bytes] = []
        self.masks: dict[int, list[bytes]] = {}
        self.misdeeds = 0

    def start(self) -> None:
        """Start as any node, and publish now and then what is valid and meant badly."""
        super().start()
        self.later(self.random.uniform(*MISDEED_EVERY_MS), self._misbehave)

    def _misbehave(self) -> None:
        names = [name for name in self.hostilities if name in VALID_MISDEEDS]
        if names and self.hostile and self.misdeeds < MISDEEDS_MAX:
            self.misdeeds += 1
            name = self.random.choice(names)
            self.world.count(name)
            self.world.trace.note(self.name, f"hostile: {name}")
            misbehave(self, name)
            self.later(self.random.uniform(*MISDEED_EVERY_MS), self._misbehave)

    def behave(self) -> None:
        """Stop spoiling, and start every session afresh."""
        self.hostile = False
        for connection in list(self.links.values()):
            self.world.network.cut(connection)

    # --- wires -----------------------------------------------------------------------------

    def send(self, connection: Connection, frame: bytes) -> None:
        """Send the frame, something else in its place, or something else as well."""
        name = self._chosen_for(frame)
        if name is None:
            super().send(connection, frame)
            return
        spoiled = self._spoiled(name, connection, frame)
        if spoiled != [frame]:
            self.world.count(name)
            self.world.trace.note(self.name, f"#{connection.number} hostile: {name}")
        for item in spoiled:
            super().send(connection, item)

    def _chosen_for(self, frame: bytes) -> str | None:
        if not self.hostile or not self.up or self.random.random() > self.rate:
            return None
        fitting = {RUN: (*SPOILED_RUNS, *FORKS), BLOB: SPOILED_PIECES}.get(frame[1], SPOILED_FRAMES)
        if frame[1] in (HELLO, *PROOFS):
            fitting = IN_HANDSHAKE
        names = [name for name in self.hostilities if name in fitting]
        return self.random.choice(names) if names else None

    def _spoiled(self, name: str, connection: Connection, frame: bytes) -> list[bytes]:
        if name in FORKS:
            return fork_run(self, name, frame, connection.other(self.name))
        if frame[1] == RUN:
            return spoil_run(self, name, frame)
        if frame[1] == BLOB:
            return spoil_piece(name, frame)
        return spoil_frame(self, name, frame)

    def received(self, connection: Connection, frame: bytes) -> None:
        """Keep what was received, to replay it later."""
        if connection.number in self.masks:
            for item in self.masks.pop(connection.number):
                self.world.network.send(connection, self.name, item)
            return
        if len(self.seen) < SEEN_FRAMES:
            self.seen.append(frame)
        super().received(connection, frame)

    def connected(self, connection: Connection, dialer: bool) -> None:
        """Begin a session, or say nothing for as long as may be, or play somebody else's part."""
        chosen = self.hostile and dialer and self.random.random() < 0.5
        masks = self.world.wiretap.handshakes_with(connection.responder, but=self.name)
        if chosen and masks and "impersonation" in self.hostilities:
            victim, (hello, *proof) = self.random.choice(masks)
            self._count_instead(connection, "impersonation", f"plays {victim}")
            self.masks[connection.number] = proof
            self.world.network.send(connection, self.name, hello)
        elif chosen and "slow_loris" in self.hostilities:
            self._count_instead(connection, "slow_loris", "holds the line")
        else:
            super().connected(connection, dialer)

    def _count_instead(self, connection: Connection, name: str, what: str) -> None:
        self.world.count(name)
        self.world.trace.note(self.name, f"#{connection.number} hostile: {what}")
        self.later(self.random.uniform(500, 30_000), self._hang_up, connection)

    def _hang_up(self, connection: Connection) -> None:
        self.masks.pop(connection.number, None)
        self.world.network.cut(connection)
        self.later(1_000, self.dial, connection.other(self.name))
