"""Users, sessions and links as the database keeps them, on both kinds."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from storage.account_store import AccountStore, Secrets
from storage.account_views import Invitation, LinkKind, Role, User
from storage.audit_store import AuditStore
from storage.database import Database
from storage.errors import LastOperatorError, LinkSpentError, NameTakenError, UnknownUserError
from storage.session_store import SESSIONS_OF_ONE_USER_MAX, Lifetime, SessionStore

SECRETS = Secrets("$argon2id$example", b"k" * 32)
OTHERS = Secrets("$argon2id$other", b"o" * 32)
LIFETIME = Lifetime(idle_ms=100, whole_ms=1_000)


def link(number: int, kind: LinkKind = LinkKind.INVITATION, **changes: Any) -> Invitation:
    """A link for Anna, made at 10 and good until 1,000."""
    made = Invitation(
        bytes([number]) * 32, kind, "anna", "Anna Berg", Role.AUTHOR, "admin", 10, 1_000
    )
    return replace(made, **changes)


async def begin(store: AccountStore, number: int, name: str, role: Role) -> User:
    """A user who has used an invitation."""
    await store.invite(link(number, name=name, role=role))
    return await store.accept(bytes([number]) * 32, name, name.title(), SECRETS, 20)


async def test_an_invitation_makes_its_user_once(database: Database) -> None:
    """A link makes one user with the role it names, and is spent by that, also when used twice at
    the same time.
    """
    store = AccountStore(database)
    await store.invite(link(1))
    outcomes = await asyncio.gather(
        *(store.accept(b"\1" * 32, name, "Anna", SECRETS, 20) for name in ("anna", "anna2", "a3")),
        return_exceptions=True,
    )

    assert sum(isinstance(outcome, User) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, LinkSpentError) for outcome in outcomes) == 2
    (user,) = await store.all()
    assert (user.role, user.active, user.created_ms) == (Role.AUTHOR, True, 20)
    assert await store.by_name(user.name) == (user, SECRETS.password_hash)


async def test_a_link_ends_with_its_time(database: Database) -> None:
    """At the last millisecond a link works, after it no more."""
    store = AccountStore(database)
    await store.invite(link(1))

    assert (await store.invitation(b"\1" * 32, 999)).name == "anna"
    with pytest.raises(LinkSpentError):
        await store.accept(b"\1" * 32, "anna", "Anna", SECRETS, 1_000)
    assert await store.invitations(1_000) == []


async def test_a_new_link_replaces_the_old_one(database: Database) -> None:
    """Whoever asks for another link has the first one made worthless."""
    store = AccountStore(database)
    await store.invite(link(1))
    await store.invite(link(2))

    with pytest.raises(LinkSpentError):
        await store.invitation(b"\1" * 32, 20)
    assert [one.digest for one in await store.invitations(20)] == [b"\2" * 32]
    await store.withdraw(b"\2" * 32, "admin", 30)
    with pytest.raises(LinkSpentError):
        await store.withdraw(b"\2" * 32, "admin", 30)


async def test_kinds_of_links_do_not_stand_in_for_each_other(database: Database) -> None:
    """A link for a new password makes no user, and an invitation changes no password."""
    store = AccountStore(database)
    await begin(store, 1, "anna", Role.AUTHOR)
    await store.invite(link(2, LinkKind.RESET))
    await store.invite(link(3, name="bo"))

    with pytest.raises(LinkSpentError):
        await store.accept(b"\2" * 32, "anna2", "Anna", SECRETS, 30)
    with pytest.raises(LinkSpentError):
        await store.reset(b"\3" * 32, OTHERS, 30)
    assert (await store.reset(b"\2" * 32, OTHERS, 30)).name == "anna"
    assert len(await store.all()) == 1


async def test_a_set_up_link_is_for_a_node_without_an_operator(database: Database) -> None:
    """As soon as there is an operator, the first operator's link is worthless."""
    store = AccountStore(database)
    await store.invite(link(1, LinkKind.SETUP, name="", full_name="", role=Role.OPERATOR))
    assert not await store.has_operator()
    await begin(store, 2, "olle", Role.OPERATOR)

    with pytest.raises(LinkSpentError):
        await store.accept(b"\1" * 32, "anna", "Anna", SECRETS, 30)
    assert await store.has_operator()


async def test_names_are_given_once(database: Database) -> None:
    """Nobody is invited under, or begins with, a name that is taken, also by a closed account."""
    store = AccountStore(database)
    await begin(store, 1, "olle", Role.OPERATOR)
    anna = await begin(store, 2, "anna", Role.AUTHOR)
    await store.deactivate(anna.number, "olle", 30)

    with pytest.raises(NameTakenError):
        await store.invite(link(3))
    await store.invite(link(4, LinkKind.INVITATION, name="bo"))
    with pytest.raises(NameTakenError):
        await store.accept(b"\4" * 32, "anna", "Bo", SECRETS, 40)
    assert (await store.invitation(b"\4" * 32, 40)).name == "bo"


async def test_the_last_operator_stays(database: Database) -> None:
    """Nobody can take away the last operator, not even two who deactivate each other at once."""
    store = AccountStore(database)
    olle = await begin(store, 1, "olle", Role.OPERATOR)
    with pytest.raises(LastOperatorError):
        await store.deactivate(olle.number, "olle", 30)
    with pytest.raises(LastOperatorError):
        await store.change_role(olle.number, Role.READER, "olle", 30)
    anna = await begin(store, 2, "anna", Role.OPERATOR)
    outcomes = await asyncio.gather(
        store.deactivate(olle.number, "anna", 40),
        store.deactivate(anna.number, "olle", 40),
        return_exceptions=True,
    )

    assert sum(isinstance(outcome, LastOperatorError) for outcome in outcomes) == 1
    assert await store.has_operator()


async def test_a_session_has_two_ends_and_can_be_ended(database: Database) -> None:
    """It lasts while it is seen, no longer than it may, and not a moment after it is ended."""
    store, sessions = AccountStore(database), SessionStore(database, LIFETIME)
    anna = await begin(store, 1, "anna", Role.AUTHOR)
    await sessions.begin(b"s" * 32, anna.number, 100)

    seen = await sessions.visitor(b"s" * 32, 199)
    assert seen is not None
    assert (seen.user.name, seen.form_key, seen.seen_ms) == ("anna", SECRETS.form_key, 100)
    assert await sessions.visitor(b"s" * 32, 200) is None
    for now_ms in range(150, 1_100, 50):
        await sessions.seen(b"s" * 32, now_ms)
    assert await sessions.visitor(b"s" * 32, 1_099) is not None
    assert await sessions.visitor(b"s" * 32, 1_100) is None
    await sessions.end(b"s" * 32)
    await sessions.seen(b"s" * 32, 300)
    assert await sessions.visitor(b"s" * 32, 301) is None


async def test_a_session_begun_while_the_clock_was_ahead_is_over(database: Database) -> None:
    """It opens nothing once the clock is right, and the next sign-in removes it; a little ahead,
    as clocks are, is no matter.
    """
    store, sessions = AccountStore(database), SessionStore(database, LIFETIME)
    anna = await begin(store, 1, "anna", Role.AUTHOR)
    await sessions.begin(b"a" * 32, anna.number, 10_000_000)
    ahead = await sessions.visitor(b"a" * 32, 100)
    await sessions.begin(b"b" * 32, anna.number, 150)

    assert ahead is None
    assert await sessions.visitor(b"b" * 32, 100) is not None
    assert await sessions.count(anna.number) == 1


@pytest.mark.parametrize("what", ["deactivate", "role", "password", "reset", "everywhere"])
async def test_what_makes_sessions_worthless_ends_them(database: Database, what: str) -> None:
    """Another password or role, and a closed account, end all sessions of that user alone."""
    store, sessions = AccountStore(database), SessionStore(database, LIFETIME)
    anna = await begin(store, 1, "anna", Role.AUTHOR)
    olle = await begin(store, 2, "olle", Role.OPERATOR)
    for digest, user in ((b"1", anna), (b"2", anna), (b"3", olle)):
        await sessions.begin(digest * 32, user.number, 100)
    await store.invite(link(3, LinkKind.RESET))
    match what:
        case "deactivate":
            await store.deactivate(anna.number, "olle", 110)
        case "role":
            await store.change_role(anna.number, Role.READER, "olle", 110)
        case "password":
            await store.set_password(anna.number, OTHERS, 110)
        case "reset":
            await store.reset(b"\3" * 32, OTHERS, 110)
        case _:
            await sessions.end_all(anna.number)

    left = [await sessions.visitor(digest * 32, 120) is not None for digest in (b"1", b"2", b"3")]
    assert left == [False, False, True]


async def test_a_closed_account_opens_no_session(database: Database) -> None:
    """Whoever is put out while signing in does not get in, and works no link."""
    store, sessions = AccountStore(database), SessionStore(database, LIFETIME)
    await begin(store, 1, "olle", Role.OPERATOR)
    anna = await begin(store, 2, "anna", Role.AUTHOR)
    await store.invite(link(3, LinkKind.RESET))
    await store.deactivate(anna.number, "olle", 30)

    with pytest.raises(UnknownUserError):
        await sessions.begin(b"s" * 32, anna.number, 40)
    with pytest.raises(LinkSpentError):
        await store.reset(b"\3" * 32, OTHERS, 40)
    with pytest.raises(UnknownUserError):
        await store.set_password(anna.number, OTHERS, 40)
    assert (await store.activate(anna.number, "olle", 50)).active


async def test_sessions_of_one_user_are_bounded(database: Database) -> None:
    """The session that was longest unseen makes room for a new one."""
    store = AccountStore(database)
    sessions = SessionStore(database, Lifetime(10_000, 10_000))
    anna = await begin(store, 1, "anna", Role.AUTHOR)
    for number in range(SESSIONS_OF_ONE_USER_MAX + 3):
        await sessions.begin(bytes([number]) * 32, anna.number, 100 + number)

    assert await sessions.count(anna.number) == SESSIONS_OF_ONE_USER_MAX
    assert await sessions.visitor(b"\2" * 32, 200) is None
    assert await sessions.visitor(b"\3" * 32, 200) is not None


async def test_who_did_what_is_kept_with_what_was_done(database: Database) -> None:
    """Each change has its line in the audit, and one that was refused has none."""
    store, audit = AccountStore(database), AuditStore(database)
    olle = await begin(store, 1, "olle", Role.OPERATOR)
    anna = await begin(store, 2, "anna", Role.AUTHOR)
    await store.change_role(anna.number, Role.EDITOR, "olle", 30)
    await store.set_password(anna.number, OTHERS, 40)
    await store.deactivate(anna.number, "olle", 50)
    await store.activate(anna.number, "olle", 60)
    with pytest.raises(LastOperatorError):
        await store.deactivate(olle.number, "olle", 70)

    assert [(row.actor, row.action, row.subject, row.detail) for row in await audit.newest(5)] == [
        ("olle", "user activate", "anna", ""),
        ("olle", "user deactivate", "anna", ""),
        ("anna", "user password", "anna", ""),
        ("olle", "user role", "anna", "editor"),
        ("anna", "user begin", "anna", "author"),
    ]
    assert await audit.done_by("olle", ["anna", "bo"]) == {"anna"}
    assert await audit.done_by("bo", ["anna"]) == set()


async def test_a_better_hash_replaces_only_the_one_it_was_made_from(database: Database) -> None:
    """Improving a hash cannot undo a password that was changed meanwhile."""
    store = AccountStore(database)
    anna = await begin(store, 1, "anna", Role.AUTHOR)
    await store.set_password(anna.number, OTHERS, 30)
    await store.improve_hash(anna.number, SECRETS.password_hash, "better")
    assert await store.password_hash(anna.number) == OTHERS.password_hash
    await store.improve_hash(anna.number, OTHERS.password_hash, "better")
    assert await store.password_hash(anna.number) == "better"


async def test_numbers_of_users_never_repeat(database: Database) -> None:
    """Not even a row deleted by hand gives its number to somebody else."""
    store = AccountStore(database)
    first = await begin(store, 1, "anna", Role.AUTHOR)
    async with database.write() as connection:
        await connection.execute(text("DELETE FROM users"))
    second = await begin(store, 2, "bo", Role.AUTHOR)

    assert second.number > first.number


async def test_a_language_is_kept_until_another_is_chosen(database: Database) -> None:
    """Nobody has one at first; what a user chose last is what the account says."""
    store = AccountStore(database)
    user = await begin(store, 1, "anna", Role.AUTHOR)
    assert user.language is None
    for code in ("en", "sv"):
        await store.set_language(user.number, code)
        known = await store.get(user.number)
        assert known is not None
        assert known.language == code
