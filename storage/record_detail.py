"""One record with its history and what others answered, as its page shows it.

The content shown is read from the log and checked again; it is not kept a second time. A version
that not every reader may see is left out of the history for those who may not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from protocol.content import Comment, Contact, Experience, read_content
from protocol.errors import ContentError
from protocol.fold import Commented, accepted_answers
from storage.record_lists import read_rows
from storage.record_views import (
    CommentRow,
    InterestRow,
    RecordDetail,
    RecordRow,
    UseRow,
    VersionRow,
)
from storage.schema import comments, interests, logs, record_versions, records, runs, uses
from storage.stored_run import StoredRun, arrival_times_ms, stored_envelopes
from storage.visible_logs import VisibleLog, VisibleLogs


class _Version(NamedTuple):
    """One version as projected: whose entry it is and who may see it."""

    row: VersionRow
    visibility: str
    log_no: int


async def read_detail(
    connection: AsyncConnection,
    record: bytes,
    version: bytes | None,
    known: VisibleLogs,
    visible: Sequence[str],
) -> RecordDetail | None:
    """Return the record, or None when it is not here or not for this reader."""
    columns = (records.c.log_no, records.c.version_id, records.c.visibility, records.c.withdrawn)
    statement = select(*columns).where(records.c.record_id == record)
    found = (await connection.execute(statement)).first()
    if found is None or found.visibility not in visible or found.log_no not in known.by_number:
        return None
    versions = [item for item in await _versions(connection, record) if item.visibility in visible]
    wanted = version or found.version_id
    shown = next((item for item in versions if item.row.entry_id == wanted), None)
    if shown is None:
        return None
    (row,) = await read_rows(connection, [record], known)
    experience, received_ms = await _content(connection, shown)
    return RecordDetail(
        row=row,
        experience=experience,
        entry_id=shown.row.entry_id,
        sequence=shown.row.sequence,
        shown_ms=shown.row.shown_ms,
        received_ms=received_ms,
        is_current=wanted == found.version_id,
        withdrawn=found.withdrawn,
        frozen=known.by_number[found.log_no].frozen,
        versions=tuple(item.row for item in versions),
        comments=await _comments(connection, row, known),
        uses=tuple([_use(*pair) for pair in await _responses(connection, uses, record, known)]),
        interests=tuple(
            [_interest(*pair) for pair in await _responses(connection, interests, record, known)]
        ),
    )


async def _versions(connection: AsyncConnection, record: bytes) -> list[_Version]:
    statement = (
        select(record_versions)
        .where(record_versions.c.record_id == record)
        .order_by(record_versions.c.sequence)
    )
    return [
        _Version(
            VersionRow(row.entry_id, row.sequence, row.shown_ms, row.title),
            row.visibility,
            row.log_no,
        )
        for row in await connection.execute(statement)
    ]


async def _content(connection: AsyncConnection, version: _Version) -> tuple[Experience | None, int]:
    """Return a version's content, None when it has been erased, and when it arrived."""
    sequence = version.row.sequence
    statement = (
        select(logs.c.log_id, runs)
        .join(logs, logs.c.log_no == runs.c.log_no)
        .where(runs.c.log_no == version.log_no, runs.c.first_sequence <= sequence)
        .order_by(runs.c.first_sequence.desc())
        .limit(1)
    )
    row = StoredRun(*(await connection.execute(statement)).one())
    ((entry, body),) = stored_envelopes(row, sequence - 1, sequence)
    received_ms = arrival_times_ms(row)[sequence - row.first_sequence]
    if body is None:
        return None, received_ms
    try:
        content = read_content(entry.header.kind, body.content)
    except ContentError:
        return None, received_ms
    return (content if isinstance(content, Experience) else None), received_ms


async def _responses(
    connection: AsyncConnection, table: Table, record: bytes, known: VisibleLogs
) -> list[tuple[Row[*tuple[Any, ...]], VisibleLog]]:
    """Return rows that answer a record, oldest first, with the log each is from."""
    statement: Select[*tuple[Any, ...]] = (
        select(table)
        .where(table.c.record_id == record, *known.shows(table))
        .order_by(table.c.shown_ms, table.c.entry_id)
    )
    rows = (await connection.execute(statement)).all()
    return [(row, known.by_number[row.log_no]) for row in rows]


async def _comments(
    connection: AsyncConnection, record: RecordRow, known: VisibleLogs
) -> tuple[CommentRow, ...]:
    responses = await _responses(connection, comments, record.record_id, known)
    standing = [_commented(row, log) for row, log in responses if row.withdrawn is None]
    accepted = accepted_answers(record.log, record.type, standing)
    return tuple(
        CommentRow(
            entry_id=row.entry_id,
            log=log.log,
            code=log.code,
            municipality=log.name,
            sequence=row.sequence,
            shown_ms=row.shown_ms,
            kind=row.kind,
            text=row.text,
            answer_to=row.answer_to,
            accepts=row.accepts,
            accepted=row.entry_id in accepted,
            withdrawn=row.withdrawn,
        )
        for row, log in responses
    )


def _commented(row: Row[*tuple[Any, ...]], log: VisibleLog) -> Commented:
    comment = Comment(
        record=row.record_id.hex(),
        kind=row.kind,
        text=row.text,
        answer_to=row.answer_to.hex() if row.answer_to else None,
        accepts=row.accepts.hex() if row.accepts else None,
    )
    return Commented(log.log, row.sequence, row.entry_id, row.time_ms, row.record_id, comment)


def _use(row: Row[*tuple[Any, ...]], log: VisibleLog) -> UseRow:
    return UseRow(
        entry_id=row.entry_id,
        log=log.log,
        code=log.code,
        municipality=log.name,
        shown_ms=row.shown_ms,
        since_year=row.since_year,
        contact=read_contact(row.contact),
        note=row.note,
    )


def _interest(row: Row[*tuple[Any, ...]], log: VisibleLog) -> InterestRow:
    return InterestRow(
        entry_id=row.entry_id,
        log=log.log,
        code=log.code,
        municipality=log.name,
        shown_ms=row.shown_ms,
        interest=row.interest,
        contact=read_contact(row.contact),
        note=row.note,
    )


def read_contact(text: str | None) -> Contact | None:
    """Return a contact from the JSON its projection holds."""
    return Contact.model_validate_json(text) if text else None
