"""A neighbour that speaks real frames over a real socket and keeps to no rule unless it wants to.

It dials, proves honestly who it is (only an approved neighbour gets further), offers whatever logs
it likes and answers requests with whatever bytes a test gives it.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Protocol, TypeVar

import aiohttp

from factories import LogMaker
from node.origins import sync_url
from node_factories import WAIT_SECONDS_MAX, TestNode
from protocol.directory import Item
from protocol.entry import Envelope
from protocol.handshake import Handshake, Ourselves
from protocol.limits import EPOCH_BYTES
from protocol.messages import Auth, Bye, Hello, Message, Reconcile, Run, Want, decode, encode
from protocol.ranges import Mode, Range
from protocol.run import encode_run
from protocol.transitions import Role

MessageT = TypeVar("MessageT", bound=Message)


class Door(Protocol):
    """Where a node is called, and whose it is."""

    @property
    def url(self) -> str:
        """The address neighbours dial."""
        ...

    @property
    def log_id(self) -> bytes:
        """Its log."""
        ...


class HostileNeighbour:
    """The sending and receiving half; `maker` is its own, honest log."""

    def __init__(self, maker: LogMaker, socket: aiohttp.ClientWebSocketResponse[bool]) -> None:
        self.maker = maker
        self.socket = socket
        self.sent: list[bytes] = []

    async def send(self, message: Message | bytes) -> None:
        """Send a message, or any bytes as a binary frame."""
        frame = message if isinstance(message, bytes) else encode(message)
        self.sent.append(frame)
        await self.socket.send_bytes(frame)

    async def receive(self, kind: type[MessageT]) -> MessageT:
        """The next message of a kind; others are passed over."""
        async with asyncio.timeout(WAIT_SECONDS_MAX):
            while True:
                message = decode(await self.socket.receive_bytes())
                if isinstance(message, kind):
                    return message

    async def ending(self) -> Bye:
        """The node's last message."""
        return await self.receive(Bye)

    async def offer(self, *makers: LogMaker) -> None:
        """Reconcile by listing the heads of these logs; anything the node lists is not read."""
        items = tuple(sorted(Item(item.log, item.head.sequence, item.head.id) for item in makers))
        await self.send(Reconcile((Range(b"", Mode.ITEMS, items=items),)))
        await self.receive(Reconcile)

    async def send_run(self, log: bytes, envelopes: Sequence[Envelope]) -> None:
        """Send entries as a run of a log, whatever they are."""
        first = envelopes[0].entry.header.sequence
        await self.send_payload(log, first, len(envelopes), encode_run(envelopes))

    async def send_payload(self, log: bytes, first: int, count: int, payload: bytes) -> None:
        """Send any bytes as a run."""
        await self.send(Run(log, first, count, payload))


@asynccontextmanager
async def open_socket(
    target: Door,
    *,
    origin: str | None = None,
    compress: int = 0,
    headers: Mapping[str, str] | None = None,
) -> AsyncIterator[aiohttp.ClientWebSocketResponse[bool]]:
    """A WebSocket to a node's sync address, with nothing said yet."""
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(
            sync_url(target.url),
            max_msg_size=0,
            origin=origin,
            compress=compress,
            headers=headers,
        ) as socket,
    ):
        yield socket


@asynccontextmanager
async def approved(maker: LogMaker, target: TestNode) -> AsyncIterator[HostileNeighbour]:
    """A session of a neighbour that the node's admin has approved."""
    await target.node.operations.add_neighbour(maker.log.hex())
    async with open_socket(target) as socket:
        neighbour = HostileNeighbour(maker, socket)
        await shake_hands(neighbour, target)
        yield neighbour


def hang_up(neighbour: HostileNeighbour) -> None:
    """Be gone without a word, unless the other side went first."""
    connection = neighbour.socket._response.connection
    if connection is not None and connection.transport is not None:
        connection.transport.abort()


async def shake_hands(
    neighbour: HostileNeighbour,
    target: Door,
    origin: str = "",
    *,
    invite: bytes | None = None,
    own_origin: str = "",
) -> None:
    """Prove who the neighbour is, as the protocol says; maybe show an invite's secret."""
    maker = neighbour.maker
    events = tuple(item for item in maker.envelopes if item.entry.is_key_event)
    ourselves = Ourselves(
        maker.log,
        maker.key.sign,
        lambda log: events if log == maker.log else (),
        bytes(EPOCH_BYTES),
        frozenset(),
        own_origin=own_origin,
    )
    handshake = Handshake(
        ourselves,
        Role.DIALER,
        hashlib.sha256(str(id(neighbour)).encode()).digest(),
        expected_log=target.log_id,
        origin=origin or target.url,
        invite=invite,
    )
    await neighbour.send(handshake.begin())
    frame = await neighbour.socket.receive_bytes()
    hello = decode(frame)
    if isinstance(hello, Bye):
        raise RefusedByNodeError(hello.code)
    assert isinstance(hello, Hello)
    handshake.receive_hello(hello, frame)
    handshake.receive_auth(await neighbour.receive(Auth))
    for frame in handshake.show_invite():
        await neighbour.send(frame)
    await neighbour.send(handshake.auth())


class RefusedByNodeError(Exception):
    """The node said goodbye during the handshake; the message is its code."""


async def answer_evidence_with_nothing(hostile: HostileNeighbour, maker: LogMaker) -> None:
    """A node that sees a broken link asks for the entry at its head; the same one comes back."""
    want = await hostile.receive(Want)
    while want.through - want.after != 1:
        want = await hostile.receive(Want)
    await hostile.send_run(want.log, maker.envelopes[want.after : want.through])
