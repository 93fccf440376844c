"""Asking the running node: a unix socket in the data folder that speaks one JSON object a line.

Whoever can open the socket (0600, owner only) may do what an operator may do, so there is no
password. Commands use it while the node runs, and open the node themselves when it does not; both
run the same operations. A request is `{"verb": …, "arguments": {…}}`; an answer `{"result": …}` or
`{"error": {code, message, advice}}`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

from structlog.typing import FilteringBoundLogger

from node.errors import ArgumentError, ControlError
from node.ground.background import finish
from protocol.errors import LocalError, TidanError

SOCKET_NAME = "control.sock"
LINE_BYTES_MAX = 64 * 1024 * 1024
REQUESTS_AT_ONCE_MAX = 16
UNIX_PATH_BYTES_MAX = 100

Perform = Callable[[str, dict[str, Any]], Coroutine[Any, Any, object]]


class AnsweredError(LocalError):
    """What the running node answered: its own code, message and advice."""

    def __init__(self, code: str, message: str, advice: str) -> None:
        super().__init__(message)
        self.code = code
        self.advice = advice


@contextlib.contextmanager
def socket_address(folder: Path) -> Iterator[str]:
    """The socket's address; a path too long for the kernel is reached through an open folder."""
    path = str(folder.absolute() / SOCKET_NAME)
    if len(os.fsencode(path)) <= UNIX_PATH_BYTES_MAX:
        yield path
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}/{SOCKET_NAME}"
    finally:
        os.close(descriptor)


class ControlServer:
    """Listens while the node runs and hands each request to `perform`."""

    def __init__(self, folder: Path, perform: Perform, logger: FilteringBoundLogger) -> None:
        self._folder = folder
        self._perform = perform
        self._logger = logger
        self._slots = asyncio.Semaphore(REQUESTS_AT_ONCE_MAX)
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Bind the socket; one left by a crash is replaced (the folder's lock says it is ours)."""
        (self._folder / SOCKET_NAME).unlink(missing_ok=True)
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with socket_address(self._folder) as address:
            os.fchmod(listening.fileno(), 0o600)  # before bind: never open to others for a moment
            listening.bind(address)
        self._server = await asyncio.start_unix_server(
            self._serve, sock=listening, limit=LINE_BYTES_MAX
        )

    async def stop(self) -> None:
        """Take no more requests, end those that wait, and remove the socket.

        On a disk that takes nothing it stays; the next start replaces it.
        """
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with contextlib.suppress(OSError):
            (self._folder / SOCKET_NAME).unlink()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            async with self._slots:
                while line := await reader.readline():
                    writer.write(json.dumps(await self._answer(line)).encode() + b"\n")
                    await writer.drain()
        except (ValueError, ConnectionError):  # longer than LINE_BYTES_MAX, or the caller left
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _answer(self, line: bytes) -> dict[str, object]:
        verb = ""
        try:
            verb, arguments = _read_request(line)
            return {"result": await finish(self._perform(verb, arguments))}
        except TidanError as error:
            return {"error": {"code": error.code, "message": str(error), "advice": error.advice}}
        except Exception:
            self._logger.exception("operation failed", verb=verb)
            message = f"The running node failed at {verb or 'a request'}."
            return {"error": {"code": "internal", "message": message, "advice": LocalError.advice}}


def _read_request(line: bytes) -> tuple[str, dict[str, Any]]:
    try:
        request = json.loads(line)
        verb, arguments = request["verb"], request["arguments"]
    except (ValueError, TypeError, KeyError) as error:
        raise ArgumentError("A request is one JSON object with verb and arguments.") from error
    if not isinstance(verb, str) or not isinstance(arguments, dict):
        raise ArgumentError("A request is one JSON object with verb and arguments.")
    return verb, arguments


async def ask(folder: Path, verb: str, arguments: dict[str, Any]) -> Any:
    """Ask the node running on this data folder; None of it is retried.

    Raises `NotServingError` when no node runs there, `AnsweredError` for what it refused.
    """
    reader, writer = await _connect(folder)
    try:
        writer.write(json.dumps({"verb": verb, "arguments": arguments}).encode() + b"\n")
        await writer.drain()
        line = await reader.readline()
    except (ConnectionError, ValueError) as error:
        raise ControlError(f"The running node broke off {verb}.") from error
    finally:
        writer.close()
    if not line:
        raise ControlError(f"The running node stopped before it answered {verb}.")
    answer = json.loads(line)
    if "error" in answer:
        raise AnsweredError(**answer["error"])
    return answer["result"]


class NotServingError(Exception):
    """No node runs on the data folder; the caller may open it itself."""


async def _connect(folder: Path) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    try:
        with socket_address(folder) as address:
            return await asyncio.open_unix_connection(address, limit=LINE_BYTES_MAX)
    except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError) as error:
        raise NotServingError(str(folder)) from error
    except OSError as error:
        raise ControlError(
            f"The running node's control socket cannot be opened ({error})."
        ) from error
