"""What a record says of a file that travels apart from it (docs/protocol.md §11.8).

The types are few and none of them runs: no script, no page, no macro, no archive. A name's ending
belongs to its type, so what a reader's computer opens the file with follows from this list alone,
whatever the bytes are.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self, get_args

from pydantic import Field, StringConstraints, model_validator

from protocol.content.base import LINE_ENDS, Content, HexId, Line
from protocol.limits import BLOB_BYTES_MAX, FILE_NAME_CHARS_MAX

MediaType = Literal[
    "application/pdf",
    "application/vnd.oasis.opendocument.presentation",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "image/gif",
    "image/jpeg",
    "image/png",
    "image/webp",
    "text/csv",
    "text/plain",
]
MEDIA_TYPES: tuple[MediaType, ...] = get_args(MediaType)
ENDINGS: dict[MediaType, tuple[str, ...]] = dict(
    zip(
        MEDIA_TYPES,
        (
            (".pdf",),
            (".odp",),
            (".ods",),
            (".odt",),
            (".pptx",),
            (".xlsx",),
            (".docx",),
            (".gif",),
            (".jpg", ".jpeg"),
            (".png",),
            (".webp",),
            (".csv",),
            (".txt", ".md"),
        ),
        strict=True,
    )
)
"""What a file of each type may be called, the usual ending first."""

REFUSED_IN_NAMES = r'\\/:*?"<>|\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff'
"""What no name may hold, as the inside of a character class."""
FILE_NAME_PATTERN = rf"^[^.\s{REFUSED_IN_NAMES}]([^\t\n{REFUSED_IN_NAMES}]*[^.\s])?$"
"""A name without a path, a device or a character that hides its ending."""
FILE_NAME_REGEX = re.compile(FILE_NAME_PATTERN)
FileName = Annotated[
    str,
    StringConstraints(min_length=1, max_length=FILE_NAME_CHARS_MAX, pattern=FILE_NAME_PATTERN),
    LINE_ENDS,
]


class Attachment(Content):
    """A file named by its digest; of a picture, ``description`` is the text alternative."""

    sha256: HexId
    name: FileName
    media_type: MediaType
    size_bytes: Annotated[int, Field(ge=1, le=BLOB_BYTES_MAX)]
    description: Line

    @model_validator(mode="after")
    def _check_ending(self) -> Self:
        if not self.name.lower().endswith(ENDINGS[self.media_type]):
            raise ValueError("the ending of an attachment's name must belong to its type")
        return self

    @property
    def is_picture(self) -> bool:
        """Whether it is a picture."""
        return self.media_type.startswith("image/")
