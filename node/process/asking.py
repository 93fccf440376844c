"""Have a node do one thing: the one that serves on the data folder, else one opened for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any

from node.config import Settings
from node.errors import NotRunningError
from node.operations.control import NotServingError, ask
from node.operations.verbs import perform
from node.process.bootstrap import open_node
from node.process.calling import calling

WATCH_SECONDS = 0.5

Ask = Callable[[str, dict[str, Any]], Awaitable[Any]]


async def run_verb(settings: Settings, verb: str, /, **arguments: Any) -> Any:
    """Ask the node that serves on the data folder, else open it for this one verb.

    The result is the same plain data either way. Raises local errors: the node's own words when
    it was asked.
    """
    try:
        return await ask(settings.data, verb, arguments)
    except NotServingError:
        async with _opened(settings) as asked:
            return await asked(verb, arguments)


async def run_watched(
    settings: Settings, verb: str, look: Callable[[Any], None], /, **arguments: Any
) -> Any:
    """Run a verb that takes its time; meanwhile `look` is given the node's `sync_progress`."""
    try:
        return await _watched(partial(ask, settings.data), verb, arguments, look)
    except NotServingError:
        async with _opened(settings) as asked:
            return await _watched(asked, verb, arguments, look)


async def run_in_parts(
    settings: Settings,
    verb: str,
    look: Callable[[int, int], None],
    count: int,
    /,
    **arguments: Any,
) -> list[Any]:
    """Run a verb that gives a page of files at a time, until there are no more.

    `look` is told how many are done of how many. What was done of an attempt that broke off is
    known to the node, so the next one goes on from there.
    """
    try:
        return await _in_parts(partial(ask, settings.data), verb, look, count, arguments)
    except NotServingError:
        async with _opened(settings) as asked:
            return await _in_parts(asked, verb, look, count, arguments)


async def ask_running(settings: Settings, verb: str, /, **arguments: Any) -> Any:
    """Ask the node that serves on the data folder; raises `NotRunningError` when none does."""
    try:
        return await ask(settings.data, verb, arguments)
    except NotServingError as error:
        raise NotRunningError(f"No node runs on {settings.data}.") from error


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[Ask]:
    async with AsyncExitStack() as stack:
        node = await stack.enter_async_context(open_node(settings))
        node.first_asking.begin = lambda: stack.enter_async_context(calling(node))
        await node.introductions.review()
        yield partial(perform, node.operations)
        await node.introductions.review()


async def _in_parts(
    asked: Ask,
    verb: str,
    look: Callable[[int, int], None],
    count: int,
    arguments: dict[str, Any],
) -> list[Any]:
    done: list[Any] = []
    while True:
        page = await asked(verb, arguments | {"after": len(done), "count": count})
        done += page["files"]
        if page["total"] > count:
            look(len(done), page["total"])
        if not page["files"] or len(done) >= page["total"]:
            return done


async def _watched(
    asked: Ask, verb: str, arguments: dict[str, Any], look: Callable[[Any], None]
) -> Any:
    work = asyncio.ensure_future(asked(verb, arguments))
    try:
        while not (await asyncio.wait({work}, timeout=WATCH_SECONDS))[0]:
            look(await asked("sync_progress", {}))
        return await work
    finally:
        work.cancel()
