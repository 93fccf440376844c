"""A relay between two nodes that counts what their sockets carried, both ways.

WebSocket framing is counted; TCP and IP headers are not. It copies without looking, so it costs the
nodes a fraction of a millisecond a round trip; figures of latency are taken without it.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

CHUNK_BYTES = 256 * 1024


class Relay:
    """Listens on a free loopback port and carries each connection to ``port``."""

    def __init__(self, port: int) -> None:
        self._target_port = port
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0
        self.sent_bytes = 0
        self.received_bytes = 0

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
    def total_bytes(self) -> int:
        """Bytes of both directions since the start or the last `reset`."""
        return self.sent_bytes + self.received_bytes

    def reset(self) -> None:
        """Count from zero again."""
        self.sent_bytes = self.received_bytes = 0

    async def note(self, chunk: bytes, *, outwards: bool) -> None:
        """Count what passes on; it waits for this."""
        if outwards:
            self.sent_bytes += len(chunk)
        else:
            self.received_bytes += len(chunk)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
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
        with suppress(ConnectionError):
            while chunk := await reader.read(CHUNK_BYTES):
                await self.note(chunk, outwards=outwards)
                writer.write(chunk)
                await writer.drain()
        with suppress(ConnectionError):
            writer.close()
