"""Field types shared by all kinds of content.

Rules: strict (a number is never read from text), no unknown fields, frozen, every text bounded.
Text is trimmed and its line ends become a line feed when read, so one text has one form. Control
characters and characters that turn the reading direction are refused: they would break databases
or let one text pass for another on the page. Lengths are in protocol/limits.py.

A type of text is ``Annotated[str, StringConstraints(…), LINE_ENDS]`` in that order: the constraints
then belong to the string itself and are checked by the library's compiled code. Behind a validator
of our own each would be a call to Python, and reading an entry would take twice the time.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal

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
_REFUSED = r"\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff\ufeff"
"""What no text may hold, as the inside of a character class."""
TEXT_PATTERN = f"^[^{_REFUSED}]*$"
LINE_PATTERN = f"^[^\\t\\n{_REFUSED}]*$"
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
    if isinstance(value, str) and ("\r" in value or "\u2028" in value or "\u2029" in value):
        return _LINE_END.sub("\n", value)
    return value


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


LINE_ENDS = BeforeValidator(_with_plain_line_ends)


def text_of(chars_max: int) -> StringConstraints:
    """Return what holds for text of several lines, at most so long."""
    return StringConstraints(min_length=1, max_length=chars_max, pattern=TEXT_PATTERN)


def line_of(chars_max: int) -> StringConstraints:
    """Return what holds for text of one line, at most so long."""
    return StringConstraints(min_length=1, max_length=chars_max, pattern=LINE_PATTERN)


def items_of(count_max: int) -> Any:
    """Return what holds for a tuple of at most so many items.

    Not strict, so that the list which a JSON array is read as becomes a tuple; items stay strict.
    """
    return Field(max_length=count_max, strict=False)


Text = Annotated[str, text_of(TEXT_CHARS_MAX), LINE_ENDS]
"""Markdown of several paragraphs."""
Note = Annotated[str, text_of(NOTE_CHARS_MAX), LINE_ENDS]
Line = Annotated[str, line_of(LINE_CHARS_MAX), LINE_ENDS]

HexId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""An entry id, log id or SHA-256 digest: 32 bytes in lower-case hexadecimal."""
KommunCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")]
AreaId = Annotated[
    str,
    StringConstraints(max_length=AREA_CHARS_MAX, pattern=r"^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)?$"),
]
"""Taxonomy id, ``aldre`` or ``aldre.hemtjanst``; only its form is checked here."""
WebUrl = Annotated[
    str,
    StringConstraints(
        max_length=URL_CHARS_MAX,
        pattern=rf"^https?://[^\s/?#@\\{_REFUSED}]+([/?#][^\s{_REFUSED}]*)?$",
    ),
    LINE_ENDS,
]
"""An http or https address without a user name in it."""
Email = Annotated[
    str,
    StringConstraints(
        max_length=EMAIL_CHARS_MAX,
        pattern=rf"^[^\s@<>\"(),;:{_REFUSED}]+@[^\s@<>\"(),;:{_REFUSED}]+$",
    ),
    LINE_ENDS,
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
