"""What a node of a benchmark can be told to do about searching; part of `node_process`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any

from node.intake.signing import Draft
from node.operations.node import Node
from protocol import strict_json
from storage.record_views import MEMBERS, RecordFilter
from tests.benchmarks.foreign_logs import START_MS, Pace, hand_over, many_logs
from tests.benchmarks.judged_records import judged_logs
from tests.benchmarks.search_texts import search_contents

YEARS_MS = 5 * 31_556_952_000
"""Logs of the search benchmark go back so far."""
PROBE_EVERY_GROUPS = 10
GROUPS_A_SECOND = 20
POLL_SECONDS = 0.02
PATIENCE_SECONDS = 120


class SearchCommands:
    """Commands on one node; each method is one, and returns its answer."""

    def __init__(self, node: Node) -> None:
        self._node = node

    async def hand_over_judged(self) -> dict[str, Any]:
        """Take in the judged records, as their municipalities would have written them."""
        heads = await hand_over(self._node, judged_logs())
        return {"logs": len(heads)}

    async def hand_over_searched(self, logs: int, entries: int, size_bytes: int) -> dict[str, Any]:
        """Take in logs with texts made for searching, over several years."""
        pace = Pace(START_MS - YEARS_MS, YEARS_MS * logs // entries)
        made = many_logs(logs, entries, size_bytes, search_contents, pace)
        return {"logs": len(await hand_over(self._node, made))}

    async def settle_search(self) -> dict[str, Any]:
        """Wait until everything committed is found."""
        await self._node.projector.settled()
        await self._node.indexer.settled()
        return {"at": time.monotonic()}

    async def rebuild_search(self) -> dict[str, Any]:
        """Make the index anew from the log."""
        done = [0]
        started = time.monotonic()
        async with self._node.search.in_bulk(anew=True, tell=done.append):
            pass
        return {"seconds": time.monotonic() - started, "entries": done[-1]}

    async def find(self, filters: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Answer filters one after another, as the list page has them answered.

        Returns the time, the number found and the titles of the page of each.
        """
        seconds, totals, titles = [], [], []
        for one in filters:
            wanted = RecordFilter(**one)
            began = time.monotonic()
            page, _ = await self._node.queries.page_and_facets(wanted, visible=MEMBERS)
            seconds.append(time.monotonic() - began)
            totals.append(page.total)
            titles.append([row.title for row in page.rows])
        return {"seconds": seconds, "totals": totals, "titles": titles}

    async def find_new(self, rate: int, seconds: int, size_bytes: int) -> dict[str, Any]:
        """Write ``rate`` entries a second for so long; how long some of them took until found.

        Some have a word in their title that no other record has, and are looked for by it.
        """
        group = max(1, rate // GROUPS_A_SECOND)
        groups = seconds * GROUPS_A_SECOND
        made = list(search_contents(0, group * groups, size_bytes))
        waiting: list[asyncio.Task[float]] = []
        began = time.monotonic()
        for number in range(groups):
            await asyncio.sleep(max(0.0, began + number / GROUPS_A_SECOND - time.monotonic()))
            contents = made[number * group : (number + 1) * group]
            word = f"prov{int(began)}x{number}"
            if number % PROBE_EVERY_GROUPS == 0:
                probe = strict_json.loads(contents[-1])
                assert isinstance(probe, dict)
                contents[-1] = strict_json.dumps(probe | {"title": f"Exempel {word}"})
            await self._node.ingest.write([Draft("experience", data) for data in contents])
            if number % PROBE_EVERY_GROUPS == 0:
                waiting.append(asyncio.create_task(self._until_found(word)))
        took = time.monotonic() - began
        found = await asyncio.gather(*waiting)
        return {"found_after": found, "rate": group * groups / took}

    async def _until_found(self, word: str) -> float:
        began = time.monotonic()
        async with asyncio.timeout(PATIENCE_SECONDS):
            # Asked again and again, as a visitor would: the index tells nobody what it holds.
            while not await self._node.queries.completed(word, 1, visible=MEMBERS):  # noqa: ASYNC110
                await asyncio.sleep(POLL_SECONDS)
        return time.monotonic() - began
