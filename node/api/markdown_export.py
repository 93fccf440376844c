"""A list as Markdown: one file for each record, in a tar archive written as it is read. Pure.

Each file is what `tidan import markdown` reads back. An archive that is written forwards needs no
memory for what it holds already, which a ZIP file's list at its end does.
"""

from __future__ import annotations

import tarfile
import zlib
from collections.abc import Iterable
from typing import Final

from node.api.record_stream import Exported
from node.importers import experience_to_markdown
from node.web.swedish import slug

CONTENT_TYPE: Final = "application/gzip"
GZIP_WINDOW_BITS: Final = 31
LEVEL: Final = 6
NAME_CHARS_MAX: Final = 60


class MarkdownArchive:
    """A `.tar.gz` in the making: what it gives, joined, is the file."""

    def __init__(self) -> None:
        self._packer = zlib.compressobj(LEVEL, zlib.DEFLATED, GZIP_WINDOW_BITS)

    def add(self, batch: Iterable[Exported]) -> bytes:
        """The next part of the file, perhaps empty; a record without text is left out."""
        packed = [
            self._packer.compress(_member(one, experience_to_markdown(one.content).encode()))
            for one in batch
            if one.content is not None
        ]
        return b"".join(packed)

    def end(self) -> bytes:
        """The last part."""
        return self._packer.compress(bytes(2 * tarfile.BLOCKSIZE)) + self._packer.flush()


def _member(one: Exported, text: bytes) -> bytes:
    entry = tarfile.TarInfo(file_name(one))
    entry.size = len(text)
    entry.mtime = one.row.changed_ms // 1000
    padding = bytes(-len(text) % tarfile.BLOCKSIZE)
    return entry.tobuf(tarfile.PAX_FORMAT) + text + padding


def file_name(one: Exported) -> str:
    """What a record's file is called: municipality, words of the title, beginning of its id."""
    words = slug(one.row.title)[:NAME_CHARS_MAX].strip("-") or "erfarenhet"
    return f"{one.row.code or '0000'}-{words}-{one.row.record_id.hex()[:12]}.md"
