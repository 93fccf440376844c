"""A recorded trace, lived through by a real node over real sockets, and what it holds then.

The real node stands where the observed one stood: it has the same neighbours and members, and what
the observed one wrote comes to it as from one more neighbour. It is told everything in the same
order, the hostile frames too. At the end the simulated neighbours that are correct speak with it
honestly, as after healing, and it must hold what the observed node held, byte for byte.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from node_factories import TestNode
from protocol.directory import Standing
from protocol.messages import Run, encode
from protocol.run import encode_run
from simulation.honest_line import HonestLine
from simulation.node_model import SimNode
from simulation.played_line import Line, soon
from simulation.recording import Accepted, Frame, Lost, Opened, Recording, Written, record
from storage_factories import whole_log

ENDS_FOR_SURE = frozenset({"malformed", "limit", "wrong_state"})
"""Codes of frames that end a session whatever else has been said in it."""


@dataclass
class Replayed:
    """What came of one recording."""

    seed: int
    frames: int = 0
    ended: int = 0
    entries: int = 0
    from_frames: int = 0
    forked: int = 0
    faults: list[str] = field(default_factory=list)


async def replay(seed: int, folder: Path) -> Replayed:
    """Record a seed, and let a real node in ``folder`` live through it."""
    recording = record(seed)
    target = await TestNode(folder, "9999", "Exempel kommun").start()
    try:
        player = _Player(recording, target)
        await player.play()
        return player.result
    finally:
        await target.stop()


class _Player:
    def __init__(self, recording: Recording, target: TestNode) -> None:
        self.result = Replayed(recording.seed)
        self._recording = recording
        self._observed = recording.node
        self._target = target
        self._lines: dict[int, Line] = {}
        self._pen = Line(target, recording.own, proved=True)

    async def play(self) -> None:
        """Tell everything in order, then let the neighbours speak honestly, and compare."""
        await self._prepare()
        for event in self._recording.events:
            await self._tell(event)
        for line in [*self._lines.values(), self._pen]:
            await line.close()
        self.result.from_frames = self._held()
        await self._heal()
        await self._compare()

    async def _prepare(self) -> None:
        node = self._target.node
        for log in self._recording.members:
            await node.standings.decide(log, Standing.MEMBER, "exempel")
        for log in sorted({self._observed.log, *self._observed.disk.neighbours}):
            await node.operations.add_neighbour(log.hex())
        await self._pen.open()

    async def _tell(self, event: object) -> None:
        match event:
            case Opened(link, party, dialled):
                proved = link in self._recording.authenticated
                if proved or not dialled:  # what a stranger answered proves nothing of us
                    self._lines[link] = Line(self._target, party, proved=proved)
                    await self._lines[link].open()
            case Frame(link):
                if line := self._lines.get(link):
                    await self._say(line, event)
            case Lost(link):
                if line := self._lines.pop(link, None):
                    await line.close()
            case Written(envelopes):
                first = envelopes[0].entry.header.sequence
                log, payload = self._observed.log, encode_run(envelopes)
                await self._pen.say(encode(Run(log, first, len(envelopes), payload)))
            case Accepted(log):
                await self._target.node.standings.decide(log, Standing.MEMBER, "exempel")

    async def _say(self, line: Line, frame: Frame) -> None:
        before = line.played
        await line.play(frame)
        self.result.frames += line.played - before
        if frame.ended in ENDS_FOR_SURE:
            self.result.ended += 1
            if not await line.ended():
                self.result.faults.append(f"a frame that was {frame.ended} ended nothing")

    async def _heal(self) -> None:
        for neighbour in [other for other in self._recording.neighbours if other.correct]:
            line = HonestLine(self._target, neighbour)
            async with line.open():
                await soon(partial(self._equals, neighbour))

    def _equals(self, neighbour: SimNode) -> bool:
        """Whether the real node holds what a neighbour holds, and freezes what it freezes."""
        directory = self._target.node.directory
        for log, chain in neighbour.disk.chains.items():
            view = directory.get(log)
            if log in neighbour.disk.frozen:
                if view is None or not view.frozen:
                    return False
            elif directory.sequence(log) < len(chain):
                return False
        return True

    def _held(self) -> int:
        directory = self._target.node.directory
        return sum(directory.sequence(log) for log in self._observed.disk.chains)

    async def _compare(self) -> None:
        title: Callable[[bytes], str] = self._observed.world.title
        for log, chain in sorted(self._observed.disk.chains.items()):
            view = self._target.node.directory.get(log)
            if log in self._observed.disk.frozen:
                self.result.forked += 1
                if view is None or not view.frozen:
                    self.result.faults.append(f"{title(log)} is not frozen")
                continue
            stored = await whole_log(self._target.node.log_store, log)
            self.result.entries += len(stored)
            if stored != chain:
                told = f"{len(stored)} entries, not {len(chain)}"
                self.result.faults.append(f"{title(log)} differs: {told}")
