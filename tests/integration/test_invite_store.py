"""Invites as both databases keep them."""

from __future__ import annotations

import pytest

from storage.audit_store import AuditStore
from storage.database import Database
from storage.errors import UnknownInviteError
from storage.invite_store import InviteStore

HJO, SKARA = b"\x01" * 32, b"\x02" * 32


async def test_an_invite_belongs_to_its_first_user(database: Database) -> None:
    """A second claim changes nothing; before its time is over it may be used, then only by that."""
    store = InviteStore(database)
    made = await store.add(b"\x09" * 32, "Hjo kommun", "anna", 10, 100)
    await store.claim(made.number, HJO, 20)
    await store.claim(made.number, SKARA, 30)
    (kept,) = await store.all()

    assert (kept.used_by, kept.used_ms) == (HJO, 20)
    assert [made.may_be_used(HJO, now_ms) for now_ms in (99, 100)] == [True, False]
    assert kept.may_be_used(HJO, 1_000)
    assert not kept.may_be_used(SKARA, 50)
    assert made.is_over(100)
    assert not kept.is_over(1_000)


async def test_a_number_is_never_given_twice(database: Database) -> None:
    """An old page that takes an invite back reaches no newer one; who did it is in the audit."""
    store = InviteStore(database)
    first = await store.add(b"\x01" * 32, "Hjo kommun", "anna", 10, 100)
    await store.revoke(first.number, "bo", 20)
    second = await store.add(b"\x02" * 32, "Skara kommun", "anna", 30, 100)
    with pytest.raises(UnknownInviteError):
        await store.revoke(first.number, "bo", 40)
    rows = await AuditStore(database).newest(9)

    assert second.number > first.number
    assert [(row.actor, row.action, row.subject) for row in rows] == [
        ("anna", "invite make", "Skara kommun"),
        ("bo", "invite revoke", "Hjo kommun"),
        ("anna", "invite make", "Hjo kommun"),
    ]


async def test_a_received_secret_is_kept_until_it_has_served(database: Database) -> None:
    """One for each log, the newest."""
    store = InviteStore(database)
    await store.receive(HJO, bytes(16), 1)
    await store.receive(HJO, b"\x01" * 16, 2)
    await store.receive(SKARA, b"\x02" * 16, 3)
    await store.forget(SKARA)

    assert await store.received() == {HJO: b"\x01" * 16}
    await store.drop()
    assert await store.all() == []
