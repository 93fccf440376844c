"""What needs a person, and the audit, in real databases."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from storage import alert_store
from storage.account_views import Role
from storage.alert_letter_store import AlertLetterStore
from storage.alert_store import NOBODY_ASKED, AlertStore, Raised
from storage.audit_store import AuditStore, AuditWanted
from storage.database import Database
from storage.errors import StorageError

SILENT = Raised("neighbour_silent", "ab" * 32, 5, {"name": "Hjo"})
FULL = Raised("disk_filling", "", 10, {"free_bytes": 1})


async def test_a_condition_is_raised_once_and_ended_when_it_is_gone(database: Database) -> None:
    """However often it is seen; when it comes back it is another alert."""
    store = AlertStore(database)
    (first,) = await store.note([SILENT], 20)
    assert (first.raised, first.begun_ms, first.ended_ms) == (SILENT, 20, None)
    assert await store.note([SILENT._replace(since_ms=9)], 30) == [first]
    assert [one.raised.code for one in await store.note([FULL, SILENT], 40)] == [
        "neighbour_silent",
        "disk_filling",
    ]
    assert [one.raised for one in await store.note([FULL], 50)] == [FULL]
    assert [(one.number, one.ended_ms) for one in await store.ended(9)] == [(first.number, 50)]
    again = await store.note([FULL, SILENT], 60)
    assert again[1].number > first.number
    assert again[1].begun_ms == 60


async def test_what_is_said_about_it_follows(database: Database) -> None:
    """The facts change while it holds; that is no new alert."""
    store = AlertStore(database)
    (first,) = await store.note([FULL], 1)
    (later,) = await store.note([FULL._replace(facts={"free_bytes": 0})], 2)

    assert (later.number, later.begun_ms) == (first.number, 1)
    assert later.raised.facts == {"free_bytes": 0}


async def test_what_is_over_makes_room(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """So many that are over are kept, the newest of them, and all that hold."""
    monkeypatch.setattr(alert_store, "KEPT_MAX", 2)
    store = AlertStore(database)
    await store.note([FULL], 0)
    for number in range(1, 5):
        await store.note([FULL, SILENT], number * 10)
        await store.note([FULL], number * 10 + 5)

    assert [one.ended_ms for one in await store.ended(9)] == [45, 35]
    assert len(await store.open()) == 1


async def test_the_webhook_is_told_in_order(database: Database) -> None:
    """Beginning before end, each once; what nobody asked for is never told."""
    store = AlertStore(database)
    await store.note([SILENT], 10)
    await store.note([FULL], 20)
    events = await store.unposted(9)

    assert [(event.alert.raised.code, event.is_end) for event in events] == [
        ("neighbour_silent", False),
        ("neighbour_silent", True),
        ("disk_filling", False),
    ]
    await store.posted(events[:1], 30)
    await store.posted(events[1:2], NOBODY_ASKED)
    assert await store.unposted(9) == events[2:]
    await store.posted(events, 40)
    assert await store.unposted(9) == []


async def test_when_a_neighbour_was_seen(database: Database) -> None:
    """The newest time of each."""
    store = AlertStore(database)
    await store.note_sightings([b"a" * 32, b"b" * 32], 1)
    await store.note_sightings([b"a" * 32], 2)
    await store.note_sightings([], 3)

    assert await store.sightings() == {b"a" * 32: 2, b"b" * 32: 1}


async def test_who_is_written_to(database: Database) -> None:
    """Everybody who looks after the node and has an account, unless they say no."""
    rows = ((1, Role.READER, None), (2, Role.OPERATOR, None), (3, Role.OPERATOR, 5))
    async with database.write() as connection:
        for number, role, deactivated in rows:
            values = f"({number}, 'u{number}', 'U', '{role.value}', '', :key, 1, 2, :gone)"
            names = "user_no, name, full_name, role, password_hash, form_key, created_ms"
            statement = f"INSERT INTO users ({names}, signed_in_ms, deactivated_ms) VALUES {values}"
            await connection.execute(text(statement), {"key": b"k" * 32, "gone": deactivated})
    store = AlertLetterStore(database)
    (reader,) = await store.all()
    assert (reader.user.number, reader.wanted, reader.told_no) == (2, True, 0)
    await store.set_wanted(2, False)
    await store.begin(2, 70)
    await store.told(2, 9, 60)
    (reader,) = await store.all()
    assert (reader.wanted, reader.told_no, reader.next_ms, reader.sent_ms) == (False, 9, 70, 60)


async def carry_out(database: Database, *statements: str) -> None:
    """Some statements in one transaction."""
    async with database.write() as connection:
        for statement in statements:
            await connection.execute(text(statement))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET actor = 'nobody'",
        "UPDATE audit SET detail = 'x' WHERE audit_no = 1",
        "DELETE FROM audit WHERE audit_no = 1",
        "DELETE FROM audit",
    ],
)
async def test_a_line_of_the_audit_is_never_changed(database: Database, statement: str) -> None:
    """The database itself refuses, and what was asked for beside it does not happen either."""
    store = AuditStore(database)
    await store.record("anna", "member blocked", "ab", "Exempel", 1)
    with pytest.raises(StorageError, match="only added to"):
        await carry_out(database, "INSERT INTO settings VALUES ('a', 'b')", statement)
    async with database.read() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM settings"))).scalar() == 0
    (line,) = await store.newest(9)

    assert (line.actor, line.detail) == ("anna", "Exempel")
    await store.record("anna", "member member", "ab", "", 2)
    assert len(await store.newest(9)) == 2


async def test_the_audit_cannot_be_emptied_at_once(database: Database) -> None:
    """Each database's own way to empty a table is refused."""
    emptied = "TRUNCATE audit" if database.is_postgresql else "DELETE FROM audit WHERE true"
    await AuditStore(database).record("anna", "member blocked", "ab", "Exempel", 1)
    with pytest.raises(StorageError, match="only added to"):
        await carry_out(database, emptied)


async def test_lines_are_found_by_what_they_say(database: Database) -> None:
    """Each field narrows, all together; no sign in a search stands for another."""
    store = AuditStore(database)
    for line in (
        ("anna", "member blocked", "ab" * 32, "Fel Avsändare", 10),
        ("bo", "publish comment", "cd" * 32, "", 20),
        ("anna", "neighbour add", "ab" * 32, "100 % ÖVER", 30),
        ("anna", "membership x", "eva", "100 av oss", 40),
    ):
        await store.record(*line)

    async def found(**wanted: object) -> list[int]:
        return [line.time_ms for line in await store.find(AuditWanted(**wanted), 9)]  # type: ignore[arg-type]  # any field by its name

    assert await found() == [40, 30, 20, 10]
    assert await found(actor="anna") == [40, 30, 10]
    assert await found(action="neighbour add") == [30]
    assert await found(groups=("member", "neighbour")) == [30, 10]
    assert await found(subjects=("ab" * 32, "bo")) == [30, 10]
    assert await found(about="EV") == [40]
    assert await found(subjects=("ab" * 32,), about="eva") == [40, 30, 10]
    assert await found(text="fel avs") == [10]
    assert await found(text="över") == [30]
    assert await found(text="100 %") == [30]
    assert await found(since_ms=20, until_ms=40) == [30, 20]
    assert await found(actor="anna", since_ms=20, text="100") == [40, 30]
    assert [line.time_ms for line in await store.find(AuditWanted(), 2, before=3)] == [20, 10]
