"""What reading one file gives: an experience with warnings, or a problem with its line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pydantic import ValidationError

from node.importers import phrases
from node.importers.notes import Note
from node.importers.personal import without_personal_addresses
from protocol import strict_json
from protocol.content import Experience
from protocol.content.reading import describe
from protocol.limits import CONTENT_BYTES_MAX

LICENCE_UNKNOWN = "NOASSERTION"
"""What SPDX calls a licence nobody has stated: a text from elsewhere is not ours to give away."""


@dataclass(frozen=True, slots=True)
class ImportProblem:
    """Why a file or a row gives no record; ``line`` counts from 1 (of a table: its row)."""

    line: int
    reason: Note


@dataclass(frozen=True, slots=True)
class ImportResult:
    """One file or row read. Exactly one of ``experience`` and ``error`` is set.

    ``source_key`` is the same each time the same thing is imported, so that it is not published
    twice; ``warnings`` say what was left out, cut or assumed. ``assumed`` names the fields that the
    source does not give and that had to be filled in. ``row`` counts from 1 with the headings.
    """

    file_name: str
    source_key: str
    experience: Experience | None = None
    warnings: tuple[Note, ...] = ()
    error: ImportProblem | None = None
    assumed: tuple[str, ...] = ()
    row: int | None = None


class BrokenFileError(Exception):
    """Raised inside the readers only; becomes the result's ``error``."""

    def __init__(self, line: int, reason: Note) -> None:
        super().__init__(reason)
        self.problem = ImportProblem(line, reason)


@dataclass(slots=True)
class Draft:
    """Fields gathered while reading one file, with warnings and the lines fields stand on."""

    fields: dict[str, object] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)
    warnings: list[Note] = field(default_factory=list)
    assumed: list[str] = field(default_factory=list)

    def warn(self, template: str, **values: str | int) -> None:
        """Keep a warning, once."""
        note = Note(template, **values)
        if note not in self.warnings:
            self.warnings.append(note)

    def put_text(self, name: str, text: str, chars_max: int) -> None:
        """Set a text field, cut at a line or word before its limit, with a warning when cut."""
        kept = shortened(text, chars_max)
        if kept != text.strip():
            self.warn(phrases.CUT, field=name, before=len(text.strip()), after=len(kept))
        if kept:
            self.fields[name] = kept

    def put_default(self, name: str, value: object) -> None:
        """Set a field that the file does not give, with a warning that says what was assumed."""
        if name not in self.fields:
            self.assume(name, value, str(value))

    def assume(self, name: str, value: object, said: str) -> None:
        """Set a field to what the source does not say, with a warning that gives it in words."""
        self.fields[name] = value
        self.assumed.append(name)
        self.warn(phrases.ASSUMED, field=name, value=said)

    def leave_addresses_out(self, names: Iterable[str]) -> None:
        """Take e-mail addresses that may be a person's out of text fields, with a warning."""
        for name in names:
            text = self.fields.get(name)
            if isinstance(text, str):
                self.fields[name], count = without_personal_addresses(text)
                if count:
                    self.warn(phrases.ADDRESSES_LEFT_OUT, count=count, field=name)

    def build(self) -> Experience:
        """Make the experience; raises BrokenFileError with the line of the offending field."""
        try:
            experience = Experience.model_validate_json(json.dumps({"schema": 1} | self.fields))
        except ValidationError as error:
            place = error.errors()[0]["loc"]
            line = self.lines.get(str(place[0]), 1) if place else 1
            field = str(place[0]) if place else "content"
            raise BrokenFileError(
                line, Note(phrases.UNFIT, field=field, why=describe(error))
            ) from error
        size_bytes = len(strict_json.dumps(experience))
        if size_bytes > CONTENT_BYTES_MAX:
            raise BrokenFileError(
                1, Note(phrases.TOO_LONG, size=size_bytes, most=CONTENT_BYTES_MAX)
            )
        return experience


def shortened(text: str, chars_max: int) -> str:
    """Cut text to a limit, at a line end or space if one lies in the last quarter."""
    text = text.strip()
    if len(text) <= chars_max:
        return text
    kept = text[: chars_max - 1]
    for separator in ("\n\n", "\n", " "):
        end = kept.rfind(separator)
        if end > chars_max * 3 // 4:
            kept = kept[:end]
            break
    return kept.rstrip() + "…"
