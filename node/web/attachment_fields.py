"""Attachments in the form for a record: typed texts to what the record says of a file, and back.

Pure. Whether the files are here and what they really are is looked up in node/web/uploads.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from node.web.form_fields import ATTACHMENTS, REPEATED_ROWS_MAX
from node.web.message import Message
from protocol.content import Attachment, Experience
from protocol.content.attachment import ENDINGS, MediaType
from protocol.limits import FILE_NAME_CHARS_MAX, LINE_CHARS_MAX

PREFIX = ATTACHMENTS.repeated
CHOOSER = "fil"
"""The control that a file is chosen with; errors about choosing stand there."""
_NAMES = tuple(field.name for field in ATTACHMENTS.fields)
_NOT_IN_NAMES = re.compile(
    r'[\\/:*?"<>|\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]'
)
FIXED_NAMES = frozenset(
    f"{PREFIX}_{row}_{name}"
    for row in range(REPEATED_ROWS_MAX)
    for name in ("sha256", "media_type", "size_bytes")
)
"""What is carried in hidden fields; nobody typed it."""
NO_DESCRIPTION = Message("Skriv vad filen innehåller")
NO_ALTERNATIVE = Message("Beskriv bilden i ord, för den som inte kan se den")
TOO_LONG = Message(
    "Beskrivningen är för lång, högst %(most)s tecken får plats", most=LINE_CHARS_MAX
)


def attachment_row(values: Mapping[str, str], row: int) -> dict[str, str]:
    """One row of the form, without the prefix of its names."""
    return {name: values.get(f"{PREFIX}_{row}_{name}", "") for name in _NAMES}


def attachment_rows(values: Mapping[str, str]) -> list[tuple[int, dict[str, str]]]:
    """The rows that name a file, each with its number."""
    rows = [(row, attachment_row(values, row)) for row in range(REPEATED_ROWS_MAX)]
    return [(row, one) for row, one in rows if one["sha256"]]


def put_rows(values: dict[str, str], rows: list[dict[str, str]]) -> None:
    """Replace the rows in a form's values, numbered anew."""
    for row in range(REPEATED_ROWS_MAX):
        for name in _NAMES:
            values.pop(f"{PREFIX}_{row}_{name}", None)
    for row, one in enumerate(rows[:REPEATED_ROWS_MAX]):
        values |= {f"{PREFIX}_{row}_{name}": text for name, text in one.items()}


def attachment_values(experience: Experience) -> dict[str, str]:
    """The form's texts for the files of a record that is to be edited."""
    values: dict[str, str] = {}
    put_rows(values, [_texts(one) for one in experience.attachments])
    return values


def _texts(attachment: Attachment) -> dict[str, str]:
    return {name: str(getattr(attachment, name)) for name in _NAMES}


def read_attachments(
    values: Mapping[str, str], previous: Experience | None
) -> tuple[tuple[dict[str, Any], ...], dict[str, str]]:
    """What the record says of its files, and errors by field.

    Of files beyond those the form has room for, what the previous version said stays.
    """
    found: list[dict[str, Any]] = []
    errors: dict[str, str] = {}
    for row, one in attachment_rows(values):
        description = " ".join(one["description"].split())
        field = f"{PREFIX}_{row}_description"
        if not description:
            is_picture = one["media_type"].startswith("image/")
            errors[field] = NO_ALTERNATIVE if is_picture else NO_DESCRIPTION
        elif len(description) > LINE_CHARS_MAX:
            errors[field] = TOO_LONG
        size = one["size_bytes"]
        size_bytes = int(size) if size.isascii() and size.isdigit() and len(size) < 12 else 0
        found.append(one | {"description": description, "size_bytes": size_bytes})
    beyond = previous.attachments[REPEATED_ROWS_MAX:] if previous else ()
    return (*found, *(one.model_dump() for one in beyond)), errors


def file_name(given: str, media_type: MediaType) -> str:
    """A name that a record may give a file: the given one without what may not be in it."""
    plain = _NOT_IN_NAMES.sub("_", given.replace("\\", "/").rpartition("/")[2]).strip(" .")
    stem, ending = _parted(plain, media_type)
    return (stem[: FILE_NAME_CHARS_MAX - len(ending)].strip(" .") or "fil") + ending


def _parted(name: str, media_type: MediaType) -> tuple[str, str]:
    for ending in ENDINGS[media_type]:
        if name.lower().endswith(ending):
            return name[: -len(ending)], name[-len(ending) :]
    return name, ENDINGS[media_type][0]
