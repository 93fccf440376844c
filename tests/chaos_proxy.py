"""A line between nodes that does what lines do: it is slow, narrow, stuck, cut, or dead one way.

It stands between a node and whoever dials it, and knows nothing of what it carries. Octets keep
their order and none is changed or left out of the middle, as TCP promises; all else is possible.
Faults can be changed while connections are up. Which of them come, and when, depends on the
numbers that the caller's `Random` gives.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from random import Random

PIECE_BYTES_MAX = 16 * 1024


@dataclass(frozen=True, slots=True)
class Weather:
    """How a line is: delay of each piece, octets a second, largest piece, and chances of a piece to
    get stuck for a moment or to be the last one.

    ``stuck`` is both ways, ``deaf`` only towards the node: what is sent there is taken and lies.
    """

    delay_seconds: float = 0.0
    bytes_per_second: float = float("inf")
    piece_bytes_max: int = PIECE_BYTES_MAX
    stall_chance: float = 0.0
    stall_seconds: float = 0.0
    reset_chance: float = 0.0
    cut_after_bytes: int | None = None
    stuck: bool = False
    deaf: bool = False
    refusing: bool = False


CALM = Weather()
ROUGH = Weather(
    delay_seconds=0.002,
    bytes_per_second=2_000_000,
    piece_bytes_max=700,
    stall_chance=0.02,
    stall_seconds=0.05,
)


class ChaosProxy:
    """Listens on a free loopback port and carries each connection to ``port``."""

    def __init__(self, port: int, random: Random, weather: Weather = CALM) -> None:
        self._target_port = port
        self._random = random
        self._weather = weather
        self._changed = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self.port = 0
        self.connections = 0
        self.resets = 0
        self.carried_bytes = 0

    async def __aenter__(self) -> ChaosProxy:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.reset()

    @property
    def url(self) -> str:
        """What a node dials to reach the other one through here."""
        return f"http://127.0.0.1:{self.port}"

    def become(self, weather: Weather) -> None:
        """Change the line, also for connections that are up."""
        self._weather = weather
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    def reset(self) -> None:
        """End every connection at once, in the middle of whatever it carries."""
        for writer in self._writers:
            self.resets += 1
            writer.transport.abort()
        self._writers.clear()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        while self._weather.stuck:
            await self._changed.wait()
        if self._weather.refusing:
            writer.transport.abort()
            return
        there = await asyncio.open_connection("127.0.0.1", self._target_port)
        self._writers.add(there[1])
        line = Line(self._weather.cut_after_bytes)
        for ends, inwards in (((reader, there[1]), True), ((there[0], writer), False)):
            task = asyncio.create_task(self._copy(*ends, line, inwards=inwards))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _copy(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        line: Line,
        *,
        inwards: bool,
    ) -> None:
        with suppress(ConnectionError):
            while piece := await reader.read(self._weather.piece_bytes_max):
                await self._pass_through(len(piece), inwards=inwards)
                if line.is_cut_by(len(piece)) or self._strikes(self._weather.reset_chance):
                    writer.write(piece[: len(piece) // 2])
                    self.reset()
                    return
                self.carried_bytes += len(piece)
                writer.write(piece)
                await writer.drain()
        with suppress(ConnectionError):
            writer.close()
        self._writers.discard(writer)

    async def _pass_through(self, size_bytes: int, *, inwards: bool) -> None:
        weather = self._weather
        seconds = weather.delay_seconds + size_bytes / weather.bytes_per_second
        if self._strikes(weather.stall_chance):
            seconds += weather.stall_seconds
        if seconds:
            await asyncio.sleep(seconds)
        while self._weather.stuck or (self._weather.deaf and inwards):
            await self._changed.wait()

    def _strikes(self, chance: float) -> bool:
        return chance > 0 and self._random.random() < chance


@dataclass(slots=True)
class Line:
    """What one connection may still carry before it is cut."""

    left_bytes: int | None

    def is_cut_by(self, size_bytes: int) -> bool:
        """Whether this piece is the one within which it is cut."""
        if self.left_bytes is None:
            return False
        self.left_bytes -= size_bytes
        return self.left_bytes < 0
