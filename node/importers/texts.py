"""Bytes of a file → text, whatever program wrote it.

UTF-8 with or without a byte order mark, UTF-16 with one (what Excel calls Unicode text), and, where
a format allows it, Windows-1252, in which older Swedish programs save. What is no text is refused
with what to do instead.
"""

from __future__ import annotations

import codecs
from typing import NamedTuple

from node.importers import phrases
from node.importers.notes import Note
from node.importers.result import BrokenFileError

FILE_BYTES_MAX = 1_000_000
UTF8, UTF16, WINDOWS = "UTF-8", "UTF-16", "Windows-1252"
ENCODINGS = {UTF8: "utf-8-sig", UTF16: "utf-16", WINDOWS: "cp1252"}
"""Names for people, and what Python calls them."""
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
"""How Excel's and LibreOffice's own files begin, new and old."""


class Decoded(NamedTuple):
    """A text with line feeds for line ends, and the encoding that it was read in."""

    text: str
    encoding: str


def decode(data: bytes, *, encoding: str = "", windows_too: bool = False) -> Decoded:
    """Read bytes as text; `encoding` is one of ENCODINGS, or "" to find out.

    Raises `BrokenFileError` with the line of the first byte that does not fit.
    """
    if data.startswith(_WORKBOOKS):
        raise BrokenFileError(1, Note(phrases.WORKBOOK))
    chosen = encoding if encoding in ENCODINGS else _found(data, windows_too)
    try:
        text = data.decode(ENCODINGS[chosen])
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        reason = phrases.NOT_UTF8 if chosen == UTF8 else phrases.NO_TEXT
        raise BrokenFileError(line, Note(reason)) from error
    return Decoded(text.replace("\r\n", "\n").replace("\r", "\n"), chosen)


def _found(data: bytes, windows_too: bool) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return UTF16
    if not windows_too:
        return UTF8
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return WINDOWS
    return UTF8
