"""The index beside the database: it follows the log, survives what may happen, and begins anew."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from content_factories import an_experience
from factories import LogMaker
from protocol.content import Withdraw
from searching import EPOCH, all_answers, catch_up, open_search, queries_of
from storage.database import Database
from storage.log_store import LogStore
from storage.projections import Projections
from storage.record_views import MEMBERS, RecordFilter
from storage.search import search_index
from storage.search.search import Search
from storage.visible_logs import VisibleLogs
from storage_factories import deliver, some_logs, store, write


async def titles(database: Database, search: Search, text: str) -> list[str]:
    """Titles of what a text finds as it stands, in alphabetical order."""
    wanted = RecordFilter(text=text, literal=True, page_size=200)
    page = await queries_of(database, search).list_records(wanted, visible=MEMBERS)
    assert page.total == len(page.rows)
    return sorted(row.title for row in page.rows)


async def filled(database: Database, folder: Path, seed: int, step: int = 2_000) -> Search:
    """An index over random logs, made so many entries at a time."""
    print(f"seed={seed}")
    random = Random(seed)
    await deliver(LogStore(database), some_logs(random, entries=150), random)
    search = open_search(database, folder)
    await catch_up(database, search, step)
    return search


async def test_the_index_follows_the_log(database: Database, tmp_path: Path) -> None:
    """What is published is found, an edit is found as it now is, what is withdrawn is not."""
    maker, search = LogMaker(1), open_search(database, tmp_path)
    first = write(maker, "experience", an_experience(title="Exempel: gräsklippare")).entry.id
    write(maker, "experience", an_experience(title="Exempel: snöslunga"))
    await store(database, maker)
    assert await search.catch_up() == 0
    await catch_up(database, search)
    assert await titles(database, search, "gräsklippare") == ["Exempel: gräsklippare"]

    edited = an_experience(title="Exempel: robotgräs", replaces=first.hex())
    write(maker, "experience", edited)
    await store(database, maker)
    await Projections(database).catch_up()
    assert await search.lag() == 1
    await catch_up(database, search)
    assert await titles(database, search, "gräsklippare") == []
    assert await titles(database, search, "robotgräs") == ["Exempel: robotgräs"]

    write(maker, "withdraw", Withdraw(target=first.hex(), reason="Exempel"))
    await store(database, maker)
    await catch_up(database, search)
    assert await titles(database, search, "robotgräs") == []
    assert await titles(database, search, "exempel") == ["Exempel: snöslunga"]
    for gone in ("gräskl", "robot"):
        assert await search.suggest(gone, VisibleLogs(), MEMBERS, 10) == []
    search.close()


@pytest.mark.parametrize(("seed", "step"), [(1, 1), (2, 7), (3, 2_000)])
async def test_made_piece_by_piece_or_anew_it_answers_the_same(
    database: Database, tmp_path: Path, seed: int, step: int
) -> None:
    """However many entries are indexed at a time, the answers are those of one made in one go."""
    search = await filled(database, tmp_path, seed, step)
    piecewise = await all_answers(database, search)
    anew = open_search(database, tmp_path / "anew")
    await catch_up(database, anew)

    assert await all_answers(database, anew) == piecewise
    assert await search.lag() == await anew.lag() == 0
    search.close()
    anew.close()


async def test_segments_that_are_being_merged_are_one_when_it_is_let_go_of(
    database: Database, tmp_path: Path
) -> None:
    """Of an index made by very many commits few segments are left, and it answers the same."""
    search = await filled(database, tmp_path, 4, step=3)
    expected = await all_answers(database, search)
    search.close()
    index = search_index.SearchIndex(tmp_path / "search", EPOCH)
    index.apply((), (), {})
    index.commit()
    index.close_merged()
    again = open_search(database, tmp_path)

    assert search_index.SearchIndex(tmp_path / "search", EPOCH).searcher().num_segments < 8
    assert await all_answers(database, again) == expected
    again.close()


async def test_a_crash_before_the_state_is_written_changes_nothing(
    database: Database, tmp_path: Path
) -> None:
    """The index is ahead of what the file says; what is put in once more is there once."""
    random, makers = Random(5), some_logs(Random(5), entries=150)
    await deliver(LogStore(database), makers, random)
    search, state = open_search(database, tmp_path), tmp_path / "search" / "state.json"
    await Projections(database).catch_up(10_000)
    states = [state.read_bytes()]
    while await search.catch_up(25):
        states.append(state.read_bytes())
    expected = await all_answers(database, search)
    search.close()
    for before in states:
        state.write_bytes(before)
        again = open_search(database, tmp_path)
        assert (await again.lag() == 0) == (before == states[-1])
        await catch_up(database, again)
        assert await all_answers(database, again) == expected
        again.close()


async def test_what_was_not_committed_is_indexed_the_next_time(
    database: Database, tmp_path: Path
) -> None:
    """A node that ends in between loses nothing."""
    search = await filled(database, tmp_path, 6)
    expected = await all_answers(database, search)
    search.close()
    again = open_search(database, tmp_path)

    assert await again.lag() == 0
    assert await again.catch_up() == 0
    assert await all_answers(database, again) == expected
    again.close()


def lose(folder: Path) -> None:
    """The folder goes."""
    shutil.rmtree(folder)


def lose_state(folder: Path) -> None:
    """The state file goes."""
    (folder / "state.json").unlink()


def older_version(folder: Path) -> None:
    """It was made by the rules of an older version."""
    change_state(folder, "version", search_index.INDEX_VERSION - 1)


def other_epoch(folder: Path) -> None:
    """It was made for a database that has since been restored."""
    change_state(folder, "epoch", "00ff")


def change_state(folder: Path, name: str, value: object) -> None:
    """Change one thing that the state file says."""
    path = folder / "state.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {name: value}))


def spoilt_state(text: bytes) -> Callable[[Path], None]:
    """The state file holds something else."""
    return lambda folder: void((folder / "state.json").write_bytes(text))


def spoilt_index(ending: str, keep: float) -> Callable[[Path], None]:
    """The files of a kind hold rubbish, or only their beginning."""

    def spoil(folder: Path) -> None:
        paths = [path for path in (folder / "index").iterdir() if path.name.endswith(ending)]
        assert paths
        for path in paths:
            data = path.read_bytes()
            kept = data[: int(len(data) * keep)]
            path.write_bytes(kept if keep else Random(1).randbytes(len(data)))

    return spoil


def lost_files(ending: str) -> Callable[[Path], None]:
    """The files of a kind are gone."""

    def spoil(folder: Path) -> None:
        for path in (folder / "index").glob(f"*{ending}"):
            path.unlink()

    return spoil


def void(_: object) -> None:
    """Nothing."""


SPOILT = [
    lose,
    lose_state,
    older_version,
    other_epoch,
    *map(spoilt_state, (b"", b"{", b"[]", b"null", b"\xff\x00", b'{"cursors": null}')),
    lambda folder: change_state(folder, "cursors", {"x": 1}),
    lambda folder: change_state(folder, "cursors", {"1": None}),
    lambda folder: shutil.rmtree(folder / "index"),
    *(spoilt_index(ending, 0) for ending in ("meta.json", ".idx", ".term", ".store", ".fast")),
    *(spoilt_index(ending, 0.5) for ending in ("meta.json", ".pos", ".fieldnorm")),
    *map(lost_files, (".idx", ".pos", ".store", "meta.json")),
]


@pytest.mark.parametrize("spoil", SPOILT)
async def test_whatever_does_not_fit_is_made_anew(
    tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    """Lost, spoilt, of other rules or another database: it begins anew and ends equal."""
    database = await Database.open(str(tmp_path / "node"))
    search = await filled(database, tmp_path, 7)
    expected = await all_answers(database, search)
    search.close()
    spoil(tmp_path / "search")
    again = open_search(database, tmp_path)
    assert await again.lag() > 0
    await catch_up(database, again)

    assert await all_answers(database, again) == expected
    again.close()
    once_more = open_search(database, tmp_path)
    assert await once_more.lag() == 0
    once_more.close()
    await database.close()


async def test_an_index_that_cannot_be_written_is_behind_and_recovers(
    database: Database, tmp_path: Path
) -> None:
    """What failed to be written is not taken for written: it is put in when writing works again."""
    search, maker = await filled(database, tmp_path, 8), LogMaker(9, code="1409", name="Mariestad")
    folder = tmp_path / "search"
    write(maker, "experience", an_experience(title="Exempel: gräsklippare"))
    await store(database, maker)
    await Projections(database).catch_up()
    shutil.rmtree(folder)
    folder.write_text("no folder")
    for _ in range(2):
        with pytest.raises((OSError, ValueError)):
            await search.catch_up()
        assert await search.lag() > 0
    folder.unlink()
    await catch_up(database, search)
    assert await titles(database, search, "gräsklippare") == ["Exempel: gräsklippare"]
    expected = open_search(database, tmp_path / "anew")
    await catch_up(database, expected)

    assert await all_answers(database, search) == await all_answers(database, expected)
    search.close()
    expected.close()


async def test_nothing_is_indexed_before_its_record_is_made(
    database: Database, tmp_path: Path
) -> None:
    """While records are made anew by other rules the index waits for them."""
    maker, search = LogMaker(1), open_search(database, tmp_path)
    write(maker, "experience", an_experience())
    await store(database, maker)

    assert (await search.lag(), await search.catch_up()) == (0, 0)
    assert EPOCH.hex() in (tmp_path / "search" / "state.json").read_text()
    search.close()


@pytest.mark.parametrize("ending", ["idx", "pos", "term", "fast", "store", "fieldnorm"])
async def test_rot_in_a_file_ends_nothing_but_the_search(
    migrated_folder: Path, tmp_path: Path, ending: str
) -> None:
    """A file of the index that rots makes searches and indexing fail as errors that a loop catches,
    never as a panic that ends it; made anew, the index answers as before."""
    database = await Database.open(migrated_folder)
    search = await filled(database, tmp_path, 71)
    before = await all_answers(database, search)
    search.close()
    for path in (tmp_path / "search" / "index").glob(f"*.{ending}"):
        size = path.stat().st_size
        with path.open("r+b") as file:  # never shorter: threads may still have it mapped
            file.seek(size // 5)
            file.write(b"\xff" * (size - 2 * (size // 5)))

    rotten = open_search(database, tmp_path)
    with suppress(Exception):  # which of them fail depends on the file
        await all_answers(database, rotten)
    with suppress(Exception):
        await rotten.catch_up()
    async with rotten.in_bulk(anew=True):
        pass

    assert await all_answers(database, rotten) == before
    rotten.close()
    await database.close()
