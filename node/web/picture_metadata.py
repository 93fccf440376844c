"""What cameras and phones write into a picture beside it: which way is up, and where it was taken.

Pure, for bytes from anyone: what is cut off or makes no sense says nothing. Read are EXIF, which is
a TIFF file of its own inside the picture, and the text of XMP. A position may stand elsewhere too
(a compressed profile, a maker's own field), so finding none proves nothing.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

_BYTE_ORDERS = {b"II*\x00": "<", b"MM\x00*": ">"}
_ORIENTATION, _GPS = 0x0112, 0x8825
_LATITUDE, _LONGITUDE = 2, 4
_ENTRY_BYTES = 12
_LYING = range(5, 9)
"""Orientations that are shown with width and height exchanged."""
_IN_XMP = (b"GPSLatitude", b"GPSLongitude")


class Metadata(NamedTuple):
    """``is_lying``: it is shown turned by a quarter; ``has_position``: it says where it is from."""

    is_lying: bool = False
    has_position: bool = False


NOTHING = Metadata()


def read_exif(data: bytes) -> Metadata:
    """Read a TIFF structure, with or without the word before it that JPEG has."""
    tiff = data.removeprefix(b"Exif\x00\x00")
    order = _BYTE_ORDERS.get(tiff[:4])
    if order is None:
        return NOTHING
    try:
        first = dict(_entries(tiff, order, struct.unpack_from(order + "I", tiff, 4)[0]))
        orientation = struct.unpack_from(order + "H", first.get(_ORIENTATION, b"\x00\x00"))[0]
        position: set[int] = set()
        if _GPS in first:
            where = struct.unpack_from(order + "I", first[_GPS])[0]
            position = {tag for tag, _ in _entries(tiff, order, where)}
    except struct.error:
        return NOTHING
    return Metadata(orientation in _LYING, bool(position & {_LATITUDE, _LONGITUDE}))


def read_xmp(data: bytes) -> Metadata:
    """Read the text of an XMP packet."""
    return Metadata(has_position=any(name in data for name in _IN_XMP))


def both(one: Metadata, other: Metadata) -> Metadata:
    """What either of two says."""
    return Metadata(
        one.is_lying or other.is_lying,
        one.has_position or other.has_position,
    )


def _entries(tiff: bytes, order: str, offset: int) -> Iterator[tuple[int, bytes]]:
    """The tags of one directory, each with the four bytes where its value or its place stands."""
    (count,) = struct.unpack_from(order + "H", tiff, offset)
    for start in range(offset + 2, offset + 2 + count * _ENTRY_BYTES, _ENTRY_BYTES):
        tag, _, _, value = struct.unpack_from(order + "HHI4s", tiff, start)
        yield tag, value
