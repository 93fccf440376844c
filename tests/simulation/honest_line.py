"""A simulated node as it was at the end, that speaks honestly with a real one over a socket."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random
from typing import Any

import aiohttp

from hostile_neighbour import open_socket
from node_factories import TestNode
from protocol import effects
from protocol.effects import Effect, IngestOutcome
from protocol.entry import Envelope
from protocol.handshake import Ourselves
from protocol.hub import Hub
from protocol.limits import EPOCH_BYTES
from protocol.run import encode_run
from protocol.transitions import Role
from simulation.node_model import SimNode

LINK = 1
RUN_ENTRIES = 50


class HonestLine:
    """The real protocol over what a simulated node has on its disk; it stores nothing more."""

    def __init__(self, target: TestNode, node: SimNode) -> None:
        self._target = target
        self._node = node
        directory = node.disk.load_directory()
        directory.neighbours.add(target.log_id)
        ourselves = Ourselves(
            node.log, node.sign, node.disk.key_events, bytes(EPOCH_BYTES), frozenset()
        )
        self._hub = Hub(directory, ourselves)
        self._out: asyncio.Queue[bytes] = asyncio.Queue()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Speak while the block runs."""
        async with open_socket(self._target) as socket:
            nonce = Random(self._node.name).randbytes(32)
            self._perform(
                self._hub.connect(
                    LINK,
                    role=Role.DIALER,
                    nonce=nonce,
                    now_ms=0,
                    expected_log=self._target.log_id,
                    origin=self._target.url,
                )
            )
            for proof in self._node.disk.frozen.values():
                self._perform(self._hub.report_fork(proof, 0))
            tasks = [asyncio.create_task(part(socket)) for part in (self._read, self._write)]
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _read(self, socket: aiohttp.ClientWebSocketResponse[bool]) -> None:
        async for message in socket:
            if message.type is aiohttp.WSMsgType.BINARY:
                self._perform(self._hub.receive(LINK, message.data, 0))

    async def _write(self, socket: aiohttp.ClientWebSocketResponse[bool]) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                await socket.send_bytes(await self._out.get())

    def _perform(self, todo: list[Effect]) -> None:
        for effect in todo:
            match effect:
                case effects.Send():
                    self._out.put_nowait(effect.frame)
                case effects.Supply():
                    self._perform(self._supply(effect))
                case effects.SupplyBlob():
                    self._perform(self._hub.blobs.supply(LINK, effect.piece, None))
                case effects.RunArrived():
                    outcome = IngestOutcome(None, None)
                    self._perform(
                        self._hub.ingested(LINK, effect.log, outcome, effect.cost_bytes, 0)
                    )
                case effects.ForkSuspected():
                    self._perform(self._judge(effect))

    def _supply(self, wanted: effects.Supply) -> list[Effect]:
        chain: list[Envelope] = self._node.disk.chains.get(wanted.log, [])
        run = chain[wanted.after_sequence : wanted.through_sequence][:RUN_ENTRIES]
        payload = encode_run(run) if run else b""
        first = wanted.after_sequence + 1
        return self._hub.supply(LINK, wanted.log, first, len(run), payload, 0)

    def _judge(self, suspected: Any) -> list[Effect]:
        ours = self._node.disk.chains[suspected.log][suspected.sequence - 1].entry
        events = self._node.disk.key_events(suspected.log)
        return self._hub.judge_fork(LINK, suspected.log, events, ours, 0)
