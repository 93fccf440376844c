"""Kinds by which a municipality answers a record: ``comment``, ``use``, ``interest``, ``helped``.

Each is owned by the municipality that signs it and names the record by its id. The record may be
unknown here when the response arrives; it counts as soon as both are.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import model_validator

from protocol.content.base import LINE_ENDS, Contact, HexId, Note, RootContent, Year, text_of
from protocol.limits import COMMENT_CHARS_MAX

CommentText = Annotated[str, text_of(COMMENT_CHARS_MAX), LINE_ENDS]


class Comment(RootContent):
    """A comment, question or answer; ``accepts`` marks an answer as the one that helped.

    Whether a mark counts is decided by :func:`protocol.fold.accepted_answers`: only the
    municipality that asked may set it.
    """

    record: HexId
    kind: Literal["comment", "question", "answer"] = "comment"
    text: CommentText | None = None
    answer_to: HexId | None = None
    accepts: HexId | None = None

    @model_validator(mode="after")
    def _check_says_something(self) -> Self:
        if self.text is None and self.accepts is None:
            raise ValueError("a comment needs a text, unless it marks an answer as accepted")
        return self


class Use(RootContent):
    """ "Vi använder också": one a log and record, the newest counts."""

    record: HexId
    since_year: Year | None = None
    contact: Contact | None = None
    note: Note | None = None


class Interest(RootContent):
    """ "Vill samverka" or "planerar samma": one a log, record and interest."""

    record: HexId
    interest: Literal["samverka", "planerar"]
    contact: Contact | None = None
    note: Note | None = None


class Helped(RootContent):
    """ "Till hjälp": the record helped, and what of it was reused; one a log and record."""

    record: HexId
    reused: Note | None = None
