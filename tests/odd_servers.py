"""Servers that answer a node's call in ways of their own, over real sockets."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.test_utils import TestServer

from node.origins import SYNC_PATH
from protocol.messages import Bye, Message, encode

Reply = Callable[[web.WebSocketResponse, bytes], Awaitable[None]]


@asynccontextmanager
async def answering(reply: Reply) -> AsyncIterator[str]:
    """A WebSocket at the sync address, which answers the first frame with whatever it likes."""

    async def handle(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await reply(socket, await socket.receive_bytes())
        await socket.close()
        return socket

    async with web_server(handle) as url:
        yield url


@asynccontextmanager
async def web_server(
    handle: Callable[[web.Request], Awaitable[web.StreamResponse]],
    context: ssl.SSLContext | None = None,
) -> AsyncIterator[str]:
    """A web server that answers at the sync address."""
    application = web.Application()
    application.router.add_get(SYNC_PATH, handle)
    server = TestServer(application, scheme="https" if context else "http")
    await server.start_server(ssl=context)
    try:
        yield f"{server.scheme}://127.0.0.1:{server.port}"
    finally:
        await server.close()


@asynccontextmanager
async def tcp_server(
    handle: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
    context: ssl.SSLContext | None = None,
) -> AsyncIterator[int]:
    """A bare server; yields its port."""
    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def sends(message: Message) -> Reply:
    """Answer with one message, and hang up."""

    async def reply(socket: web.WebSocketResponse, _frame: bytes) -> None:
        await socket.send_bytes(encode(message))

    return reply


def says_goodbye(code: str) -> Reply:
    """End the session for a reason."""
    return sends(Bye(code, "exempel"))


async def says_nothing(socket: web.WebSocketResponse, _frame: bytes) -> None:
    """Stay silent until the node gives up."""
    await socket.receive()


async def hangs_up(_socket: web.WebSocketResponse, _frame: bytes) -> None:
    """Close without a word."""
