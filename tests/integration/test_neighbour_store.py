"""Neighbours, knocks, decisions and settings as the node keeps them."""

from __future__ import annotations

import pytest

from storage.audit_store import AuditStore
from storage.database import Database
from storage.errors import StandingError, UnknownKnockError
from storage.log_store import LogStore
from storage.neighbour_store import KNOCKS_MAX, NeighbourStore
from storage.neighbour_views import Direction, Knock, LinkHistory
from storage.settings_store import SettingsStore

HJO, SKARA = b"\x01" * 32, b"\x02" * 32


async def test_neighbours_are_listed_in_the_order_they_came(database: Database) -> None:
    """A neighbour with an address and one that dials us are both there, oldest first."""
    store = NeighbourStore(database)
    await store.add(SKARA, "https://tidan.skara.se", "Skara kommun", 10)
    await store.add(HJO, None, "Hjo kommun", 20)

    assert [(item.log, item.url, item.name, item.added_ms) for item in await store.all()] == [
        (SKARA, "https://tidan.skara.se", "Skara kommun", 10),
        (HJO, None, "Hjo kommun", 20),
    ]


async def test_directions_are_kept_apart(database: Database) -> None:
    """Success one way clears no error of the other, and a success stays known after a failure."""
    store = NeighbourStore(database)
    await store.add(HJO, "https://tidan.hjo.se", "Hjo kommun", 1)
    await store.record_success(HJO, Direction.OUTGOING, 2)
    await store.record_failure(HJO, Direction.OUTGOING, "unreachable", "Hjo kan inte nås", 3)
    await store.record_success(HJO, Direction.INCOMING, 4)
    failed = await store.get(HJO)
    await store.record_success(HJO, Direction.OUTGOING, 5)
    recovered = await store.get(HJO)

    assert failed is not None
    assert recovered is not None
    assert failed.outgoing == LinkHistory(2, "unreachable", "Hjo kan inte nås", 3)
    assert failed.incoming == LinkHistory(4)
    assert (recovered.outgoing.success_ms, recovered.outgoing.error) == (5, None)


async def test_a_removed_neighbour_is_gone_but_not_forgotten(database: Database) -> None:
    """Removal ends syncing and stays in the history; adding again begins anew, not paused."""
    store = NeighbourStore(database)
    await store.add(HJO, "https://tidan.hjo.se", "Hjo kommun", 1)
    await store.set_paused(HJO, True)
    await store.remove(HJO, 2)
    past = await store.all(removed=True)
    directory = await LogStore(database).load_directory()

    assert await store.all() == []
    assert await store.get(HJO) is None
    assert [(item.log, item.removed_ms) for item in past] == [(HJO, 2)]
    assert directory.neighbours == set()
    await store.add(HJO, "https://ny.hjo.se", "Hjo kommun", 3)
    again = await store.get(HJO)
    assert again is not None
    assert (again.url, again.paused, again.removed_ms) == ("https://ny.hjo.se", False, None)
    assert (await LogStore(database).load_directory()).neighbours == {HJO}


async def test_a_stranger_cannot_be_removed_or_paused(database: Database) -> None:
    """Deciding about a node that is no neighbour is an error that says so."""
    store = NeighbourStore(database)
    with pytest.raises(StandingError, match="not a neighbour"):
        await store.remove(HJO, 1)
    with pytest.raises(StandingError, match="not a neighbour"):
        await store.set_paused(HJO, True)


async def test_knocks_are_counted_and_answered(database: Database) -> None:
    """A knock is shown once with how often it came; becoming a neighbour ends it."""
    store = NeighbourStore(database)
    await store.knock(HJO, "1497", "Hjo", 1)
    await store.knock(HJO, "1497", "Hjo kommun", 5)
    await store.knock(SKARA, "1495", "Skara kommun", 3)

    assert await store.knocks() == [
        Knock(HJO, "1497", "Hjo kommun", 1, 5, 2),
        Knock(SKARA, "1495", "Skara kommun", 3, 3, 1),
    ]
    await store.add(HJO, None, "Hjo kommun", 6)
    await store.dismiss_knock(SKARA)
    await store.knock(SKARA, "1495", "Skara kommun", 7)
    assert await store.knocks() == []


async def test_strangers_cannot_fill_the_disk(database: Database) -> None:
    """However many knock, only the newest are kept."""
    store = NeighbourStore(database)
    for number in range(KNOCKS_MAX + 5):
        await store.knock(number.to_bytes(32, "big"), "1497", "Hjo", number)
    knocks = await store.knocks()

    assert len(knocks) == KNOCKS_MAX
    assert knocks[-1].first_ms == 5


async def test_decisions_are_only_added_to(database: Database) -> None:
    """The audit is read newest first, page by page."""
    audit = AuditStore(database)
    for number in range(5):
        await audit.record("admin", "block", HJO.hex(), f"skäl {number}", number)
    first = await audit.newest(3)
    rest = await audit.newest(3, before=first[-1].number)

    assert [entry.detail for entry in (*first, *rest)] == [f"skäl {n}" for n in (4, 3, 2, 1, 0)]
    assert (first[0].actor, first[0].action, first[0].subject) == ("admin", "block", HJO.hex())


async def test_settings_are_overwritten(database: Database) -> None:
    """A setting has one value: the last."""
    settings = SettingsStore(database)
    await settings.put("epoch", "a")
    await settings.put("epoch", "b")

    assert (await settings.get("epoch"), await settings.get("none")) == ("b", None)


async def test_an_invited_knock_is_kept_and_asks_anew(database: Database) -> None:
    """Others do not push it out; a new invite brings a dismissed one back, the same does not."""
    store = NeighbourStore(database)
    await store.knock(HJO, "1497", "Hjo kommun", 1)
    await store.dismiss_knock(HJO)
    await store.knock(HJO, "1497", "Hjo kommun", 2, invite=7, url="https://tidan.hjo.se")
    asked = await store.knocks()
    await store.dismiss_knock(HJO)
    await store.knock(HJO, "1497", "Hjo kommun", 3, invite=7, url="https://tidan.hjo.se")
    await store.knock(HJO, "1497", "Hjo kommun", 4)
    for number in range(1, KNOCKS_MAX + 5):
        await store.knock(number.to_bytes(32, "little"), "9999", "Främlingsby", number + 10)
    kept = {knock.log: knock for knock in await store.knocks(dismissed=True)}

    assert [(knock.invite, knock.dismissed) for knock in asked] == [(7, False)]
    assert (kept[HJO].invite, kept[HJO].url) == (7, "https://tidan.hjo.se")
    assert (kept[HJO].dismissed, kept[HJO].times) == (True, 4)
    assert len(kept) == KNOCKS_MAX + 1


async def test_an_answered_knock_is_gone(database: Database) -> None:
    """It is forgotten, and dismissing one that is not there is an error with a name."""
    store = NeighbourStore(database)
    await store.knock(HJO, "1497", "Hjo kommun", 1)
    await store.drop_knock(HJO)

    assert await store.knocks(dismissed=True) == []
    with pytest.raises(UnknownKnockError):
        await store.dismiss_knock(HJO)
