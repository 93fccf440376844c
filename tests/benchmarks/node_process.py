"""One real node in a process of its own, told what to do line by line on standard input.

Everything is the node's own code; this only calls it and notes the time. An answer is one line of
JSON. Times are of the monotonic clock, which all processes of one machine share. With
foreign_logs.py this is all of the benchmark that knows what a node is made of.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
import traceback
from collections import deque
from collections.abc import Mapping
from random import Random
from typing import Any

import uvloop

from node.accounts.accounts import LINK_PATH
from node.config import Settings
from node.following.subjects import subject_of
from node.intake.signing import Draft
from node.intake.step import Committed
from node.operations.drafts import Written
from node.operations.node import Node
from node.operations.standings import ADMIN
from node.process.bootstrap import open_node
from node.process.server import serving
from node.wanted import Wanted
from protocol import strict_json
from protocol.content import Comment, Interest, RootContent, Use
from protocol.directory import Standing
from storage.account_views import Role, User
from storage.record_views import RecordFilter
from tests.benchmarks.foreign_logs import hand_over, many_logs
from tests.benchmarks.search_commands import SearchCommands
from tests.benchmarks.writing import contents, experience_of_size, varied_contents

QUOTAS = ("log_entries_max", "log_mb_max", "neighbour_day_entries_max", "neighbour_day_mb_max")
SETTINGS_FIXED: dict[str, Any] = {
    "host": "127.0.0.1",
    "log_level": "error",
    **dict.fromkeys(QUOTAS, 10**9),  # a series may hold more than any municipality writes
    "neighbour_networks": ("127.0.0.0/8",),
}
LINE_BYTES_MAX = 4 * 1024 * 1024
RESPONDED_MAX = 200
"""The newest records, to which all responses go: what is read most is answered most."""


COMMITS_KEPT = 1_000
"""Of each log, the latest: who asks when one was there asks soon."""


class Watch:
    """When each log first reached which entry; called right after each commit."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._commits: dict[bytes, deque[tuple[int, float]]] = {}
        self._waiting: list[tuple[dict[bytes, int], asyncio.Future[float]]] = []
        node.ingest.listeners.append(self._on_committed)

    def _on_committed(self, committed: Committed) -> None:
        head, now = committed.head, time.monotonic()
        latest = self._commits.setdefault(head.log, deque(maxlen=COMMITS_KEPT))
        latest.append((head.sequence, now))
        for heads, reached in self._waiting:
            if heads.get(head.log, head.sequence + 1) <= head.sequence:
                del heads[head.log]
                if not heads and not reached.done():
                    reached.set_result(now)
        self._waiting = [item for item in self._waiting if item[0]]

    async def reached(self, heads: dict[bytes, int]) -> float:
        """When all these logs had reached these entries, now or later."""
        found = {log: self._since(log, sequence) for log, sequence in heads.items()}
        missing = {log: heads[log] for log, since in found.items() if since is None}
        known = max((since for since in found.values() if since is not None), default=0.0)
        if not missing:
            return known
        reached: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._waiting.append((missing, reached))
        return max(known, await reached)

    def _since(self, log: bytes, sequence: int) -> float | None:
        times = (at for reached, at in self._commits.get(log, ()) if reached >= sequence)
        view = self._node.directory.get(log)
        stored = view.head.sequence if view and view.head else 0
        return next(times, 0.0 if stored >= sequence else None)


class Commands(SearchCommands):
    """Carries out commands on one node; each method is one, and returns its answer."""

    def __init__(self, node: Node) -> None:
        super().__init__(node)
        self._random = Random(node.own_log)
        self._watch = Watch(node)
        self._users: dict[str, User] = {}

    async def publish(self, title: str, size_bytes: int) -> dict[str, Any]:
        """Publish one experience, as the form does."""
        content = experience_of_size(self._random, size_bytes, title)
        asked = time.monotonic()
        published = await self._node.publisher.publish("experience", content)
        stored = time.monotonic()
        record = published.record
        return {"asked": asked, "stored": stored, "sequence": published.sequence, "record": record}

    async def publish_many(self, count: int, size_bytes: int, group: int) -> dict[str, Any]:
        """Publish experiences as an import does, with all checks of content."""
        contents = [experience_of_size(self._random, size_bytes) for _ in range(count)]
        started = time.monotonic()
        for first in range(0, count, group):
            await self._node.publisher.publish_many("experience", contents[first : first + group])
        return {"seconds": time.monotonic() - started}

    async def write(
        self, count: int, size_bytes: int, group: int, at_once: int, author: int | None = None
    ) -> dict[str, Any]:
        """Write own entries, `group` to a call and `at_once` calls at a time; latency of each.

        With `author`, they are what the author with this number writes everywhere.
        """
        number = self._random.randrange(10**9) if author is None else author
        made = list(contents(number, count, size_bytes))
        groups = iter([made[first : first + group] for first in range(0, count, group)])
        latencies: list[float] = []

        async def write_on() -> None:
            for some in groups:
                began = time.monotonic()
                await self._node.ingest.write([Draft("experience", data) for data in some])
                latencies.append(time.monotonic() - began)

        started = time.monotonic()
        await asyncio.gather(*(write_on() for _ in range(at_once)))
        return {"seconds": time.monotonic() - started, "latencies": latencies}

    async def hand_over(
        self, logs: int, entries: int, size_bytes: int, varied: bool = False
    ) -> dict[str, Any]:
        """Take in whole logs of others; returns their heads. `varied` spreads them over all that
        one can filter on."""
        made = varied_contents if varied else contents
        heads = await hand_over(self._node, many_logs(logs, entries, size_bytes, made))
        return {"heads": {log.hex(): sequence for log, sequence in heads.items()}}

    async def respond(self, count: int, group: int) -> dict[str, Any]:
        """Comment on, use and want to join records, in turn, `group` entries to a commit."""
        page = RecordFilter(page_size=RESPONDED_MAX)
        rows = (await self._node.queries.list_records(page)).rows
        made = [_response(number, rows[number % len(rows)].record_id) for number in range(count)]
        for first in range(0, count, group):
            await self._node.ingest.write(made[first : first + group])
        return {}

    async def records(self, count: int) -> dict[str, Any]:
        """Ids of the newest records."""
        rows = await self._node.queries.newest(count)
        return {"records": [row.record_id.hex() for row in rows]}

    async def sign_in(self, name: str) -> dict[str, Any]:
        """Begin a session of a new operator; returns the cookie that a browser would have."""
        node = self._node
        link = await node.accounts.invite(name, name, Role.OPERATOR, ADMIN)
        token = link.path.removeprefix(LINK_PATH)
        self._users[name] = await node.accounts.use_link(token, "trut harv kaffe sjö")
        session = await node.sessions.begin(self._users[name])
        return {"name": f"tidan-{node.own_log.hex()[:8]}", "token": session}

    async def more_sessions(self, name: str, count: int) -> dict[str, Any]:
        """Begin more sessions of somebody who has one, as on other machines; returns the tokens."""
        user = self._users[name]
        return {"tokens": [await self._node.sessions.begin(user) for _ in range(count)]}

    async def follow(self, name: str, lists: list[dict[str, Any]]) -> dict[str, Any]:
        """Have a user follow lists, each given by its filter."""
        for chosen in lists:
            subject = subject_of(Wanted(**chosen))
            if subject is None:
                raise ValueError(f"{chosen} cannot be followed")
            await self._node.following.begin(self._users[name], subject)
        return {}

    async def draft(self, name: str, count: int) -> dict[str, Any]:
        """Let a user begin so many texts."""
        drafts = self._node.drafts
        for number in range(count):
            typed = {"title": f"Exempel {number}", "type": "erfarenhet"}
            await drafts.save(self._users[name], Written(drafts.new_id(), typed))
        return {}

    async def settle(self) -> dict[str, Any]:
        """Wait until everything committed is in the record list."""
        await self._node.projector.settled()
        await self._node.indexer.settled()
        return {"at": time.monotonic()}

    async def wait(self, heads: Mapping[str, int]) -> dict[str, Any]:
        """When all these logs had reached these entries, and when all of that was shown."""
        wanted = {bytes.fromhex(log): sequence for log, sequence in heads.items()}
        committed = await self._watch.reached(wanted)
        await self._node.projector.settled()
        return {"committed": committed, "shown": time.monotonic()}

    async def neighbour(self, log: str, url: str | None = None) -> dict[str, Any]:
        """Make a neighbour; with `url` it is dialled."""
        await self._node.operations.add_neighbour(log=log, url=url)
        return {"at": time.monotonic()}

    async def forget(self, log: str) -> dict[str, Any]:
        """Part with a neighbour and its log, so that the next one is met as if it were the first"""
        await self._node.operations.remove_neighbour(log)
        found = bytes.fromhex(log)
        await self._node.standings.decide(found, Standing.IGNORED, "benchmark", ADMIN)
        return {}

    async def accept(self, logs: list[str]) -> dict[str, Any]:
        """Accept logs, as a person would one by one."""
        for log in logs:
            found = bytes.fromhex(log)
            await self._node.standings.decide(found, Standing.MEMBER, "benchmark", ADMIN)
        return {}

    async def quota(self, log: str, entries: int) -> dict[str, Any]:
        """Keep at most so many entries of a log."""
        await self._node.operations.change_quota("log", log, entries)
        return {}

    async def head(self, log: str) -> dict[str, Any]:
        """How far a log is held."""
        view = self._node.directory.get(bytes.fromhex(log))
        return {"sequence": view.head.sequence if view and view.head else 0}

    async def rebuild(self) -> dict[str, Any]:
        """Drop all projections and derive them anew from the log."""
        await self._node.projector.settled()
        started = time.monotonic()
        entries = await self._node.projections.rebuild()
        return {"seconds": time.monotonic() - started, "entries": entries}


def _response(number: int, record: bytes) -> Draft:
    content: RootContent = (
        Comment(record=record.hex(), text="Exempel: så gjorde vi också."),
        Use(record=record.hex(), since_year=2024),
        Interest(record=record.hex(), interest="samverka"),
    )[number % 3]
    return Draft(("comment", "use", "interest")[number % 3], strict_json.dumps(content))


def answer(number: int, result: Mapping[str, Any]) -> None:
    """Write one answer at once."""
    sys.stdout.write(json.dumps({"number": number} | dict(result)) + "\n")
    sys.stdout.flush()


async def read_commands(commands: Commands) -> None:
    """Carry out commands side by side until standard input ends."""
    reader = asyncio.StreamReader(limit=LINE_BYTES_MAX)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    running: set[asyncio.Task[None]] = set()

    async def carry_out(command: dict[str, Any]) -> None:
        number, verb = command.pop("number"), command.pop("do")
        try:
            answer(number, await getattr(commands, verb)(**command))
        except Exception as error:  # noqa: BLE001  # told to whoever asked, who then ends the run
            traceback.print_exc()
            answer(number, {"error": repr(error)})

    while line := await reader.readline():
        task = asyncio.create_task(carry_out(json.loads(line)))
        running.add(task)
        task.add_done_callback(running.discard)


async def main(given: dict[str, Any]) -> None:
    """Serve the node and do what is asked."""
    settings = Settings(**SETTINGS_FIXED | given)
    async with open_node(settings) as node, serving(node):
        answer(0, {"log": node.own_log.hex()})
        await read_commands(Commands(node))


if __name__ == "__main__":
    uvloop.run(main(json.loads(sys.argv[1])))
