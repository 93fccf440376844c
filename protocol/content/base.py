"""Field types shared by all kinds of content.

Rules: strict (a number is never read from text), no unknown fields, frozen, every text bounded.
Text is trimmed and its line ends become a line feed when read, so one text has one form. Control
characters and characters that turn the reading direction are refused: they would break databases
or let one text pass for another on the page. Lengths are in protocol/limits.py.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from protocol.limits import (
    AMOUNT_SEK_MAX,
    AREA_CHARS_MAX,
    EMAIL_CHARS_MAX,
    LINE_CHARS_MAX,
    NOTE_CHARS_MAX,
    PHONE_CHARS_MAX,
    TEXT_CHARS_MAX,
    URL_CHARS_MAX,
    YEAR_MAX,
    YEAR_MIN,
)

_LINE_END = re.compile("\r\n|[\r\u2028\u2029]")
_REFUSED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff\ufeff]")
_PARTIAL_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


class Content(BaseModel):
    """Base of every model here: strict, closed and frozen."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        str_strip_whitespace=True,
        validate_by_name=True,
        validate_by_alias=True,
    )


class RootContent(Content):
    """Base of what one entry carries; ``schema`` is 1 in all content of this version."""

    schema_version: Literal[1] = Field(default=1, alias="schema")


def _with_plain_line_ends(value: object) -> object:
    return _LINE_END.sub("\n", value) if isinstance(value, str) else value


def _check_text(text: str) -> str:
    if found := _REFUSED.search(text):
        raise ValueError(f"the character U+{ord(found.group()):04X} may not be used")
    return text


def _check_line(text: str) -> str:
    if "\n" in text or "\t" in text:
        raise ValueError("must be one line, without tabs")
    return _check_text(text)


def _check_date(text: str) -> str:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        raise ValueError("must be a date written YYYY-MM-DD")
    date.fromisoformat(text)
    return text


def _check_partial_date(text: str) -> str:
    match = _PARTIAL_DATE.fullmatch(text) if text.isascii() else None
    if match is None:
        raise ValueError("must be written YYYY, YYYY-MM or YYYY-MM-DD")
    year, month, day = match.groups()
    date(int(year), int(month or 1), int(day or 1))
    return text


PlainText = Annotated[str, BeforeValidator(_with_plain_line_ends), AfterValidator(_check_text)]
PlainLine = Annotated[str, BeforeValidator(_with_plain_line_ends), AfterValidator(_check_line)]

Text = Annotated[PlainText, StringConstraints(min_length=1, max_length=TEXT_CHARS_MAX)]
"""Markdown of several paragraphs."""
Note = Annotated[PlainText, StringConstraints(min_length=1, max_length=NOTE_CHARS_MAX)]
Line = Annotated[PlainLine, StringConstraints(min_length=1, max_length=LINE_CHARS_MAX)]

HexId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""An entry id, log id or SHA-256 digest: 32 bytes in lower-case hexadecimal."""
KommunCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")]
AreaId = Annotated[
    str,
    StringConstraints(max_length=AREA_CHARS_MAX, pattern=r"^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)?$"),
]
"""Taxonomy id, ``aldre`` or ``aldre.hemtjanst``; only its form is checked here."""
WebUrl = Annotated[
    PlainLine,
    StringConstraints(max_length=URL_CHARS_MAX, pattern=r"^https?://[^\s/?#@\\]+([/?#]\S*)?$"),
]
"""An http or https address without a user name in it."""
Email = Annotated[
    PlainLine,
    StringConstraints(max_length=EMAIL_CHARS_MAX, pattern=r"^[^\s@<>\"(),;:]+@[^\s@<>\"(),;:]+$"),
]
Phone = Annotated[
    str, StringConstraints(max_length=PHONE_CHARS_MAX, pattern=r"^\+?[0-9][0-9 ()/-]*$")
]
Day = Annotated[str, AfterValidator(_check_date)]
PartialDate = Annotated[str, AfterValidator(_check_partial_date)]
Year = Annotated[int, Field(ge=YEAR_MIN, le=YEAR_MAX)]
AmountSek = Annotated[int, Field(ge=0, le=AMOUNT_SEK_MAX)]


class Contact(Content):
    """Whom to ask: a role and preferably its shared mailbox, not a person."""

    role: Line
    email: Email | None = None
    phone: Phone | None = None
