"""`tidan serve` as an operator starts it, in a process group that can be killed whole.

The program may be another version than this one, and may run in a network of its own.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from node.errors import ControlError
from node.operations.control import AnsweredError, NotServingError, ask
from tests.benchmarks.processes import ROOT
from tests.free_ports import free_port

READY_SECONDS_MAX = 120.0
_POLL_SECONDS = 0.02
EXAMPLE = "Exempelby"
SERVING = b"Serving at "
"""What `tidan serve` says once all of it runs."""


class NotReadyError(Exception):
    """The node ended, or never answered; its own words are in the message."""


class Served:
    """One node on a data folder, with its database; started, killed and started again."""

    def __init__(
        self,
        folder: Path,
        database_url: str = "",
        environment: Mapping[str, str] | None = None,
        *,
        code: str = "9001",
        name: str = EXAMPLE,
        program: Path = ROOT,
        before: tuple[str, ...] = (),
        module: str = "node",
    ) -> None:
        """``program``: the folder that holds its sources; ``before``: words in front of the
        command, such as those that enter a network."""
        self.folder = folder
        self.code = code
        self.name = name
        self.port = free_port()
        self._program = program
        self._start_of_command = (*before, sys.executable, "-m", module)
        self._words = folder.with_name(f"{folder.name}.words")
        self._environment = os.environ | {"PYTHONPATH": str(program)} | dict(environment or {})
        if database_url:
            self._environment |= {"TIDAN_DATABASE_URL": database_url}
        self._words_before = 0
        self._process: asyncio.subprocess.Process | None = None

    async def create(self, *more: str) -> None:
        """Make the node, as `tidan init` does with ``more``; raises `NotReadyError` with its
        words."""
        code, words = await self.command("init", "--code", self.code, "--name", self.name, *more)
        if code:
            raise NotReadyError(words)

    async def command(self, *arguments: str, typed: str = "") -> tuple[int, str]:
        """Run `tidan` with these arguments to its end, given this at its standard input; returns
        its exit code and its words."""
        running = await asyncio.create_subprocess_exec(
            *self._tidan(*arguments),
            cwd=self._program,
            env=self._environment,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        words, _ = await running.communicate(typed.encode())
        return running.returncode or 0, words.decode()

    async def begin(self) -> None:
        """Start it without waiting for it."""
        self._words_before = self._words.stat().st_size if self._words.exists() else 0
        with self._words.open("ab") as words:
            self._process = await asyncio.create_subprocess_exec(
                *self._tidan("serve", "--port", str(self.port)),
                cwd=self._program,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=words,
                start_new_session=True,
            )

    async def ready(self) -> None:
        """Wait until it says that it serves; raises `NotReadyError` when it does not."""
        assert self._process is not None
        async with asyncio.timeout(READY_SECONDS_MAX):
            while True:
                if self._process.returncode is not None:
                    raise NotReadyError(f"ended with {self._process.returncode}:\n{self.words}")
                if SERVING in self._words.read_bytes()[self._words_before :]:
                    return
                await asyncio.sleep(_POLL_SECONDS)

    async def start(self) -> None:
        """Start it and wait until it answers."""
        await self.begin()
        await self.ready()

    async def kill(self) -> None:
        """End the whole group at once: nothing of it gets to clean up."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        """End it as an operator does; returns its exit code."""
        return await self._end(signal.SIGTERM)

    async def _end(self, number: signal.Signals) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        if process.returncode is None:
            os.killpg(process.pid, number)
        return await process.wait()

    async def ask(self, verb: str, **arguments: object) -> Any:
        """Have it do something; raises what it answers, or that it is gone."""
        return await ask(self.folder, verb, arguments)

    @property
    def process_id(self) -> int:
        """Of the running node."""
        assert self._process is not None
        return self._process.pid

    @property
    def url(self) -> str:
        """Where its pages are."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def words(self) -> str:
        """The last of what it has written to its terminal."""
        return self._words.read_text("utf-8", "replace")[-4_000:] if self._words.exists() else ""

    def _tidan(self, *arguments: str) -> tuple[str, ...]:
        return (*self._start_of_command, "--data", str(self.folder), *arguments)


GONE = (NotServingError, ControlError, ConnectionError)
"""What a caller hears when the node has been killed meanwhile."""
REFUSED = AnsweredError
