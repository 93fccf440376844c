"""One record with its history and what others answered, as its page shows it.

A version that not every reader may see is left out of the history for those who may not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select, Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from protocol.content import Comment, Contact
from protocol.fold import Commented, accepted_answers
from storage.record_lists import read_rows
from storage.record_versions import read_versions, read_wording
from storage.record_views import (
    CommentRow,
    HelpedRow,
    InterestRow,
    RecordDetail,
    RecordRow,
    UseRow,
)
from storage.schema import comments, helped, interests, records, uses
from storage.visible_logs import VisibleLog, VisibleLogs


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
    versions = [
        item for item in await read_versions(connection, record) if item.visibility in visible
    ]
    wanted = version or found.version_id
    shown = next((item for item in versions if item.row.entry_id == wanted), None)
    if shown is None:
        return None
    (row,) = await read_rows(connection, [record], known)
    experience, received_ms = await read_wording(connection, shown)
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
        helped=tuple(
            [_helped(*pair) for pair in await _responses(connection, helped, record, known)]
        ),
    )


async def _responses(
    connection: AsyncConnection,
    table: Table,
    record: bytes,
    known: VisibleLogs,
    chosen: Select[*tuple[Any, ...]] | None = None,
) -> list[tuple[Row[*tuple[Any, ...]], VisibleLog]]:
    """Return rows that answer a record, oldest first, with the log each is from."""
    statement = (
        (select(table) if chosen is None else chosen)
        .where(table.c.record_id == record, *known.shows(table))
        .order_by(table.c.shown_ms, table.c.entry_id)
    )
    rows = (await connection.execute(statement)).all()
    return [(row, known.by_number[row.log_no]) for row in rows]


async def _comments(
    connection: AsyncConnection, record: RecordRow, known: VisibleLogs
) -> tuple[CommentRow, ...]:
    columns = [column for column in comments.columns if column.name != "text"]
    has_text = comments.c.text.is_not(None).label("has_text")
    statement = select(*columns, has_text)
    responses = await _responses(connection, comments, record.record_id, known, statement)
    standing = [commented_as(row, log) for row, log in responses if row.withdrawn is None]
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
            has_text=row.has_text,
            answer_to=row.answer_to,
            accepts=row.accepts,
            accepted=row.entry_id in accepted,
            withdrawn=row.withdrawn,
        )
        for row, log in responses
    )


def commented_as(row: Row[*tuple[Any, ...]], log: VisibleLog) -> Commented:
    """Return a comment as the fold knows it; what it says does not matter for marks."""
    comment = Comment.model_construct(
        record=row.record_id.hex(),
        kind=row.kind,
        text=None,
        answer_to=row.answer_to.hex() if row.answer_to else None,
        accepts=row.accepts.hex() if row.accepts else None,
    )
    return Commented(log.log, row.sequence, row.entry_id, row.time_ms, row.record_id, comment)


async def read_comment_texts(connection: AsyncConnection, ids: Sequence[bytes]) -> dict[bytes, str]:
    """Return what these comments say, by entry id."""
    statement = select(comments.c.entry_id, comments.c.text).where(
        comments.c.entry_id.in_(ids), comments.c.text.is_not(None)
    )
    return {row.entry_id: row.text for row in await connection.execute(statement)}


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


def _helped(row: Row[*tuple[Any, ...]], log: VisibleLog) -> HelpedRow:
    return HelpedRow(
        entry_id=row.entry_id,
        log=log.log,
        code=log.code,
        municipality=log.name,
        shown_ms=row.shown_ms,
        reused=row.reused,
    )


def read_contact(text: str | None) -> Contact | None:
    """Return a contact from the JSON its projection holds."""
    return Contact.model_validate_json(text) if text else None
