"""Questions that still wait, for any answer at all or for one that helped: the conditions."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, exists

from storage.record_views import NO_ANSWER
from storage.schema import comments, records
from storage.visible_logs import VisibleLogs

QUESTION = "fraga"


def has_answer(logs: VisibleLogs) -> ColumnElement[bool]:
    """Return the condition that a record has an answer that is shown."""
    answer = comments.alias("answer")
    return exists().where(
        answer.c.record_id == records.c.record_id,
        answer.c.kind == "answer",
        answer.c.withdrawn.is_(None),
        *logs.shows(answer),
    )


def has_accepted(logs: VisibleLogs) -> ColumnElement[bool]:
    """Return the condition that whoever asked has marked a comment as what helped.

    Of :func:`protocol.fold.accepted_answers` those that answer the record itself.
    """
    mark, accepted = comments.alias("mark"), comments.alias("accepted")
    return exists().where(
        mark.c.record_id == records.c.record_id,
        mark.c.log_no == records.c.log_no,
        mark.c.withdrawn.is_(None),
        accepted.c.entry_id == mark.c.accepts,
        accepted.c.record_id == mark.c.record_id,
        accepted.c.withdrawn.is_(None),
        *logs.shows(accepted),
    )


def waiting(answers: str, logs: VisibleLogs) -> ColumnElement[bool]:
    """Return the condition that a record is a question of the kind that a filter keeps to."""
    conditions = [records.c.type == QUESTION, ~has_accepted(logs)]
    if answers == NO_ANSWER:
        conditions.append(~has_answer(logs))
    return and_(*conditions)
