"""Texts that are analysed ahead of the index, by threads or by processes: the same index."""

from __future__ import annotations

import asyncio
import signal
import sys
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import update

from node_factories import until
from searching import EPOCH, all_answers, catch_up, open_search
from storage.database import Database
from storage.log_store import LogStore
from storage.projections import Projections
from storage.schema import runs
from storage.search.analysts import analysts
from storage.search.indexing import Indexing
from storage.search.search_index import SearchIndex
from storage_factories import deliver, some_logs

STEP_ENTRIES = 7
OWNER = """
import os, sys
from storage.search.analysts import analysts
with analysts() as executor:
    print(*(executor.submit(os.getpid).result() for _ in range(4)), flush=True)
    sys.stdin.read()
"""


async def filled_ahead(
    database: Database, folder: Path, analysts: Executor | None, at_once: int
) -> int:
    """Make an index with others analysing ahead; returns how many entries are in."""
    index = SearchIndex(folder / "search", EPOCH)
    indexing = Indexing(database, index)
    indexing.analyse_with(analysts, at_once)
    done = 0
    while count := await indexing.apply(STEP_ENTRIES):
        done += count
    index.commit()
    index.close()
    return done


async def a_log_of_changes(database: Database, seed: int) -> None:
    """Logs with edits and withdrawals, as records."""
    print(f"seed={seed}")
    random = Random(seed)
    await deliver(LogStore(database), some_logs(random, entries=150), random)
    while await Projections(database).catch_up():
        pass


@pytest.mark.parametrize("at_once", [1, 2, 5])
async def test_steps_ahead_make_the_same_index(
    database: Database, tmp_path: Path, at_once: int
) -> None:
    """However many steps are analysed at a time, edits and withdrawals are put in in their order,
    and every search answers as in an index that was made one entry after another."""
    await a_log_of_changes(database, 70 + at_once)
    plain = open_search(database, tmp_path / "plain")
    await catch_up(database, plain)

    with ThreadPoolExecutor(at_once) as threads:
        assert await filled_ahead(database, tmp_path / "ahead", threads, at_once)

    ahead = open_search(database, tmp_path / "ahead")
    assert await ahead.lag() == 0
    assert await all_answers(database, ahead) == await all_answers(database, plain)
    plain.close()
    ahead.close()


async def test_processes_make_the_same_index(database: Database, tmp_path: Path) -> None:
    """What processes beside this one have analysed is what this one would have made of it."""
    await a_log_of_changes(database, 80)
    plain = open_search(database, tmp_path / "plain")
    await catch_up(database, plain)

    with analysts() as processes:
        assert await filled_ahead(database, tmp_path / "ahead", processes, 3)

    ahead = open_search(database, tmp_path / "ahead")
    assert await all_answers(database, ahead) == await all_answers(database, plain)
    plain.close()
    ahead.close()


async def test_a_damaged_run_holds_up_its_own_log_alone(database: Database, tmp_path: Path) -> None:
    """Also when what follows it was being analysed already: all the rest is in, and it is told."""
    await a_log_of_changes(database, 81)
    whole = SearchIndex(tmp_path / "whole", EPOCH)
    lag = await Indexing(database, whole).lag()
    whole.close()
    async with database.write() as connection:
        await connection.execute(
            update(runs).where(runs.c.log_no == 1, runs.c.first_sequence == 1).values(digest=b"x")
        )

    done = await filled_ahead(database, tmp_path, None, 4)

    search = open_search(database, tmp_path)
    assert 0 < done < lag
    assert await search.lag() == 0, "what cannot be read is not waited for"
    assert await all_answers(database, search)
    search.close()


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
async def test_processes_end_with_the_one_that_has_them(end: signal.Signals) -> None:
    """However it ends: nothing is left that holds memory and works for nobody."""
    owner = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        OWNER,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert owner.stdout is not None
    others = {int(number) for number in (await owner.stdout.readline()).split()}
    assert others
    assert owner.pid not in others

    owner.send_signal(end)
    await owner.wait()

    async def are_gone() -> bool:
        return not any(map(_is_running, others))

    await until(are_gone, "the processes have ended")


def _is_running(process: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{process}/status").read_text("ascii")
    except (FileNotFoundError, ProcessLookupError):
        return False
