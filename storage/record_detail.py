"""One record with its history and what others answered, as its page shows it.

A version that not every reader may see is left out of the history for those who may not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table, bindparam, select

from protocol.content import Comment, Contact
from protocol.fold import Commented, accepted_answers
from storage.prepared import Prepared, Selection, Step, Steps, among_ids, ids_at_once
from storage.record_lists import read_rows
from storage.record_versions import read_versions, read_wording
from storage.record_views import (
    CommentRow,
    HelpedRow,
    InterestRow,
    Party,
    RecordDetail,
    RecordRow,
    UseRow,
)
from storage.schema import comments, helped, interests, profiles, records, uses
from storage.visible_logs import VisibleLog, VisibleLogs, visible_logs_steps

_FOUND = Selection(
    select(records.c.log_no, records.c.version_id, records.c.visibility, records.c.withdrawn).where(
        records.c.record_id == bindparam("record")
    )
)
_TEXTS_AT_ONCE = 25
_TEXTS = Prepared(
    select(comments.c.entry_id, comments.c.text).where(
        among_ids(comments.c.entry_id, _TEXTS_AT_ONCE), comments.c.text.is_not(None)
    )
)
_CONTACT = Selection(select(profiles.c.contact).where(profiles.c.log_no == bindparam("number")))
_COMMENT_COLUMNS = [column for column in comments.columns if column.name != "text"]
_RESPONSES = {
    table: Selection(
        chosen.where(table.c.record_id == bindparam("record")).order_by(
            table.c.shown_ms, table.c.entry_id
        )
    )
    for table, chosen in (
        (uses, select(uses)),
        (interests, select(interests)),
        (helped, select(helped)),
        (comments, select(*_COMMENT_COLUMNS, comments.c.text.is_not(None).label("has_text"))),
    )
}


def read_detail(
    record: bytes, version: bytes | None, visible: Sequence[str]
) -> Steps[RecordDetail | None]:
    """Return the record, or None when it is not here or not for this reader."""
    known = yield from visible_logs_steps()
    found = next(iter((yield from _FOUND.read({"record": record}))), None)
    if found is None or found.visibility not in visible or found.log_no not in known.by_number:
        return None
    every_version = yield from read_versions(record)
    versions = [item for item in every_version if item.visibility in visible]
    wanted = version or found.version_id
    shown = next((item for item in versions if item.row.entry_id == wanted), None)
    if shown is None:
        return None
    (row,) = yield from read_rows([record], known)
    experience, received_ms = yield from read_wording(shown)
    owner = known.by_number[found.log_no]
    heir = known.heir_of(owner)
    answers = {}
    for table in _RESPONSES:
        answers[table] = yield from _responses(table, record, known)
    return RecordDetail(
        row=row,
        experience=experience,
        entry_id=shown.row.entry_id,
        sequence=shown.row.sequence,
        shown_ms=shown.row.shown_ms,
        received_ms=received_ms,
        is_current=wanted == found.version_id,
        withdrawn=found.withdrawn,
        frozen=owner.frozen,
        left_ms=owner.left_ms,
        heir=(yield from _party(heir)) if heir else None,
        versions=tuple(item.row for item in versions),
        comments=_comments(row, answers[comments]),
        uses=tuple([_use(*pair) for pair in answers[uses]]),
        interests=tuple([_interest(*pair) for pair in answers[interests]]),
        helped=tuple([_helped(*pair) for pair in answers[helped]]),
    )


def _party(log: VisibleLog) -> Steps[Party]:
    """Return a log with the contact in its newest profile."""
    found = next(iter((yield from _CONTACT.read({"number": log.log_no}))), None)
    return Party(log.log, log.code, log.name, read_contact(found.contact if found else None))


_Response = tuple[Any, VisibleLog]
"""A row, and the log it is from."""


def _responses(table: Table, record: bytes, known: VisibleLogs) -> Steps[list[_Response]]:
    """Return rows that answer a record and may be shown, oldest first."""
    rows = yield from _RESPONSES[table].read({"record": record})
    return [(row, known.by_number[row.log_no]) for row in rows if row.log_no in known.by_number]


def _comments(record: RecordRow, responses: Sequence[_Response]) -> tuple[CommentRow, ...]:
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
            has_text=bool(row.has_text),
            answer_to=row.answer_to,
            accepts=row.accepts,
            accepted=row.entry_id in accepted,
            withdrawn=row.withdrawn,
        )
        for row, log in responses
    )


def commented_as(row: Any, log: VisibleLog) -> Commented:
    """Return a comment as the fold knows it; what it says does not matter for marks."""
    comment = Comment.model_construct(
        record=row.record_id.hex(),
        kind=row.kind,
        text=None,
        answer_to=row.answer_to.hex() if row.answer_to else None,
        accepts=row.accepts.hex() if row.accepts else None,
    )
    return Commented(log.log, row.sequence, row.entry_id, row.time_ms, row.record_id, comment)


def read_comment_texts(ids: Sequence[bytes]) -> Steps[dict[bytes, str]]:
    """Return what these comments say, by entry id."""
    return dict((yield Step(_TEXTS, list(ids_at_once(ids, _TEXTS_AT_ONCE)))))


def _use(row: Any, log: VisibleLog) -> UseRow:
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


def _interest(row: Any, log: VisibleLog) -> InterestRow:
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


def _helped(row: Any, log: VisibleLog) -> HelpedRow:
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
