"""What a file is by its bytes: one of the few types that records may name, or none of them.

A name alone proves nothing: whoever reads the record opens the file with what its name promises.
Office files are looked into far enough to tell them from other archives and from those with macros.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

from protocol.content.attachment import ENDINGS, MediaType

_HEAD_BYTES = 64
_BEGINNINGS: tuple[tuple[bytes, MediaType], ...] = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
_OFFICE: dict[str, MediaType] = {
    "word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
_TEXT: tuple[MediaType, ...] = ("text/plain", "text/csv")
_CONTROL = frozenset(range(32)) - frozenset(b"\t\n\r\f")
_READ_BYTES = 1024 * 1024


def types_of(path: Path) -> tuple[MediaType, ...]:
    """The types that a file's bytes allow; none when it is nothing that may be attached."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    for beginning, media_type in _BEGINNINGS:
        if head.startswith(beginning):
            return (media_type,)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return ("image/webp",)
    if head.startswith(b"PK"):
        return _inside_archive(path)
    return _TEXT if _is_text(path) else ()


def type_by_name(name: str) -> MediaType | None:
    """The type that a file's name promises."""
    for media_type, endings in ENDINGS.items():
        if name.lower().endswith(endings):
            return media_type
    return None


def _inside_archive(path: Path) -> tuple[MediaType, ...]:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if any(name.lower().endswith("vbaproject.bin") for name in names):
                return ()
            if names and names[0] == "mimetype":
                with archive.open("mimetype") as file:
                    return _open_document(file.read(100))
            if "[Content_Types].xml" in names:
                inside = {part for part in _OFFICE for name in names if name.startswith(part)}
                return tuple(_OFFICE[part] for part in inside) if len(inside) == 1 else ()
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, OSError):
        pass  # broken, encrypted or compressed in an unknown way: none of ours
    return ()


def _open_document(stated: bytes) -> tuple[MediaType, ...]:
    return tuple(
        media_type
        for media_type in ENDINGS
        if media_type.startswith(_OPEN_DOCUMENT) and media_type.encode() == stated.strip()
    )


def _is_text(path: Path) -> bool:
    with path.open("rb") as file:
        while piece := file.read(_READ_BYTES):
            if not _CONTROL.isdisjoint(piece):
                return False
    return True
