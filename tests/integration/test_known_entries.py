"""What the projections know of an entry by its id."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import event

from content_factories import an_experience
from factories import LogMaker
from protocol.content import Comment, Helped, Interest, Introduction, RootContent, Use, Withdraw
from storage.database import Database
from storage.known_entries import IDS_MAX, KnownEntry
from storage.projections import Projections
from storage_factories import record_queries, store, write


async def a_known_network(database: Database) -> tuple[LogMaker, LogMaker, dict[str, bytes]]:
    """Two logs; the second has written one entry of each sort, by name."""
    first, second = LogMaker(1), LogMaker(2)
    record = write(first, "experience", an_experience()).entry.id
    contents: dict[str, tuple[str, RootContent | bytes]] = {
        "record": ("experience", an_experience()),
        "lost": ("experience", b'{"schema":9}'),
        "strange edit": ("experience", an_experience(replaces=record.hex())),
        "comment": ("comment", Comment(record=record.hex(), text="Exempel")),
        "unreadable comment": ("comment", b"{"),
        "use": ("use", Use(record=record.hex())),
        "helped": ("helped", Helped(record=record.hex())),
        "interest": ("interest", Interest(record=record.hex(), interest="samverka")),
        "introduction": ("introduction", Introduction(log="cd" * 32, code="1497", name="Hjo")),
    }
    ids = {name: write(second, *content).entry.id for name, content in contents.items()}
    edit = an_experience(replaces=ids["record"].hex())
    ids["edit"] = write(second, "experience", edit).entry.id
    ids["withdrawal"] = write(
        second, "withdraw", Withdraw(target=ids["comment"].hex(), reason="Exempel")
    ).entry.id
    await store(database, first, second)
    while await Projections(database).catch_up():
        pass
    return first, second, ids | {"theirs": record}


async def test_every_sort_of_entry_is_known_by_its_id(database: Database) -> None:
    """Whose an entry is, whether it is a record, and whether it is one that cannot be read."""
    first, second, ids = await a_known_network(database)
    names = {entry_id: name for name, entry_id in ids.items()}

    found = await record_queries(database).known_entries([*ids.values(), bytes(32), first.log])

    known = {names[entry_id]: entry for entry_id, entry in found.items()}
    assert known.pop("theirs") == KnownEntry(first.log, True, False)
    assert known.pop("record") == KnownEntry(second.log, True, False)
    assert known.pop("lost") == KnownEntry(second.log, False, True)
    answers = ("comment", "unreadable comment", "use", "helped", "interest", "introduction")
    assert known == dict.fromkeys(
        (*answers, "edit", "strange edit"), KnownEntry(second.log, False, False)
    )


async def test_a_lost_record_that_was_edited_is_a_record(database: Database) -> None:
    """An edit gives a record its content; the entry it began with is both then."""
    maker = LogMaker(1)
    lost = write(maker, "experience", b'{"schema":9}').entry.id
    write(maker, "experience", an_experience(replaces=lost.hex()))
    await store(database, maker)
    await Projections(database).catch_up()

    found = await record_queries(database).known_entries([lost])

    assert found == {lost: KnownEntry(maker.log, True, True)}


async def test_any_number_of_ids_is_asked_for(database: Database) -> None:
    """No id costs no statement, and more than one statement holds are asked for in several."""
    _, _, ids = await a_known_network(database)
    queries = record_queries(database)
    many = [number.to_bytes(32, "big") for number in range(IDS_MAX)]

    assert await queries.known_entries([]) == {}
    assert list(await queries.known_entries([*many, ids["use"]])) == [ids["use"]]


async def test_ids_are_looked_up_in_indexes(tmp_path: Path) -> None:
    """No table is read from end to end, however many entries there are."""
    database = await Database.open(tmp_path)
    _, _, ids = await a_known_network(database)
    statements = []
    event.listen(
        database.engine.sync_engine,
        "before_cursor_execute",
        lambda *arguments: statements.append(arguments[2:4]),
    )
    await record_queries(database).known_entries([ids["use"], ids["record"]])
    (asked,) = [pair for pair in statements if "UNION ALL" in pair[0]]
    async with database.read() as connection:
        rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked[0]}", asked[1])
        steps = [row[3] for row in rows]
    await database.close()

    assert sum(step.startswith("SEARCH") for step in steps) >= 7
    assert not any(step.startswith("SCAN") and "found" not in step for step in steps), steps
