"""Drafts: what somebody is writing, before it becomes an entry.

A draft never leaves this database. It has a counter that goes up with each save, and whoever saves
says which count the text was written from; a text that was written from another is refused, so that
no one overwrites what they have not seen. Two exceptions harm nobody: a text that is there already,
and one from the very window that saved last, whose earlier answer may have been lost on the way.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.audit_store import note
from storage.database import Database
from storage.draft_schema import drafts
from storage.errors import DraftChangedError, DraftGoneError, TooManyDraftsError
from storage.prepared import Prepared, Values
from storage.schema import users

DRAFT_ID_BYTES = 16
DRAFTS_OF_ONE_USER_MAX = 200

_saver = users.alias("saver")


class Writing(NamedTuple):
    """What somebody wants to keep: from which count of the draft, and in which window.

    ``record`` is the record that it changes, if any. ``window`` is empty when it is not known.
    """

    draft_id: bytes
    user_no: int
    record: bytes | None
    title: str
    typed: Mapping[str, str]
    version: int = 0
    window: str = ""


@dataclass(frozen=True, slots=True)
class DraftRow:
    """A draft in a list; ``set_aside`` when two texts met and this one was not chosen.

    ``handed_in_ms`` is when its owner handed it in for review, and None once the owner changed it.
    """

    draft_id: bytes
    user_no: int
    owner: str
    record: bytes | None
    title: str
    version: int
    saved_by_no: int
    saved_by: str
    changed_ms: int
    set_aside: bool
    handed_in_ms: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Draft(DraftRow):
    """A draft with its text, by field."""

    typed: Mapping[str, str] = field(default_factory=dict)
    window: str = ""


_FIELDS = tuple(one.name for one in fields(DraftRow))


class DraftStore:
    """Reads and writes the table ``drafts``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, draft_id: bytes) -> Draft | None:
        """Return one draft, or None."""
        async with self._database.read() as connection:
            return await _find(connection, draft_id)

    async def of_user(self, user_no: int, limit: int) -> list[DraftRow]:
        """Return a user's drafts, the last changed first."""
        return await self._rows(_OF_USER, {"user": user_no, "most": limit})

    async def newest(self, limit: int) -> list[DraftRow]:
        """Return everybody's drafts, the last changed first."""
        return await self._rows(_NEWEST, {"most": limit})

    async def handed_in(self, limit: int, *, but_of: int) -> list[DraftRow]:
        """Return what waits for a second person and was not written by user ``but_of``."""
        return await self._rows(_HANDED_IN, {"user": but_of, "most": limit})

    async def of_record(self, record: bytes) -> list[DraftRow]:
        """Return the drafts of a change to one record, the last changed first."""
        rows = await self._rows(_OF_RECORD, {"record": record})
        return sorted(rows, key=lambda row: -row.changed_ms)

    async def _rows(self, statement: Prepared, values: Values) -> list[DraftRow]:
        return [DraftRow(**_columns(row)) for row in await self._database.rows(statement, values)]

    async def save(self, writing: Writing, now_ms: int) -> Draft:
        """Keep a text; returns the draft as it stands then.

        Raises :class:`DraftChangedError` when somebody saved another text meanwhile,
        :class:`DraftGoneError` when the draft was published or thrown away, and
        :class:`TooManyDraftsError`. Nothing has been written then.
        """
        async with self._database.write() as connection:
            found = await _find(connection, writing.draft_id)
            if found is None:
                if writing.version:
                    raise DraftGoneError("the draft was published or thrown away")
                await _require_room(connection, writing.user_no)
                await _insert(connection, writing, now_ms)
            elif found.typed == dict(writing.typed):
                return found
            elif not _continues(writing, found):
                raise DraftChangedError(f"the draft is at {found.version}, not {writing.version}")
            else:
                await _overwrite(connection, writing, found, now_ms)
            return await _known(connection, writing.draft_id)

    async def replace(self, writing: Writing, aside: bytes, now_ms: int) -> Draft:
        """Overwrite what was seen with another text; what is overwritten becomes a draft of its
        own, with the id ``aside``, of whoever saved it. Raises as :meth:`save`.
        """
        async with self._database.write() as connection:
            found = await _find(connection, writing.draft_id)
            if found is None:
                raise DraftGoneError("the draft was published or thrown away")
            if found.typed == dict(writing.typed):
                return found
            if found.version != writing.version:
                raise DraftChangedError(f"the draft is at {found.version}, not {writing.version}")
            other = Writing(aside, found.saved_by_no, found.record, found.title, found.typed)
            await _set_aside(connection, other, found.changed_ms)
            await _overwrite(connection, writing, found, now_ms)
            return await _known(connection, writing.draft_id)

    async def set_aside(self, writing: Writing, now_ms: int) -> None:
        """Keep a text that was not chosen as a draft of its own; a second time changes nothing."""
        async with self._database.write() as connection:
            await _set_aside(connection, writing, now_ms)

    async def hand_in(self, draft: DraftRow, actor: str, now_ms: int) -> None:
        """Let a draft wait for a second person; raises :class:`DraftChangedError`."""
        async with self._database.write() as connection:
            await _change(connection, draft, {"handed_in_ms": now_ms, "note": ""})
            await note(connection, actor, "draft hand in", actor, draft.title, now_ms)

    async def send_back(
        self, draft: DraftRow, words: str, actor: str, writer: str, now_ms: int
    ) -> None:
        """Give a draft back to whoever wrote it; raises :class:`DraftChangedError`."""
        async with self._database.write() as connection:
            await _change(connection, draft, {"handed_in_ms": None, "note": words})
            await note(connection, actor, "draft send back", writer, draft.title, now_ms)

    async def remove(self, draft_id: bytes, version: int | None = None) -> bool:
        """Delete a draft, with ``version`` only while it stands there; says whether it did."""
        chosen = [drafts.c.draft_id == draft_id]
        if version is not None:
            chosen.append(drafts.c.version == version)
        async with self._database.write() as connection:
            return (await connection.execute(delete(drafts).where(*chosen))).rowcount == 1


def _continues(writing: Writing, found: Draft) -> bool:
    same_window = bool(writing.window) and writing.window == found.window
    return same_window or writing.version == found.version


def _listed() -> Select[*tuple[Any, ...]]:
    columns = (
        drafts.c.draft_id,
        drafts.c.user_no,
        users.c.full_name.label("owner"),
        drafts.c.record_id,
        drafts.c.title,
        drafts.c.version,
        drafts.c.saved_by_no,
        _saver.c.full_name.label("saved_by"),
        drafts.c.changed_ms,
        drafts.c.set_aside,
        drafts.c.handed_in_ms,
        drafts.c.note,
    )
    return (
        select(*columns)
        .join(users, users.c.user_no == drafts.c.user_no)
        .join(_saver, _saver.c.user_no == drafts.c.saved_by_no)
        .order_by(drafts.c.changed_ms.desc())
    )


_OF_USER = Prepared(_listed().where(drafts.c.user_no == bindparam("user")).limit(bindparam("most")))
_NEWEST = Prepared(_listed().limit(bindparam("most")))
_HANDED_IN = Prepared(
    _listed()
    .where(drafts.c.handed_in_ms.is_not(None), drafts.c.user_no != bindparam("user"))
    .limit(bindparam("most"))
)
_OF_RECORD = Prepared(_listed().order_by(None).where(drafts.c.record_id == bindparam("record")))


def _columns(row: Sequence[Any]) -> dict[str, Any]:
    """The fields of a draft in a list, which has them in their order."""
    columns = dict(zip(_FIELDS, row, strict=True))
    return columns | {"set_aside": bool(columns["set_aside"])}


async def _find(connection: AsyncConnection, draft_id: bytes) -> Draft | None:
    statement = _listed().add_columns(drafts.c.typed, drafts.c.saved_in)
    statement = statement.order_by(None).where(drafts.c.draft_id == draft_id)
    row = (await connection.execute(statement)).first()
    if row is None:
        return None
    *listed, typed, window = row
    return Draft(**_columns(listed), typed=json.loads(typed), window=window)


async def _known(connection: AsyncConnection, draft_id: bytes) -> Draft:
    found = await _find(connection, draft_id)
    assert found is not None, "written in this transaction"
    return found


async def _require_room(connection: AsyncConnection, user_no: int) -> None:
    statement = select(func.count()).select_from(drafts).where(drafts.c.user_no == user_no)
    if (await connection.execute(statement)).scalar_one() >= DRAFTS_OF_ONE_USER_MAX:
        raise TooManyDraftsError(f"a user has at most {DRAFTS_OF_ONE_USER_MAX} drafts")


async def _insert(
    connection: AsyncConnection, writing: Writing, now_ms: int, *, set_aside: bool = False
) -> None:
    values = _values(writing, 1, now_ms) | {
        "draft_id": writing.draft_id,
        "user_no": writing.user_no,
        "record_id": writing.record,
        "set_aside": set_aside,
        "note": "",
    }
    await connection.execute(insert(drafts).values(**values))


async def _set_aside(connection: AsyncConnection, writing: Writing, now_ms: int) -> None:
    if await _find(connection, writing.draft_id) is None:
        await _insert(connection, writing, now_ms, set_aside=True)


async def _overwrite(
    connection: AsyncConnection, writing: Writing, found: Draft, now_ms: int
) -> None:
    values = _values(writing, found.version + 1, now_ms)
    if writing.user_no == found.user_no:
        values["handed_in_ms"] = None  # what is reviewed is what was handed in
    chosen = drafts.c.draft_id == writing.draft_id
    await connection.execute(update(drafts).where(chosen).values(**values))


async def _change(
    connection: AsyncConnection, draft: DraftRow, values: Mapping[str, object]
) -> None:
    """Change a draft that still stands as it was seen."""
    seen = (drafts.c.draft_id == draft.draft_id, drafts.c.version == draft.version)
    if (await connection.execute(update(drafts).where(*seen).values(**values))).rowcount != 1:
        raise DraftChangedError("the draft was changed, published or thrown away meanwhile")


def _values(writing: Writing, version: int, now_ms: int) -> dict[str, object]:
    return {
        "title": writing.title,
        "typed": json.dumps(dict(writing.typed), sort_keys=True),
        "version": version,
        "saved_by_no": writing.user_no,
        "saved_in": writing.window,
        "changed_ms": now_ms,
    }
