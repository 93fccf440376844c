"""What a picture's own bytes say of it: kind, size in pixels, whether it moves, where it is from.

Pure, for bytes from anyone. Only the outermost structure is read and no pixel is decoded: that is
the browser's matter. A file that is cut off before its size is known, whose structure does not add
up, or that has more parts than any honest one is no picture. Of the libraries that do this the
small ones tell sizes only, and the others decode.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from node.web.picture_metadata import NOTHING, Metadata, both, read_exif, read_xmp
from protocol.content.attachment import MediaType

PARTS_MAX = 200_000
"""A file of 25 MiB in the smallest pieces that encoders write has half of that."""
_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_JPEG_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_JPEG_SCAN, _JPEG_APP1 = 0xDA, 0xE1
_GIF_EXTENSION, _GIF_FRAME, _GIF_END = 0x21, 0x2C, 0x3B


class Picture(NamedTuple):
    """A picture; ``width`` and ``height`` in pixels, as it is shown."""

    media_type: MediaType
    width: int
    height: int
    is_moving: bool = False
    has_position: bool = False
    """It says where it was taken."""


def read_picture(data: bytes) -> Picture | None:
    """The picture that these bytes are, or None when they are none of the four kinds."""
    try:
        if data.startswith(_PNG):
            return _read_png(data)
        if data.startswith(_JPEG):
            return _read_jpeg(data)
        if data[:6] in (b"GIF87a", b"GIF89a"):
            return _read_gif(data)
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return _read_webp(data)
    except (struct.error, IndexError, ValueError):
        return None
    return None


def _picture(
    media_type: MediaType,
    size: tuple[int, int],
    found: Metadata = NOTHING,
    *,
    is_moving: bool = False,
) -> Picture:
    if not all(size):
        raise ValueError("a picture without a size")
    width, height = reversed(size) if found.is_lying else size
    return Picture(media_type, width, height, is_moving, found.has_position)


def _read_png(data: bytes) -> Picture:
    kind, header = next(_png_chunks(data))
    if kind != b"IHDR":
        raise ValueError("a PNG begins with its size")
    found, kinds = NOTHING, set()
    for kind, chunk in _png_chunks(data):
        kinds.add(kind)
        if kind == b"eXIf":
            found = both(found, read_exif(chunk))
        elif kind == b"iTXt":
            found = both(found, read_xmp(chunk))
    if b"IDAT" not in kinds:
        raise ValueError("nothing to show")
    size = struct.unpack_from(">II", header)
    return _picture("image/png", size, found, is_moving=b"acTL" in kinds)


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    offset = len(_PNG)
    for _ in range(PARTS_MAX):
        length, kind = struct.unpack_from(">I4s", data, offset)
        yield kind, data[offset + 8 : offset + 8 + length]
        offset += 12 + length
        if kind == b"IEND" or offset >= len(data):
            return
    raise ValueError("too many chunks")


def _read_jpeg(data: bytes) -> Picture:
    found, size = NOTHING, (0, 0)
    for marker, segment in _jpeg_segments(data):
        if marker == _JPEG_APP1:
            read = read_exif if segment.startswith(b"Exif\x00\x00") else read_xmp
            found = both(found, read(segment))
        elif marker in _JPEG_SIZES:
            height, width = struct.unpack_from(">HH", segment, 1)
            size = (max(size[0], width), max(size[1], height))
    return _picture("image/jpeg", size, found)


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Markers with what belongs to them, up to where the pixels begin."""
    offset = 2
    for _ in range(PARTS_MAX):
        sign, marker = struct.unpack_from("BB", data, offset)
        if sign != 0xFF:
            raise ValueError("a marker is missing")
        if marker == 0xFF:  # may stand any number of times before a marker
            offset += 1
            continue
        if marker == _JPEG_SCAN:
            return
        if marker in _JPEG_ALONE:
            offset += 2
            continue
        (length,) = struct.unpack_from(">H", data, offset + 2)
        yield marker, data[offset + 4 : offset + 2 + length]
        offset += 2 + length
    raise ValueError("too many segments")


def _read_gif(data: bytes) -> Picture:
    """The size is the screen's or a frame's, whichever is larger: so browsers have it."""
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    offset = 13 + _color_table_bytes(flags)
    frames = 0
    for _ in range(PARTS_MAX):
        if frames > 1 or offset == len(data) or data[offset] == _GIF_END:
            break
        if data[offset] == _GIF_EXTENSION:
            offset = _after_blocks(data, offset + 2)
        elif data[offset] == _GIF_FRAME:
            left, top, wide, high, flags = struct.unpack_from("<HHHHB", data, offset + 1)
            width, height = max(width, left + wide), max(height, top + high)
            frames += 1
            offset = _after_blocks(data, offset + 11 + _color_table_bytes(flags))
        else:
            raise ValueError("no block begins like this")
    if not frames:
        raise ValueError("nothing to show")
    return _picture("image/gif", (width, height), is_moving=frames > 1)


def _color_table_bytes(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _after_blocks(data: bytes, offset: int) -> int:
    for _ in range(PARTS_MAX):
        length = data[offset]
        offset += 1 + length
        if not length:
            return offset
    raise ValueError("too many blocks")


def _read_webp(data: bytes) -> Picture:
    found, size, is_moving, kinds = NOTHING, (0, 0), False, set()
    for kind, chunk in _webp_chunks(data):
        kinds.add(kind)
        width, height = _webp_size(kind, chunk)
        size = (max(size[0], width), max(size[1], height))
        if kind == b"EXIF":
            found = both(found, read_exif(chunk))
        elif kind == b"XMP ":
            found = both(found, read_xmp(chunk))
        is_moving = is_moving or kind == b"ANMF" or (kind == b"VP8X" and bool(chunk[0] & 0x02))
    if kinds.isdisjoint({b"VP8 ", b"VP8L", b"ANMF"}):
        raise ValueError("nothing to show")
    return _picture("image/webp", size, found, is_moving=is_moving)


def _webp_size(kind: bytes, chunk: bytes) -> tuple[int, int]:
    """The size that a chunk states, and nothing when it states none."""
    if kind == b"VP8X":
        width, width_high, height, height_high = struct.unpack_from("<4xHBHB", chunk)
        return width + (width_high << 16) + 1, height + (height_high << 16) + 1
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", chunk, 6)
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", chunk, 1)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return 0, 0


def _webp_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    offset = 12
    for _ in range(PARTS_MAX):
        if offset >= len(data):
            return
        kind, length = struct.unpack_from("<4sI", data, offset)
        yield kind, data[offset + 8 : offset + 8 + length]
        offset += 8 + length + length % 2
    raise ValueError("too many chunks")
