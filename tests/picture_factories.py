"""Small pictures that browsers really show, and what cameras write into them."""

from __future__ import annotations

import base64
import struct
import zlib

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
LATITUDE, LONGITUDE, ORIENTATION, GPS = 2, 4, 0x0112, 0x8825


def png_chunk(kind: bytes, data: bytes) -> bytes:
    """One chunk with its checksum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *chunks: tuple[bytes, bytes], grey: int = 96) -> bytes:
    """A grey picture, with more chunks before its pixels."""
    rows = (b"\x00" + bytes([grey]) * width) * height
    return b"".join(
        (
            PNG_SIGNATURE,
            png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)),
            *(png_chunk(*chunk) for chunk in chunks),
            png_chunk(b"IDAT", zlib.compress(rows)),
            png_chunk(b"IEND", b""),
        )
    )


def gif(width: int, height: int, frames: int = 1) -> bytes:
    """A picture of one colour and so many frames, each with nothing in it but an end."""
    frame = struct.pack("<BHHHHB", 0x2C, 0, 0, width, height, 0) + b"\x02\x02\x4c\x01\x00"
    screen = struct.pack("<HHBBB", width, height, 0x80, 0, 0)
    return b"GIF89a" + screen + bytes(6) + b"\x21\xf9\x04" + bytes(5) + frame * frames + b"\x3b"


def exif(*, orientation: int = 1, position: bool = False, order: str = "<") -> bytes:
    """What a camera says: which way is up, and where it stood."""
    head = {"<": b"II*\x00", ">": b"MM\x00*"}[order] + struct.pack(order + "I", 8)
    entries = [struct.pack(order + "HHIHH", ORIENTATION, 3, 1, orientation, 0)]
    where = b""
    if position:
        place = 8 + 2 + 2 * 12 + 4
        entries.append(struct.pack(order + "HHII", GPS, 4, 1, place))
        tags = [struct.pack(order + "HHII", tag, 5, 3, 0) for tag in (LATITUDE, LONGITUDE)]
        where = struct.pack(order + "H", len(tags)) + b"".join(tags) + bytes(4)
    directory = struct.pack(order + "H", len(entries)) + b"".join(entries) + bytes(4)
    return head + directory + where


def jpeg(segment: bytes = b"", marker: int = 0xE1) -> bytes:
    """A real picture of 24 × 16 pixels, with one more segment at its beginning."""
    extra = struct.pack(">BBH", 0xFF, marker, len(segment) + 2) + segment if segment else b""
    return JPEG[:2] + extra + JPEG[2:]


def jpeg_with_exif(*, orientation: int = 1, position: bool = False, order: str = "<") -> bytes:
    """The same picture with what a camera says."""
    said = exif(orientation=orientation, position=position, order=order)
    return jpeg(b"Exif\x00\x00" + said)


def webp(*chunks: tuple[bytes, bytes]) -> bytes:
    """A real picture of 24 × 16 pixels; with chunks in the extended form."""
    inside = WEBP[12:]
    if chunks:
        flags = b"\x08\x00\x00\x00" + b"\x17\x00\x00" + b"\x0f\x00\x00"
        inside = _webp_chunk(b"VP8X", flags) + inside
        inside += b"".join(_webp_chunk(*chunk) for chunk in chunks)
    return b"RIFF" + struct.pack("<I", 4 + len(inside)) + b"WEBP" + inside


def _webp_chunk(kind: bytes, data: bytes) -> bytes:
    return kind + struct.pack("<I", len(data)) + data + b"\x00" * (len(data) % 2)


JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABsSFBcUERsXFhceHBsgKEIrKCUlKFE6PTBCYFVlZF9VXVtqeJmBanGQ"
    "c1tdhbWGkJ6jq62rZ4C8ybqmx5moq6T/2wBDARweHigjKE4rK06kbl1upKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSk"
    "pKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKT/wAARCAAQABgDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAA"
    "AAP/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/8QAFQEBAQAAAAAAAAAAAAAAAAAAAAT/xAAUEQEAAAAAAAAAAAAAAAAA"
    "AAAA/9oADAMBAAIRAxEAPwCQCpMAA//Z"
)
WEBP = base64.b64decode(
    "UklGRjwAAABXRUJQVlA4IDAAAACwAgCdASoYABAAPxFysFAsJqSisAgBgCIJQAAPZAAA/su3/uk/U/0X970tcFoAAAA="
)
