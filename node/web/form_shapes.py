"""What the form for a record is made of: questions under headings, some of them in tables of lines.

Texts are `Message`s, or plain where they are the same in every language (addresses, amounts).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from protocol.limits import LINE_CHARS_MAX

FieldKind = Literal["line", "text", "choice", "area", "number", "date", "check", "email", "tel"]


class Field(NamedTuple):
    """One question. `example` is shown under the help; `markdown` is for texts with a form."""

    name: str
    words: str
    help: str = ""
    example: str = ""
    kind: FieldKind = "line"
    required: bool = False
    chars_max: int = LINE_CHARS_MAX
    rows: int = 1
    choices: Mapping[str, str] = {}
    choice_help: Mapping[str, str] = {}
    autocomplete: str = ""
    markdown: bool = False


class Section(NamedTuple):
    """Fields under one heading; `repeated` names a table of equal lines (products, links)."""

    id: str
    title: str
    intro: str
    fields: tuple[Field, ...]
    folded: bool = True
    repeated: str = ""
