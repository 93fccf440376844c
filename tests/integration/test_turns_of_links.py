"""One neighbour's messages never hold up another's, however many of them have arrived already."""

from __future__ import annotations

import asyncio
from itertools import groupby
from pathlib import Path

from aiohttp import WSMessage, WSMsgType

from factories import LogMaker
from hostile_neighbour import approved
from node.sync.link import Socket
from node_factories import nodes, until
from protocol.transitions import Role

MESSAGES = 50


class Brimful(Socket):
    """A socket at which all messages have arrived, so that none has to be waited for."""

    def __init__(self, name: str, read: list[str], kind: WSMsgType) -> None:
        self._name = name
        self._read = read
        self._left = [WSMessage(kind, b"", None)] * MESSAGES

    async def receive(self) -> WSMessage:
        """The next message, at once."""
        if not self._left:
            return WSMessage(WSMsgType.CLOSED, None, None)
        self._read.append(self._name)
        return self._left.pop()

    async def send_bytes(self, data: bytes) -> None:
        """Take it."""

    async def pong(self, message: bytes = b"") -> None:
        """Take it."""

    async def close(self, *, code: int = 1000, message: bytes = b"") -> bool:
        """Nothing is left to do."""
        return True


async def test_links_are_read_in_turn(tmp_path: Path) -> None:
    """A link with many messages waiting gives way after each of them, also after pings, which the
    library would answer all at once."""
    async with nodes(tmp_path, "Exempelby") as (target,):
        read: list[str] = []
        await asyncio.gather(
            *(
                target.node.sync.carry(Brimful(name, read, WSMsgType.PING), Role.RESPONDER)
                for name in ("first", "second")
            )
        )

    assert len(read) == 2 * MESSAGES
    assert max(len(list(turn)) for _, turn in groupby(read)) == 1


async def test_pings_are_answered(tmp_path: Path) -> None:
    """Both a ping of the neighbour and its answer to ours keep the session up."""
    sender = LogMaker(4, code="9104")
    async with nodes(tmp_path, "Exempelby") as (target,), approved(sender, target) as neighbour:
        await neighbour.offer(sender)
        neighbour.socket._autoping = False
        await neighbour.socket.pong(b"unasked")
        await neighbour.socket.ping(b"are you there")
        while (message := await neighbour.socket.receive()).type is not WSMsgType.PONG:
            assert message.type is WSMsgType.BINARY

    assert message.data == b"are you there"


async def test_a_share_outlasts_its_session(tmp_path: Path) -> None:
    """Who comes back has what was left to it: connecting anew is no way to get more."""
    sender, shares = LogMaker(4, code="9104"), []
    async with nodes(tmp_path, "Exempelby") as (target,):
        for _ in range(2):
            async with approved(sender, target) as neighbour:
                await neighbour.offer(sender)
                link = target.node.sync.link_to(sender.log)
                assert link is not None
                shares.append(link.share)

            async def gone() -> bool:
                return target.node.sync.link_to(sender.log) is None

            await until(gone, "the session ended")

    assert shares[0] is shares[1]
