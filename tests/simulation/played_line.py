"""One recorded connection over a real socket: what was said then, in a session of today.

The session is made anew, since nonces, signatures and credit belong to it: the neighbour proves
who it is with its own key, and acknowledges what it is really sent. Everything else is sent byte
for byte, the frame that ended the session of then included. Files are left out: records that name
them are no part of a simulation.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import cast

import aiohttp

from factories import LogMaker
from hostile_neighbour import HostileNeighbour, RefusedByNodeError, open_socket, shake_hands
from node_factories import WAIT_SECONDS_MAX, TestNode
from protocol.directory import Item
from protocol.errors import RemoteError
from protocol.messages import (
    Auth,
    Hello,
    Message,
    Reconcile,
    Refused,
    Run,
    Stored,
    decode,
    encode,
)
from protocol.ranges import Mode, Range
from protocol.run import decode_run
from simulation.recording import Frame, Party

BLOB_MESSAGES = ("WantBlob", "BlobPiece", "NoBlob", "BlobHere")
REOPENED_MAX = 20


class Line:
    """A neighbour's half of a session with a real node."""

    def __init__(self, target: TestNode, party: Party, *, proved: bool) -> None:
        """``proved``: whether the session of then got as far as that."""
        self.party = party
        self.played = 0
        self._target = target
        self._proved = proved
        self._stack = AsyncExitStack()
        self._socket: aiohttp.ClientWebSocketResponse[bool] | None = None
        self._compared = False
        self._sent_bytes = 0
        self._opened = 0

    async def open(self) -> None:
        """Connect, and prove who one is where that was done then."""
        self._opened += 1
        self._compared, self._sent_bytes = False, 0
        self._socket = await self._stack.enter_async_context(open_socket(self._target))
        if self._proved:
            speaker = HostileNeighbour(cast("LogMaker", self.party), self._socket)
            with contextlib.suppress(RefusedByNodeError, TypeError):  # TypeError: it was closed
                await shake_hands(speaker, self._target)
            self._sent_bytes = sum(map(len, speaker.sent))
        reader = asyncio.create_task(self._read(self._socket))
        self._stack.callback(reader.cancel)

    async def close(self) -> None:
        """Hang up."""
        await self._stack.aclose()
        self._stack = AsyncExitStack()
        self._socket = None

    async def play(self, frame: Frame) -> None:
        """Send what was said then, as far as it fits a session of today."""
        data = frame.data if frame.ended or not self._proved else today(frame, self._compared)
        if data is None:
            return
        if self.is_over and self._opened < REOPENED_MAX and self._proved:
            await self.close()
            await self.open()
        self._compared = self._compared or data[1:2] == b"\x03"
        if await self.say(data):
            self.played += 1

    async def say(self, data: bytes) -> bool:
        """Send one frame, and wait until the node has done with it; False when that failed."""
        if self.is_over or self._socket is None:
            return False
        with contextlib.suppress(ConnectionError):
            await self._socket.send_bytes(data)
            self._sent_bytes += len(data)
            await self._taken_in()
            return True
        return False

    @property
    def is_over(self) -> bool:
        """Whether the node has ended the session."""
        return self._socket is None or self._socket.closed

    async def ended(self) -> bool:
        """Wait for the node to end the session; False when it never does."""
        return await soon(lambda: self.is_over)

    async def _taken_in(self) -> None:
        sync, ingest = self._target.node.sync, self._target.node.ingest

        def done() -> bool:
            link = sync.link_to(self.party.log)
            read = link is None or link.received_bytes >= self._sent_bytes
            return self.is_over or (read and not ingest.waiting_bytes)

        if self._proved:
            await soon(done)

    async def _read(self, socket: aiohttp.ClientWebSocketResponse[bool]) -> None:
        """Acknowledge every run that comes, as its credit asks for."""
        async for message in socket:
            if message.type is aiohttp.WSMsgType.BINARY:
                said = decode(message.data)
                if isinstance(said, Run):
                    newest = decode_run(said.payload)[-1].entry
                    item = Item(said.log, said.last, newest.id)
                    answer = encode(Stored(item, len(message.data)))
                    with contextlib.suppress(ConnectionError):
                        await socket.send_bytes(answer)
                        self._sent_bytes += len(answer)


def today(frame: Frame, compared: bool) -> bytes | None:
    """Return what a frame of then is in a session of today; None for what that makes itself."""
    try:
        message: Message = decode(frame.data)
    except RemoteError:
        return frame.data
    if isinstance(message, Hello | Auth | Stored) or type(message).__name__ in BLOB_MESSAGES:
        return None
    if isinstance(message, Reconcile):
        heads = Reconcile((Range(b"", Mode.ITEMS, items=frame.heads),))
        return None if compared else encode(heads)
    if isinstance(message, Refused):
        return encode(replace(message, credit_bytes=0))
    return frame.data


async def soon(condition: Callable[[], bool]) -> bool:
    """Wait until something in this process holds; False when it does not."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(WAIT_SECONDS_MAX):
            while not condition():  # noqa: ASYNC110  # any fact, not one event
                await asyncio.sleep(0.001)
            return True
    return False
