"""What a record may say of a file: a plain name, a type that runs nowhere, a bounded size."""

from __future__ import annotations

from pathlib import PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from protocol.content import Attachment
from protocol.content.attachment import ENDINGS, MEDIA_TYPES
from protocol.limits import BLOB_BYTES_MAX, FILE_NAME_CHARS_MAX

RUNNABLE = ("text/html", "image/svg+xml", "application/javascript", "application/zip",
            "application/vnd.ms-excel.sheet.macroEnabled.12", "text/xml", "")  # fmt: skip


def an_attachment(**changes: object) -> Attachment:
    """A valid attachment with some fields replaced."""
    fields: dict[str, object] = {
        "sha256": "ab" * 32,
        "name": "Plan.pdf",
        "media_type": "application/pdf",
        "size_bytes": 1,
        "description": "Planen",
    }
    return Attachment.model_validate(fields | changes)


@pytest.mark.parametrize("media_type", MEDIA_TYPES)
def test_every_type_has_endings_of_its_own(media_type: str) -> None:
    """Each type's endings are accepted for it, in any case, and for no other type."""
    for ending in ENDINGS[media_type]:
        assert an_attachment(name=f"Å b{ending.upper()}", media_type=media_type)
        for other in set(MEDIA_TYPES) - {media_type}:
            with pytest.raises(ValidationError):
                an_attachment(name=f"a{ending}", media_type=other)


@pytest.mark.parametrize("media_type", RUNNABLE)
def test_nothing_that_runs_is_named(media_type: str) -> None:
    """Pages, scripts, drawings with scripts, macros and archives have no type here."""
    with pytest.raises(ValidationError):
        an_attachment(media_type=media_type)


@pytest.mark.parametrize(
    "name",
    ["../a.pdf", "a/b.pdf", "C:a.pdf", "a\\b.pdf", ".a.pdf", "a.pdf.", "a\u202efdp.pdf",
     "a\x00.pdf", "a\nb.pdf", "a.pdf.exe", "pdf", "", "x" * FILE_NAME_CHARS_MAX + ".pdf",
     "a\u200b.pdf"],
)  # fmt: skip
def test_a_name_hides_nothing(name: str) -> None:
    """No path, device, hidden file, second ending or character that turns the text around."""
    with pytest.raises(ValidationError):
        an_attachment(name=name)


@given(st.text(max_size=40))
def test_an_accepted_name_is_only_a_name(name: str) -> None:
    """Whatever is accepted is one part of a path on every system."""
    try:
        attachment = an_attachment(name=f"{name}.pdf")
    except ValidationError:
        return
    assert PureWindowsPath(attachment.name).parts == (attachment.name,)


def test_the_size_is_bounded() -> None:
    """A file has at least one byte and at most 25 MiB."""
    assert an_attachment(size_bytes=BLOB_BYTES_MAX).size_bytes == BLOB_BYTES_MAX
    for size_bytes in (0, -1, BLOB_BYTES_MAX + 1, True, "1"):
        with pytest.raises(ValidationError):
            an_attachment(size_bytes=size_bytes)


def test_only_pictures_are_pictures() -> None:
    """What needs a text alternative is known from the type."""
    pictures = {
        media_type
        for media_type in MEDIA_TYPES
        if an_attachment(name="a" + ENDINGS[media_type][0], media_type=media_type).is_picture
    }
    assert pictures == {"image/png", "image/jpeg", "image/gif", "image/webp"}
