"""The benchmark's side of `node_process`: start a node, tell it what to do, stop it."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
LINE_BYTES_MAX = 1024 * 1024
STOP_SECONDS = 30


class NodeProcess:
    """A running node; `ask` may be called several times at once."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self._process = process
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._next_number = 1
        self.port = port
        self.log = ""

    @property
    def url(self) -> str:
        """Where its pages and its neighbours' door are."""
        return f"http://127.0.0.1:{self.port}"

    async def ask(self, do: str, **arguments: object) -> dict[str, Any]:
        """Send one command; returns its answer."""
        return await self.begin(do, **arguments)

    def begin(self, do: str, **arguments: object) -> asyncio.Future[dict[str, Any]]:
        """Send one command now; the answer can be awaited later."""
        number, self._next_number = self._next_number, self._next_number + 1
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        assert self._process.stdin is not None
        line = json.dumps({"number": number, "do": do} | arguments)
        self._process.stdin.write(line.encode() + b"\n")
        return answer

    async def listen(self) -> None:
        """Hand answers to whoever asked; ends with the process."""
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            message = json.loads(line)
            self._answers.pop(message["number"]).set_result(message)
        for waiting in self._answers.values():
            waiting.set_exception(RuntimeError("the node ended; its error stands above"))

    def first_answer(self) -> asyncio.Future[dict[str, Any]]:
        """What the node says by itself once it serves."""
        self._answers[0] = asyncio.get_running_loop().create_future()
        return self._answers[0]


def free_port() -> int:
    """A loopback port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def node_process(
    folder: Path, database_url: str, *, code: str, port: int = 0, origins: Sequence[str] = ()
) -> AsyncIterator[NodeProcess]:
    """A node in ``folder``, made when it is not there; serves as long as this is entered."""
    port = port or free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.benchmarks.node_process",
        str(folder),
        str(port),
        database_url,
        " ".join(origins),
        code,
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=LINE_BYTES_MAX,
    )
    node = NodeProcess(process, port)
    served = node.first_answer()
    listening = asyncio.create_task(node.listen())
    try:
        node.log = (await served)["log"]
        yield node
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), STOP_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()
        await listening
