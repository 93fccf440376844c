"""One open socket of a session: frames out in order, bounded, and an end that says why.

Frames leave through a queue of their own, so that a neighbour that reads slowly delays nobody else;
when too much waits, or one frame takes too long, only this socket is cut.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Mapping
from typing import Any, NamedTuple, Protocol

from aiohttp import ClientWebSocketResponse, web

from node.sync.fair_share import FairShare
from protocol.directory import Item
from protocol.limits import FRAME_BYTES_MAX
from protocol.transitions import Role
from storage.neighbour_views import Direction

HEARTBEAT_SECONDS = 20.0
SEND_SECONDS_MAX = 30.0
WAITING_BYTES_MAX = 4 * FRAME_BYTES_MAX
CLOSE_GOING_AWAY = 1001


class LinkEnd(NamedTuple):
    """How a session ended: did it get as far as comparing logs, and what went wrong if anything.

    ``by_them``: the neighbour said so; else it was found here.
    """

    reconciled: bool
    code: str = ""
    reason: str = ""
    by_them: bool = False


class Socket(Protocol):
    """What both ends of an aiohttp WebSocket have in common."""

    def receive(self) -> Awaitable[Any]:
        """The next message, or one that says how the socket ended."""
        ...

    def send_bytes(self, data: bytes) -> Awaitable[None]:
        """Send one binary message; waits while the other side reads too slowly."""
        ...

    def pong(self, message: bytes = ...) -> Awaitable[None]:
        """Answer a ping; waits while the other side reads too slowly."""
        ...

    def close(self, *, code: int = ..., message: bytes = ...) -> Awaitable[bool]:
        """Close with a WebSocket code."""
        ...


async def close_for_good(socket: Socket) -> None:
    """Close a socket, and let go of what aiohttp's objects would hold, in circles, until the
    collector comes by: what came and was not read, up to half a megabyte, and one another."""
    try:
        await socket.close()
    finally:
        # There is no other way to any of it than its private names. What a newer aiohttp keeps
        # elsewhere, the collector takes, and a test notices.
        if isinstance(socket, web.WebSocketResponse | ClientWebSocketResponse):
            socket._exception = None  # noqa: SLF001  # its traceback refers to the socket
        if isinstance(socket, web.WebSocketResponse) and socket._req is not None:  # noqa: SLF001
            socket._req.protocol._data_received_cb = None  # noqa: SLF001  # a method of the socket


class Link:
    """The sending half of one session, and what the driver remembers about it."""

    def __init__(
        self, number: int, socket: Socket, role: Role, invites: Mapping[bytes, bytes]
    ) -> None:
        """Begin to write; ``invites`` are those that other logs' administrators have given us."""
        self.number = number
        self.direction = Direction.OUTGOING if role is Role.DIALER else Direction.INCOMING
        self.neighbour: bytes | None = None
        self.invites = invites
        self.share = FairShare()
        self.reconciled = False
        self.heads: Mapping[bytes, Item] = {}
        self.received_bytes = 0
        self.sent_bytes = 0
        self.end_code = ""
        self.end_reason = ""
        self.ended_by_them = False
        self._socket = socket
        self._frames: deque[bytes] = deque()
        self._behind: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._something = asyncio.Event()
        self._closing = False
        self._writer = asyncio.create_task(self._write())

    def send(self, frame: bytes, *, behind: bool = False) -> None:
        """Queue one frame, maybe `behind` all others; who lets too much wait is cut off."""
        if self._closing:
            return
        (self._behind if behind else self._frames).append(frame)
        self._waiting_bytes += len(frame)
        self._something.set()
        if self._waiting_bytes > WAITING_BYTES_MAX:
            self._frames.clear()
            self._behind.clear()
            self.close("too_slow", "The neighbour reads more slowly than this node has to send.")

    def close(self, code: str, reason: str, *, by_them: bool = False) -> None:
        """Send what is queued, then close; the first reason given stays."""
        if not self._closing:
            self.end_code, self.end_reason, self.ended_by_them = code, reason, by_them
        self._closing = True
        self._something.set()

    @property
    def end(self) -> LinkEnd:
        """How it ended, as far as is known now."""
        return LinkEnd(self.reconciled, self.end_code, self.end_reason, self.ended_by_them)

    async def finished(self) -> None:
        """Stop sending; the socket is closed afterwards."""
        self._closing = True
        self._writer.cancel()
        await asyncio.gather(self._writer, return_exceptions=True)
        del self._writer  # it refers to us by where it was cancelled, and would keep us

    async def _write(self) -> None:
        try:
            while self._frames or not self._closing:
                if not self._frames and not self._behind:
                    self._something.clear()
                    await self._something.wait()
                    continue
                frame = (self._frames or self._behind).popleft()
                async with asyncio.timeout(SEND_SECONDS_MAX):
                    await self._socket.send_bytes(frame)
                self._waiting_bytes -= len(frame)
                self.sent_bytes += len(frame)
        except TimeoutError:
            self.close("too_slow", "The neighbour did not take what this node had to send.")
        except ConnectionError:
            self.close("broken", "The connection broke.")
        await self._socket.close(code=CLOSE_GOING_AWAY, message=self.end_code.encode()[:100])
