"""How contact with neighbours has gone, as the node keeps it."""

from __future__ import annotations

from storage.contact_store import ERRORS_KEPT, ContactRow, ContactStore, LogOfNeighbour
from storage.database import Database
from storage.neighbour_store import NeighbourStore
from storage.neighbour_views import Direction

HJO, SKARA, OUT, IN = b"\x01" * 32, b"\x02" * 32, Direction.OUTGOING, Direction.INCOMING


async def test_errors_in_a_row_are_counted(database: Database) -> None:
    """The same error again is the same line; another one, or another way, is a line of its own."""
    store = ContactStore(database)
    await store.note_error(HJO, OUT, "unreachable", "Svarar inte.", 1, "OSError: a")
    await store.note_error(HJO, IN, "malformed", "Fel.", 2)
    await store.note_error(HJO, OUT, "unreachable", "Svarar inte.", 3, "OSError: b")
    await store.note_error(HJO, OUT, "unreachable", "Okänt namn.", 4)
    await store.note_error(SKARA, OUT, "unreachable", "Svarar inte.", 5)
    found = await store.errors(HJO)

    assert [(one.direction, one.error, one.first_ms, one.last_ms, one.times) for one in found] == [
        ("outgoing", "Okänt namn.", 4, 4, 1),
        ("outgoing", "Svarar inte.", 1, 3, 2),
        ("incoming", "Fel.", 2, 2, 1),
    ]
    assert [one.detail for one in found] == ["", "OSError: b", ""]


async def test_a_success_between_begins_a_new_line(database: Database) -> None:
    """An error that was over is not told as one that lasted all the time."""
    store, neighbours = ContactStore(database), NeighbourStore(database)
    await neighbours.add(HJO, "https://tidan.hjo.se", "Hjo", 1)
    await store.note_error(HJO, OUT, "unreachable", "Svarar inte.", 2)
    await neighbours.record_success(HJO, OUT, 3)
    await store.note_error(HJO, OUT, "unreachable", "Svarar inte.", 4)

    assert [one.first_ms for one in await store.errors(HJO)] == [4, 2]


async def test_the_history_is_bounded(database: Database) -> None:
    """The oldest errors of a neighbour make room, and those of others stay."""
    store = ContactStore(database)
    await store.note_error(SKARA, IN, "limit", "För mycket.", 1)
    for number in range(ERRORS_KEPT + 5):
        await store.note_error(HJO, OUT, "unreachable", f"Fel {number}.", number)
    kept = await store.errors(HJO)

    assert [one.error for one in kept] == [f"Fel {n}." for n in range(ERRORS_KEPT + 4, 4, -1)]
    assert len(await store.errors(SKARA)) == 1


async def test_what_a_session_shows_ends_what_the_neighbour_had_decided(database: Database) -> None:
    """A success one way clears a settled code the other way, and no other error there."""
    store = NeighbourStore(database)
    await store.add(HJO, "https://tidan.hjo.se", "Hjo", 1)
    for code, left in (("paused", None), ("unreachable", "unreachable")):
        await store.record_failure(HJO, OUT, code, "Fel.", 2)
        await store.record_success(HJO, IN, 3, {"paused", "not_a_neighbour"})
        found = await store.get(HJO)
        assert found is not None
        assert found.outgoing.error_code == left


async def test_contacts_are_kept_by_neighbour_and_log(database: Database) -> None:
    """A row is written over, and of its logs only those that changed."""
    store = ContactStore(database)
    row = ContactRow(HJO, 10, 20, 2, None, 5, None, 7)
    await store.save(row, {HJO: LogOfNeighbour(3, 3), SKARA: LogOfNeighbour(9, 0)})
    later = ContactRow(HJO, 11, 22, 2, 99, 6, 6, None)
    await store.save(later, {SKARA: LogOfNeighbour(10, 4)})

    assert await store.contacts() == [later]
    assert await store.logs() == {HJO: {HJO: LogOfNeighbour(3, 3), SKARA: LogOfNeighbour(10, 4)}}
