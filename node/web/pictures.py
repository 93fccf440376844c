"""Which of a record's files are shown as pictures on its page, and where its texts place them.

A file is shown when its bytes are the picture that the record says, it stands still (what moves
needs a way to stop it, WCAG 2.2.2), and neither its bytes nor its pixels are too many for a page of
text. The rest are downloads. A picture is shown once: where a text places it, else in the list.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from node.operations.node import Node
from node.operations.personal_data import Finding
from node.web.message import Message
from node.web.picture_reading import Picture, read_picture
from protocol.blob_messages import Blob
from protocol.content import Attachment

SHOWN_BYTES_MAX = 8 * 1024 * 1024
SHOWN_PIXELS_MAX = 25_000_000
"""A browser needs four bytes for each."""
SHOWN_SIDE_PIXELS_MAX = 16_000
PUBLISHED = "/bilder"
POSITION = "plats"
"""What a finding about a picture is called in templates/preview.html."""
_REMEMBERED_MAX = 4_096


class Held(NamedTuple):
    """What is here of a record's files: digests, and by digest the pictures that may be shown."""

    digests: frozenset[str] = frozenset()
    pictures: Mapping[str, Picture] = {}


NOTHING_HELD = Held()


class FilesShown:
    """The files of one record on one page; notes which pictures its texts have placed.

    ``address`` is where pictures are asked for; ``coming`` says that what is not here is on its
    way, ``downloads`` that what is here can be downloaded.
    """

    def __init__(
        self,
        files: Sequence[Attachment],
        held: Held = NOTHING_HELD,
        *,
        address: str = PUBLISHED,
        coming: bool = False,
        downloads: bool = False,
    ) -> None:
        self._held = held
        self._address = address
        self._placed: set[str] = set()
        self._pictures = {one.name: one for one in reversed(files) if one.is_picture}
        self.coming = coming
        self.downloads = downloads

    @property
    def names(self) -> list[str]:
        """What a text may place, the longest first."""
        return sorted(self._pictures, key=len, reverse=True)

    def place(self, name: str) -> Attachment | None:
        """The picture of a name for its one place; None when there is none or it has a place."""
        file = self._pictures.get(name)
        if file is None or file.sha256 in self._placed:
            return None
        self._placed.add(file.sha256)
        return file

    def is_placed(self, file: Attachment) -> bool:
        """Whether a text has placed it already."""
        return file.sha256 in self._placed

    def is_here(self, file: Attachment) -> bool:
        """Whether its bytes are here."""
        return file.sha256 in self._held.digests

    def picture(self, file: Attachment) -> Picture | None:
        """The picture that a file is, when it may be shown."""
        picture = self._held.pictures.get(file.sha256)
        return picture if picture and picture.media_type == file.media_type else None

    def picture_url(self, file: Attachment) -> str:
        """Where the picture is asked for."""
        return f"{self._address}/{file.sha256}/{quote(file.name, safe='')}"


async def look_up(node: Node, files: Sequence[Attachment]) -> Held:
    """Which of a record's files are here, and what those that may be shown are."""
    if not files:
        return NOTHING_HELD
    digests = {bytes.fromhex(one.sha256) for one in files}
    held = await node.blob_store.held(digests)
    pictures = {}
    for one in files:
        blob = held.get(bytes.fromhex(one.sha256))
        if not one.is_picture or blob is None or not may_be_shown(blob):
            continue
        if not await node.sync.blobs.is_whole(blob):
            del held[blob.digest]
        elif (picture := await look_into(node, blob)) and is_shown(picture):
            pictures[one.sha256] = picture
    return Held(frozenset(digest.hex() for digest in held), pictures)


async def look_into(node: Node, blob: Blob) -> Picture | None:
    """The picture that a file is; None when it is none, or no longer whole."""
    if not await node.sync.blobs.is_whole(blob):
        return None
    return await asyncio.to_thread(_read, node.blob_files.path_of(blob.digest))


def may_be_shown(blob: Blob) -> bool:
    """Whether a file is small enough to be shown."""
    return blob.size_bytes <= SHOWN_BYTES_MAX


def is_shown(picture: Picture) -> bool:
    """Whether a picture stands still and has no more pixels than a page can bear."""
    return (
        not picture.is_moving
        and max(picture.width, picture.height) <= SHOWN_SIDE_PIXELS_MAX
        and picture.width * picture.height <= SHOWN_PIXELS_MAX
    )


async def find_positions(node: Node, files: Iterable[Attachment]) -> list[Finding]:
    """The pictures that say where they were taken, as something to look at before publishing."""
    found = []
    for one in files:
        blob = Blob(bytes.fromhex(one.sha256), one.size_bytes)
        if not one.is_picture or blob.digest not in await node.blob_store.held([blob.digest]):
            continue
        picture = await look_into(node, blob)
        if picture and picture.has_position:
            found.append(Finding(Message("Bilagor"), POSITION, one.name))
    return found


def _read(path: Path) -> Picture | None:
    try:
        return _read_once(path)
    except OSError:
        return None  # it went away since it was looked up


@lru_cache(_REMEMBERED_MAX)
def _read_once(path: Path) -> Picture | None:
    """The same for ever: files are named by their digest, which was compared before."""
    return read_picture(path.read_bytes())
