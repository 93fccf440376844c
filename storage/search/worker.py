"""Fills an index in a process of its own, on the other core: ``python -m storage.search.worker``.

Told on standard input, as one line of JSON: ``database`` (URL or folder), ``folder`` of the index
and the database's ``epoch`` in hexadecimal. Goes on until it is up to date and standard input has
ended, which says that nothing more is coming, and prints a line with the number of entries after
each batch. The program that started it must leave the index alone meanwhile; tantivy's lock refuses
two writers.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import threading
from contextlib import ExitStack
from pathlib import Path

from storage.database import Database
from storage.search.analysts import COLLECTOR_THRESHOLDS, PROCESSES, analysts
from storage.search.indexing import Indexing
from storage.search.search_index import SearchIndex

BATCH_ENTRIES = 4_000
COMMIT_ENTRIES = 60_000
"""What a crash makes it do again, at most."""
HEAP_BYTES = 60_000_000
"""About what lies between two commits, so that each is one segment."""
IDLE_SECONDS = 0.05
MANY_ENTRIES = 50_000
"""When so many wait, texts are analysed in further processes, which take a moment to begin. Fewer
wait while a node receives its first entries: records are made slowly then, and come first."""
STEPS_AT_ONCE = 2 * PROCESSES + 1
"""Each has one, and finds others when it is done, also while what was put in is being committed: a
commit takes about as long as two steps."""


async def work(database: Database, index: SearchIndex, ended: threading.Event) -> int:
    """Index until all is done and nothing more is coming; returns how many entries were."""
    indexing = Indexing(database, index)
    done = uncommitted = 0
    is_helped = False
    with ExitStack() as processes:
        while True:
            was_ended = ended.is_set()
            if not is_helped and await indexing.lag() >= MANY_ENTRIES:
                is_helped = True
                indexing.analyse_with(processes.enter_context(analysts()), STEPS_AT_ONCE)
            count = await indexing.apply(BATCH_ENTRIES)
            done, uncommitted = done + count, uncommitted + count
            if count:
                print(done, flush=True)  # noqa: T201  # for the program that started this one
            if uncommitted >= COMMIT_ENTRIES or (was_ended and not count):
                await asyncio.to_thread(index.commit)
                uncommitted = 0
            if not count:
                if was_ended:
                    return done
                await asyncio.sleep(IDLE_SECONDS)


async def main() -> None:
    """Read what to do, and do it."""
    told = json.loads(sys.stdin.readline())
    ended = threading.Event()

    def wait_for_end() -> None:
        sys.stdin.read()
        ended.set()

    threading.Thread(target=wait_for_end, daemon=True).start()
    database = await Database.open(told["database"])
    try:
        index = SearchIndex(Path(told["folder"]), bytes.fromhex(told["epoch"]), HEAP_BYTES)
        if await work(database, index, ended) >= COMMIT_ENTRIES:
            # After so much a moment more does not matter, and all later searches are the quicker.
            await asyncio.to_thread(index.close_merged)
        index.close()
    finally:
        await database.close()


if __name__ == "__main__":
    gc.set_threshold(*COLLECTOR_THRESHOLDS)
    asyncio.run(main())
