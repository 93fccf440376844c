"""A node from nothing but its key: on an empty machine, with the log fetched from a neighbour.

First fetch, then sign. The data folder is made with the key that somebody brought and the log's id,
and without a guard, so the node signs nothing by itself. It dials the neighbour, which knows the
log's present key and the digest of the next, and takes either. When the log is here and the
neighbour has no more of it, a key from the recovery sheet is brought in force by a rotation that
continues from the newest entry; a copy of the present key needs none.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from node.config import Settings
from node.errors import AlreadyCreatedError, UnreachedError
from node.ground.data_folder import DataFolder
from node.operations.node import Node
from node.operations.operation_views import SyncProgress
from node.process.bootstrap import open_node
from node.process.calling import calling
from protocol.directory import Standing
from storage.introduction_queries import IntroductionRow

LOOK_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Whom to fetch from: its address and its log."""

    url: str
    log: bytes


def prepare_folder(settings: Settings, log: bytes, seed: bytes) -> None:
    """Make the data folder of a node that has to get its log back; a second time for the same log
    does nothing. Raises `AlreadyCreatedError` when another node is there."""
    folder = DataFolder(settings.data)
    if folder.key_file.exists():
        if folder.read_log_id() != log or folder.key_file.load() != seed:
            raise AlreadyCreatedError(f"There is another node in {settings.data}.")
        return
    with folder.lock:
        folder.key_file.create(seed)
        folder.write_log_id(log)


@asynccontextmanager
async def fetching(settings: Settings, neighbours: Sequence[Neighbour]) -> AsyncIterator[Node]:
    """The node, open and dialling these neighbours; it serves no pages meanwhile."""
    async with open_node(settings) as node, calling(node):
        for one in neighbours:
            await node.operations.add_neighbour(one.log.hex(), one.url)
        yield node


async def fetch_own_log(
    node: Node, seconds_max: float, look: Callable[[SyncProgress], None]
) -> None:
    """Return when our log is here and every neighbour has compared and has no more of it.

    Raises `UnreachedError`, with the reason in words, when nothing has come for `seconds_max`.
    """
    loop = asyncio.get_running_loop()
    held, moved_at = -1, loop.time()
    while not _is_whole(node):
        look(await node.operations.sync_progress())
        if (now_held := node.directory.entry_count()) != held:
            held, moved_at = now_held, loop.time()
        if loop.time() - moved_at > seconds_max:
            raise UnreachedError(await _reason(node))
        await asyncio.sleep(LOOK_SECONDS)


def _is_whole(node: Node) -> bool:
    own = node.directory.get(node.own_log)
    return own is not None and own.head is not None and node.recovery.may_rotate(own)


async def _reason(node: Node) -> str:
    said = [
        f"{item.url}: {item.last_error_code or 'no answer'}"
        for item in await node.operations.neighbours()
        if not item.connected
    ]
    return " ".join(["Our log did not come back.", *said])


async def fetch_the_rest(
    node: Node, seconds_max: float, look: Callable[[SyncProgress], None]
) -> bool:
    """Accept again the municipalities that we have introduced ourselves, and fetch what the
    neighbour has of them; False when that is not over after `seconds_max` without anything new."""
    await node.projector.settled()
    await accept_introduced_by_us(node)
    loop = asyncio.get_running_loop()
    held, moved_at = -1, loop.time()
    while True:
        progress = await node.operations.sync_progress()
        look(progress)
        wanted = (await node.blob_store.usage()).wanted
        if progress.settled and not wanted:
            return True
        now_held = node.directory.entry_count() - wanted
        if now_held != held:
            held, moved_at = now_held, loop.time()
        if loop.time() - moved_at > seconds_max:
            return False
        await asyncio.sleep(LOOK_SECONDS)


async def accept_introduced_by_us(node: Node) -> int:
    """Make members of the logs that our own log introduces, unless somebody has decided already."""
    count = 0
    for row in await introduced_by_us(node):
        view = node.directory.get(row.introduced)
        if view is None or view.standing is Standing.INTRODUCED:
            reason = "introduced by us"
            await node.standings.decide(row.introduced, Standing.MEMBER, reason, "recover")
            count += 1
    return count


async def introduced_by_us(node: Node) -> list[IntroductionRow]:
    """What our own log says of others: they were our neighbours."""
    return [
        row
        for row in await node.introduction_queries.all()
        if row.introducer == node.own_log != row.introduced
    ]
