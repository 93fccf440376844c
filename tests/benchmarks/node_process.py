"""One real node in a process of its own, told what to do line by line on standard input.

Everything is the node's own code; this only calls it and notes the time. An answer is one line of
JSON. Times are of the monotonic clock, which all processes of one machine share.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from random import Random
from typing import Any

import uvloop
from pydantic import SecretStr

from node.config import Settings
from node.intake.ingest import Committed
from node.operations.node import Node
from node.operations.standings import ADMIN
from node.process.bootstrap import open_node
from node.process.initialise import create_node
from node.process.server import serving
from protocol import strict_json
from protocol.directory import Standing
from tests.benchmarks.writing import experience_of_size

FILL_GROUP = 1_000
SETTINGS_FIXED = {"host": "127.0.0.1", "log_level": "error"}


class Worker:
    """Carries out commands on one node and watches its commits."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._random = Random(node.own_log)
        self._commits: dict[bytes, list[tuple[int, float]]] = {}
        self._committed = asyncio.Condition()
        node.ingest.listeners.append(self._on_committed)

    def _on_committed(self, committed: Committed) -> None:
        """Note when a log got how far; called right after the commit."""
        head = committed.head
        self._commits.setdefault(head.log, []).append((head.sequence, time.monotonic()))
        self._wake = asyncio.create_task(self._notify())

    async def _notify(self) -> None:
        async with self._committed:
            self._committed.notify_all()

    async def do(self, command: dict[str, Any]) -> dict[str, Any]:
        """One command to its answer."""
        match command["do"]:
            case "fill":
                return await self._fill(command["count"], command["size_bytes"])
            case "publish":
                return await self._publish(command["title"], command["size_bytes"])
            case "wait":
                return await self._wait(bytes.fromhex(command["log"]), command["sequence"])
            case "neighbour":
                await self._node.operations.add_neighbour(
                    log=command["log"], url=command.get("url")
                )
                return {"at": time.monotonic()}
            case "accept":
                log = bytes.fromhex(command["log"])
                await self._node.standings.decide(log, Standing.MEMBER, "benchmark", ADMIN)
                return {"at": time.monotonic()}
            case "head":
                return {"sequence": self._sequence(bytes.fromhex(command["log"]))}
            case unknown:
                raise ValueError(f"unknown command {unknown}")

    async def _fill(self, count: int, size_bytes: int) -> dict[str, Any]:
        contents = [experience_of_size(self._random, size_bytes) for _ in range(count)]
        started = time.monotonic()
        for start in range(0, count, FILL_GROUP):
            await self._node.publisher.publish_many(
                "experience", contents[start : start + FILL_GROUP]
            )
        seconds = time.monotonic() - started
        content_bytes = sum(len(strict_json.dumps(content)) for content in contents)
        return {"seconds": seconds, "content_bytes": content_bytes}

    async def _publish(self, title: str, size_bytes: int) -> dict[str, Any]:
        content = experience_of_size(self._random, size_bytes, title)
        asked = time.monotonic()
        published = await self._node.publisher.publish("experience", content)
        return {"asked": asked, "stored": time.monotonic(), "sequence": published.sequence}

    def _sequence(self, log: bytes) -> int:
        view = self._node.directory.get(log)
        return view.head.sequence if view and view.head else 0

    def _reached(self, log: bytes, sequence: int) -> float | None:
        times = (at for reached, at in self._commits.get(log, []) if reached >= sequence)
        return next(times, None)

    async def _wait(self, log: bytes, sequence: int) -> dict[str, Any]:
        async with self._committed:
            await self._committed.wait_for(lambda: self._reached(log, sequence) is not None)
        await self._node.projector.settled()
        return {"committed": self._reached(log, sequence), "shown": time.monotonic()}


def answer(number: int, result: dict[str, Any]) -> None:
    """Write one answer at once."""
    sys.stdout.write(json.dumps({"number": number} | result) + "\n")
    sys.stdout.flush()


async def read_commands(worker: Worker) -> None:
    """Carry out commands side by side until standard input ends."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    running: set[asyncio.Task[None]] = set()

    async def carry_out(command: dict[str, Any]) -> None:
        answer(command["number"], await worker.do(command))

    while line := await reader.readline():
        task = asyncio.create_task(carry_out(json.loads(line)))
        running.add(task)
        task.add_done_callback(running.discard)
        task.add_done_callback(lambda done: done.exception() and done.result())


async def main(folder: Path, port: int, database_url: str, origins: list[str], code: str) -> None:
    """Make the node when it is not there, serve it, and do what is asked."""
    settings = Settings(
        data=folder,
        port=port,
        other_origins=tuple(origins),
        database_url=SecretStr(database_url) if database_url else None,
        **SETTINGS_FIXED,
    )
    if not (folder / "log_id").exists():
        await create_node(settings, code=code, name=f"Exempel {code}")
    async with open_node(settings) as node, serving(node):
        answer(0, {"log": node.own_log.hex()})
        await read_commands(Worker(node))


if __name__ == "__main__":
    uvloop.run(
        main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4].split(), sys.argv[5])
    )
