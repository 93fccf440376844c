"""Imports: files that somebody has brought and not dealt with yet, and what became of each thing.

Files stay in this database and never leave it; they may hold what nobody has looked through, so
they go after some days. A mark says which draft or record was made of a thing from elsewhere, so
that importing it again makes no second one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import delete, func, insert, select, update

from storage.database import Database
from storage.draft_schema import drafts
from storage.errors import TooManyImportsError
from storage.import_schema import import_files, import_marks, imports
from storage.schema import logs, records
from storage.upsert import upsert

IMPORTS_OF_ONE_USER_MAX = 10
IMPORT_KEPT_MS = 7 * 24 * 3600 * 1000
_ASKED_AT_ONCE = 500
"""Values in one statement; databases bound them."""


class ImportFile(NamedTuple):
    """A file as it was brought."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class ImportRow:
    """An import in a list: whose it is, its files' names and when it was begun."""

    import_id: bytes
    user_no: int
    begun_ms: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Import(ImportRow):
    """An import with its files and what was said about their columns."""

    files: tuple[ImportFile, ...]
    columns: Mapping[str, Any]


class Mark(NamedTuple):
    """What became of a thing: the digest of what was read of it, and its draft or its record."""

    digest: bytes
    draft_id: bytes | None = None
    record: bytes | None = None


class ImportStore:
    """Reads and writes the three tables."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self, import_id: bytes, user_no: int, files: Sequence[ImportFile], now_ms: int
    ) -> None:
        """Keep files until somebody has dealt with them; raises :class:`TooManyImportsError`."""
        counted = select(func.count()).select_from(imports).where(imports.c.user_no == user_no)
        async with self._database.write() as connection:
            if (await connection.execute(counted)).scalar_one() >= IMPORTS_OF_ONE_USER_MAX:
                raise TooManyImportsError(f"a user has at most {IMPORTS_OF_ONE_USER_MAX} imports")
            begun = {"user_no": user_no, "columns": "{}", "begun_ms": now_ms}
            await connection.execute(insert(imports).values(import_id=import_id, **begun))
            rows = [
                {"import_id": import_id, "position": position, "name": name, "content": content}
                for position, (name, content) in enumerate(files)
            ]
            await connection.execute(insert(import_files), rows)

    async def get(self, import_id: bytes) -> Import | None:
        """Return one import with its files, or None."""
        async with self._database.read() as connection:
            chosen = imports.c.import_id == import_id
            row = (await connection.execute(select(imports).where(chosen))).first()
            if row is None:
                return None
            listed = (
                select(import_files.c.name, import_files.c.content)
                .where(import_files.c.import_id == import_id)
                .order_by(import_files.c.position)
            )
            files = tuple(ImportFile(*found) for found in await connection.execute(listed))
        names = tuple(file.name for file in files)
        columns = json.loads(row.columns)
        return Import(import_id, row.user_no, row.begun_ms, names, files, columns)

    async def of_user(self, user_no: int) -> list[ImportRow]:
        """Return a user's imports, the newest first."""
        listed = (
            select(imports.c.import_id, imports.c.begun_ms, import_files.c.name)
            .join(import_files, import_files.c.import_id == imports.c.import_id)
            .where(imports.c.user_no == user_no)
            .order_by(imports.c.begun_ms.desc(), imports.c.import_id, import_files.c.position)
        )
        found: dict[bytes, ImportRow] = {}
        async with self._database.read() as connection:
            for import_id, begun_ms, name in await connection.execute(listed):
                key = bytes(import_id)
                names = (*found[key].names, name) if key in found else (name,)
                found[key] = ImportRow(key, user_no, begun_ms, names)
        return list(found.values())

    async def set_columns(self, import_id: bytes, columns: Mapping[str, object]) -> None:
        """Keep what was said about an import's columns."""
        chosen = imports.c.import_id == import_id
        values = {"columns": json.dumps(dict(columns))}
        async with self._database.write() as connection:
            await connection.execute(update(imports).where(chosen).values(values))

    async def remove(self, import_id: bytes) -> None:
        """Throw away an import and its files; what was made of them stays."""
        await self._remove([import_id])

    async def remove_old(self, now_ms: int) -> None:
        """Throw away the imports that nobody has dealt with for long."""
        old = select(imports.c.import_id).where(imports.c.begun_ms < now_ms - IMPORT_KEPT_MS)
        async with self._database.read() as connection:
            found = [bytes(import_id) for import_id in await connection.scalars(old)]
        await self._remove(found)

    async def _remove(self, import_ids: Sequence[bytes]) -> None:
        async with self._database.write() as connection:
            for table in (import_files, imports):
                chosen = table.c.import_id.in_(import_ids)
                await connection.execute(delete(table).where(chosen))

    async def marks(self, sources: Iterable[bytes]) -> dict[bytes, Mark]:
        """Return what became of things; a mark whose draft was thrown away counts as none."""
        wanted, found = list(dict.fromkeys(sources)), dict[bytes, Mark]()
        async with self._database.read() as connection:
            for start in range(0, len(wanted), _ASKED_AT_ONCE):
                part = wanted[start : start + _ASKED_AT_ONCE]
                statement = (
                    select(import_marks, drafts.c.draft_id.label("standing"))
                    .outerjoin(drafts, drafts.c.draft_id == import_marks.c.draft_id)
                    .where(import_marks.c.source.in_(part))
                )
                for row in await connection.execute(statement):
                    record, draft = _bytes(row.record_id), _bytes(row.standing)
                    if record or draft:
                        found[bytes(row.source)] = Mark(bytes(row.digest), draft, record)
        return found

    async def put_marks(self, marks: Mapping[bytes, Mark]) -> None:
        """Keep what became of things; durable when this returns."""
        rows = [
            {"source": source, "digest": mark.digest, "draft_id": mark.draft_id,
             "record_id": mark.record}
            for source, mark in marks.items()
        ]  # fmt: skip
        if rows:
            async with self._database.write() as connection:
                await connection.execute(upsert(self._database, import_marks), rows)

    async def published(self, draft_id: bytes, record: bytes) -> None:
        """Note that a draft became a record."""
        chosen = import_marks.c.draft_id == draft_id
        values = {"draft_id": None, "record_id": record}
        async with self._database.write() as connection:
            await connection.execute(update(import_marks).where(chosen).values(values))

    async def titles_of(self, log: bytes) -> dict[str, list[bytes]]:
        """Return the titles of a log's standing records, in small letters, with their ids.

        The newest record of a title comes first.
        """
        statement = (
            select(records.c.sequence, records.c.title, records.c.record_id)
            .join(logs, logs.c.log_no == records.c.log_no)
            .where(logs.c.log_id == log, records.c.withdrawn.is_(None))
        )
        found: dict[str, list[bytes]] = {}
        async with self._database.read() as connection:
            rows = sorted((await connection.execute(statement)).all(), reverse=True)
        for _, title, record in rows:
            found.setdefault(title.casefold(), []).append(bytes(record))
        return found

    async def draft_titles(self) -> dict[str, bytes]:
        """Return the titles of everybody's drafts, in small letters, with the draft's id."""
        statement = select(drafts.c.title, drafts.c.draft_id).where(drafts.c.title != "")
        async with self._database.read() as connection:
            rows = await connection.execute(statement)
            return {title.casefold(): bytes(draft_id) for title, draft_id in rows}


def _bytes(value: bytes | None) -> bytes | None:
    return None if value is None else bytes(value)
