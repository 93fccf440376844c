"""A relay between two nodes that counts what their sockets carried, both ways.

WebSocket framing and the HTTP upgrade are counted, TCP and IP headers are not; what the frames
carry is counted apart. It costs the nodes a fraction of a millisecond a round trip and a share of
a core, so rates and latencies are taken without it.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

CHUNK_BYTES = 256 * 1024
HEADERS_END = b"\r\n\r\n"
CONTROL_OPCODES = 8
"""Pings, pongs and closes have opcodes from here on."""


class FrameCounter:
    """Reads one direction of a WebSocket, HTTP headers first, and adds up what its frames carry."""

    def __init__(self) -> None:
        self.message_bytes = 0
        self._unread = bytearray()
        self._upgraded = False
        self._skip_bytes = 0

    def feed(self, data: bytes) -> None:
        """Take in the next bytes, cut anywhere."""
        skipped = min(self._skip_bytes, len(data))
        self._skip_bytes -= skipped
        self._unread += data[skipped:]
        if not self._upgraded:
            _head, found, rest = self._unread.partition(HEADERS_END)
            if not found:
                return
            self._upgraded, self._unread = True, rest
        while self._read_header():
            pass

    def _read_header(self) -> bool:
        data = self._unread
        if len(data) < 2:
            return False
        short = data[1] & 0x7F
        extended = {126: 2, 127: 8}.get(short, 0)
        header_bytes = 2 + extended + (4 if data[1] & 0x80 else 0)
        if len(data) < header_bytes:
            return False
        size_bytes = int.from_bytes(data[2 : 2 + extended], "big") if extended else short
        if data[0] & 0x0F < CONTROL_OPCODES:
            self.message_bytes += size_bytes
        end = header_bytes + size_bytes
        self._skip_bytes = max(0, end - len(data))
        del data[:end]
        return True


class Relay:
    """Listens on a free loopback port and carries each connection to ``port``."""

    def __init__(self, port: int) -> None:
        self._target_port = port
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._counters: list[FrameCounter] = []
        self.port = 0
        self.total_bytes = 0
        self.received_bytes = 0
        self.connected_at = 0.0
        self.moved_at = 0.0
        self._moved = asyncio.Event()

    async def __aenter__(self) -> Relay:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def url(self) -> str:
        """What a node dials to reach the other one through here."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def message_bytes(self) -> int:
        """What the WebSocket messages held, of connections since the last `reset`."""
        return sum(counter.message_bytes for counter in self._counters)

    @property
    def busy_seconds(self) -> float:
        """From the newest connection until something moved last."""
        return self.moved_at - self.connected_at

    def reset(self) -> None:
        """Count from zero again."""
        self.total_bytes = self.received_bytes = 0
        self._moved.clear()
        for counter in self._counters:
            counter.message_bytes = 0

    async def quiet(self, seconds: float) -> None:
        """Wait until something has moved, and then nothing for so long."""
        if not self.total_bytes:
            await self._moved.wait()
        with suppress(TimeoutError):
            while True:
                self._moved.clear()
                async with asyncio.timeout(seconds):
                    await self._moved.wait()

    async def note(self, chunk: bytes, *, outwards: bool) -> None:
        """Count what passes on; it waits for this."""
        self.total_bytes += len(chunk)
        self.received_bytes += 0 if outwards else len(chunk)
        self.moved_at = time.monotonic()
        self._moved.set()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connected_at = time.monotonic()
        there = await asyncio.open_connection("127.0.0.1", self._target_port)
        for task in (
            asyncio.create_task(self._copy(reader, there[1], outwards=True)),
            asyncio.create_task(self._copy(there[0], writer, outwards=False)),
        ):
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _copy(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, outwards: bool
    ) -> None:
        counter = FrameCounter()
        self._counters.append(counter)
        with suppress(ConnectionError):
            while chunk := await reader.read(CHUNK_BYTES):
                await self.note(chunk, outwards=outwards)
                counter.feed(chunk)
                writer.write(chunk)
                await writer.drain()
        with suppress(ConnectionError):
            writer.close()
