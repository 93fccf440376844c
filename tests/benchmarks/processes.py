"""The benchmark's side of what runs in processes of its own: start it, tell it what to do, stop it.

Commands and answers are lines of JSON. What is told to one process at once may be answered in any
order; answers carry their command's number.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import ClientError, ClientSession

from tests.free_ports import free_port

ROOT = Path(__file__).resolve().parents[2]
LINE_BYTES_MAX = 4 * 1024 * 1024
STOP_SECONDS = 60
READY_SECONDS_MAX = 120
READY_POLL_SECONDS = 0.01


class Worker:
    """A running process that answers; `ask` may be called several times at once."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._next_number = 1

    async def ask(self, do: str, **arguments: object) -> dict[str, Any]:
        """Send one command; returns its answer."""
        return await self.begin(do, **arguments)

    def begin(self, do: str, **arguments: object) -> asyncio.Future[dict[str, Any]]:
        """Send one command now; the answer can be awaited later."""
        number, self._next_number = self._next_number, self._next_number + 1
        answer = self._expect(number)
        assert self._process.stdin is not None
        line = json.dumps({"number": number, "do": do} | arguments)
        self._process.stdin.write(line.encode() + b"\n")
        return answer

    async def listen(self) -> None:
        """Hand answers to whoever asked; ends with the process."""
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            message = json.loads(line)
            answer = self._answers.pop(message["number"])
            if "error" in message:
                answer.set_exception(RuntimeError(message["error"]))
            else:
                answer.set_result(message)
        for waiting in self._answers.values():
            waiting.set_exception(RuntimeError("the process ended; its error stands above"))

    def first_answer(self) -> asyncio.Future[dict[str, Any]]:
        """What the process says by itself once it is ready."""
        return self._expect(0)

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    def peak_memory_bytes(self) -> int:
        """The most resident memory it has had."""
        status = Path(f"/proc/{self._process.pid}/status").read_text("ascii")
        line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024

    def _expect(self, number: int) -> asyncio.Future[dict[str, Any]]:
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        return answer


class NodeProcess(Worker):
    """A running node of Tidan."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        super().__init__(process)
        self.port = port
        self.log = ""

    @property
    def url(self) -> str:
        """Where its pages and its neighbours' door are."""
        return f"http://127.0.0.1:{self.port}"


@asynccontextmanager
async def process(
    *command: str, environment: Mapping[str, str] | None = None
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process with lines in and out; it ends when its standard input does."""
    running = await asyncio.create_subprocess_exec(
        *command,
        cwd=ROOT,
        env=os.environ | dict(environment or {}),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=LINE_BYTES_MAX,
    )
    try:
        yield running
    finally:
        assert running.stdin is not None
        running.stdin.close()
        try:
            await asyncio.wait_for(running.wait(), STOP_SECONDS)
        except TimeoutError:
            running.kill()
            await running.wait()


@asynccontextmanager
async def listening(worker: Worker) -> AsyncIterator[None]:
    """Take the answers of a process as long as this is entered; it must end before this does."""
    task = asyncio.create_task(worker.listen())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def node_process(
    folder: Path,
    database_url: str,
    *,
    code: str,
    port: int = 0,
    origins: Sequence[str] = (),
    **settings: object,
) -> AsyncIterator[NodeProcess]:
    """A node in ``folder``, made when it is not there; serves as long as this is entered."""
    port = port or free_port()
    given = {"data": str(folder), "port": port, "other_origins": list(origins)} | settings
    if database_url:
        given["database_url"] = database_url
    if not (folder / "log_id").exists():
        await _initialise(folder, database_url, code)
    module = ("-m", "tests.benchmarks.node_process")
    async with process(sys.executable, *module, json.dumps(given)) as running:
        node = NodeProcess(running, port)
        served = node.first_answer()
        async with listening(node):
            node.log = (await served)["log"]
            yield node


async def start_seconds(folder: Path, database_url: str) -> float:
    """How long the program takes to be ready, as an operator starts it; it is ended again."""
    port = free_port()
    environment = {"TIDAN_DATABASE_URL": database_url} if database_url else {}
    arguments = ("--data", str(folder), "serve", "--port", str(port))
    started = time.monotonic()
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "node", *arguments),
        cwd=ROOT,
        env=os.environ | environment,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        return await _ready(f"http://127.0.0.1:{port}") - started
    finally:
        running.terminate()
        await asyncio.wait_for(running.wait(), STOP_SECONDS)


async def _initialise(folder: Path, database_url: str, code: str) -> None:
    """Make a node as an operator does, so that what that loads is not in the serving process."""
    arguments = ["--data", str(folder), "init", "--code", code, "--name", f"Exempel {code}"]
    environment = {"TIDAN_DATABASE_URL": database_url} if database_url else {}
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "node", *arguments),
        cwd=ROOT,
        env=os.environ | environment,
        stdout=asyncio.subprocess.DEVNULL,
    )
    if await running.wait() != 0:
        raise RuntimeError("tidan init failed; its error stands above")


async def _ready(url: str) -> float:
    """When `/readyz` first said yes, asked for often."""
    async with ClientSession() as client, asyncio.timeout(READY_SECONDS_MAX):
        while True:
            try:
                async with client.get(f"{url}/readyz") as response:
                    if response.status == 200:
                        return time.monotonic()
            except ClientError:
                pass
            await asyncio.sleep(READY_POLL_SECONDS)
