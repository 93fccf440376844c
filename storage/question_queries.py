"""Questions that still wait for an answer that helped."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from protocol.fold import Commented, accepted_answers
from storage.record_detail import commented_as
from storage.record_views import RecordRow
from storage.schema import comments
from storage.visible_logs import VisibleLogs

_COLUMNS = [column for column in comments.columns if column.name != "text"]


async def without_accepted_answer(
    connection: AsyncConnection, questions: Sequence[RecordRow], logs: VisibleLogs
) -> tuple[RecordRow, ...]:
    """Return those of these records that whoever asked has marked no answer to."""
    if not questions:
        return ()
    ids = [row.record_id for row in questions]
    statement = select(*_COLUMNS).where(
        comments.c.record_id.in_(ids), comments.c.withdrawn.is_(None), *logs.shows(comments)
    )
    found: dict[bytes, list[Commented]] = defaultdict(list)
    for row in await connection.execute(statement):
        found[row.record_id].append(commented_as(row, logs.by_number[row.log_no]))
    return tuple(
        row for row in questions if not accepted_answers(row.log, row.type, found[row.record_id])
    )
