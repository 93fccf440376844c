"""Drafts as the database keeps them, on both kinds: nobody's text is ever lost or overwritten."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from storage.account_store import AccountStore, Secrets
from storage.account_views import Invitation, LinkKind, Role, User
from storage.database import Database
from storage.draft_store import DRAFTS_OF_ONE_USER_MAX, Draft, DraftStore, Writing
from storage.errors import DraftChangedError, DraftGoneError, TooManyDraftsError

DRAFT, OTHER, ASIDE = (bytes([number]) * 16 for number in range(1, 4))


async def somebody(database: Database, number: int, name: str) -> User:
    """A user who may write."""
    accounts = AccountStore(database)
    digest = bytes([number]) * 32
    await accounts.invite(
        Invitation(digest, LinkKind.INVITATION, name, name, Role.AUTHOR, "admin", 1, 100)
    )
    return await accounts.accept(digest, name, name.title(), Secrets("-", digest), 2)


def writing(user: User, text: str, version: int = 0, **changes: Any) -> Writing:
    """A text that somebody wants to keep."""
    made = Writing(DRAFT, user.number, None, text, {"title": text, "summary": "å\0ä\n"}, version)
    return made._replace(**changes)


async def test_a_draft_is_kept_as_it_was_typed(database: Database) -> None:
    """Any text comes back letter by letter, and each save counts one."""
    store, anna = DraftStore(database), await somebody(database, 1, "anna")
    first = await store.save(writing(anna, "Ett"), 10)
    second = await store.save(writing(anna, "Två", 1, window="w"), 20)

    assert (first.version, second.version, second.changed_ms) == (1, 2, 20)
    assert await store.get(DRAFT) == second
    assert second == Draft(
        DRAFT, anna.number, "Anna", None, "Två", 2, anna.number, "Anna", 20, set_aside=False,
        typed={"title": "Två", "summary": "å\0ä\n"}, window="w",
    )  # fmt: skip


async def test_a_text_written_from_an_older_one_overwrites_nothing(database: Database) -> None:
    """The second of two who save is refused, unless both texts are the same."""
    store, anna = DraftStore(database), await somebody(database, 1, "anna")
    bo = await somebody(database, 2, "bo")
    await store.save(writing(anna, "Ett"), 10)
    await store.save(writing(bo, "Bos", 1), 20)
    with pytest.raises(DraftChangedError):
        await store.save(writing(anna, "Annas", 1), 30)
    same = await store.save(writing(anna, "Bos", 1), 30)

    assert (same.version, same.saved_by, same.changed_ms) == (2, "Bo", 20)


async def test_of_many_who_save_at_once_one_does(database: Database) -> None:
    """The counter decides, also when all come at the same time."""
    store, anna = DraftStore(database), await somebody(database, 1, "anna")
    await store.save(writing(anna, "Ett"), 10)
    texts = [f"Text {number}" for number in range(6)]
    outcomes = await asyncio.gather(
        *(store.save(writing(anna, text, 1, window=text), 20) for text in texts),
        return_exceptions=True,
    )

    assert sum(isinstance(outcome, Draft) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, DraftChangedError) for outcome in outcomes) == 5


async def test_a_window_goes_on_after_an_answer_that_was_lost(database: Database) -> None:
    """The window that saved last may save again from the count it knows; another may not."""
    store, anna = DraftStore(database), await somebody(database, 1, "anna")
    await store.save(writing(anna, "Ett", window="w"), 10)
    again = await store.save(writing(anna, "Ett och två", 0, window="w"), 20)

    assert again.version == 2
    for window in ("", "v"):
        with pytest.raises(DraftChangedError):
            await store.save(writing(anna, "Tre", 0, window=window), 30)


async def test_a_draft_that_is_gone_does_not_come_back(database: Database) -> None:
    """Saving from a window that was left open makes no draft of what was published."""
    store, anna = DraftStore(database), await somebody(database, 1, "anna")
    await store.save(writing(anna, "Ett"), 10)
    assert not await store.remove(DRAFT, version=2)
    assert await store.remove(DRAFT, version=1)
    assert not await store.remove(DRAFT)

    for attempt in (store.save(writing(anna, "Två", 1), 20),
                    store.replace(writing(anna, "Två", 1), ASIDE, 20)):  # fmt: skip
        with pytest.raises(DraftGoneError):
            await attempt
    assert await store.newest(9) == []


async def test_what_is_overwritten_knowingly_is_set_aside(database: Database) -> None:
    """The text that was not chosen is a draft of whoever saved it, and only once."""
    store, anna = DraftStore(database), await somebody(database, 1, "anna")
    bo = await somebody(database, 2, "bo")
    record = b"r" * 32
    await store.save(writing(anna, "Ett", record=record), 10)
    await store.save(writing(bo, "Bos", 1), 20)
    with pytest.raises(DraftChangedError):
        await store.replace(writing(anna, "Annas", 1), ASIDE, 30)
    chosen = await store.replace(writing(anna, "Annas", 2), ASIDE, 40)
    again = await store.replace(writing(anna, "Annas", 2), ASIDE, 50)
    aside = await store.get(ASIDE)

    assert (chosen.title, chosen.version, again) == ("Annas", 3, chosen)
    assert aside is not None
    assert (aside.title, aside.owner, aside.record, aside.set_aside) == ("Bos", "Bo", record, True)
    for _ in range(2):
        await store.set_aside(writing(anna, "Annas", draft_id=OTHER), 60)
    assert [row.title for row in await store.of_user(anna.number, 9)] == ["Annas", "Annas"]


async def test_lists_begin_with_the_last_changed(database: Database) -> None:
    """Own drafts, everybody's and those of one record, each up to a number."""
    store, anna = DraftStore(database), await somebody(database, 1, "anna")
    bo = await somebody(database, 2, "bo")
    record = b"r" * 32
    await store.save(writing(anna, "Ett"), 10)
    await store.save(writing(bo, "Två", draft_id=OTHER, record=record), 20)
    await store.save(writing(anna, "Tre", draft_id=ASIDE, record=record), 30)

    assert [row.title for row in await store.of_user(anna.number, 9)] == ["Tre", "Ett"]
    assert [row.title for row in await store.newest(2)] == ["Tre", "Två"]
    assert [row.title for row in await store.of_record(record)] == ["Tre", "Två"]


async def test_drafts_of_one_user_are_bounded(database: Database) -> None:
    """At the bound a new draft is refused, and the old ones can still be saved."""
    store, anna = DraftStore(database), await somebody(database, 1, "anna")
    for number in range(DRAFTS_OF_ONE_USER_MAX):
        await store.save(writing(anna, "Ett", draft_id=number.to_bytes(16, "big")), number)
    with pytest.raises(TooManyDraftsError):
        await store.save(writing(anna, "Ett för mycket"), 999)

    last = await store.save(writing(anna, "Två", 1, draft_id=bytes(16)), 999)
    assert last.version == 2
