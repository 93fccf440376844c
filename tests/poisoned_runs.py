"""Runs that break a rule, each in its own way: what a hostile neighbour sends for a log."""

from __future__ import annotations

import sys
from collections.abc import Callable

from factories import LogMaker, flipped, resigned, signing_key
from protocol.identity import KEY_KIND, KeyEvent, next_key_digest, rotation_content
from protocol.limits import RUN_BYTES_MAX
from protocol.run import encode_run

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

Poison = Callable[[LogMaker], bytes]


def changed_content(maker: LogMaker) -> bytes:
    """An entry whose content is not what the header commits to."""
    return encode_run([maker.sealed("comment", b'{"schema":1}', delivered=b'{"schema":2}')])


def gap(maker: LogMaker) -> bytes:
    """An entry that leaves one number out."""
    return encode_run([maker.sealed("comment", b"{}", sequence=maker.head.sequence + 2)])


def foreign_link(maker: LogMaker) -> bytes:
    """An entry that does not follow the one before it."""
    return encode_run([maker.sealed("comment", b"{}", previous=bytes(32))])


def other_log(maker: LogMaker) -> bytes:
    """An entry of another log."""
    return encode_run([maker.sealed("comment", b"{}", log=bytes(32))])


def garbage(_maker: LogMaker) -> bytes:
    """Bytes that are no run at all."""
    return b"not zstd, not CBOR"


def bomb(_maker: LogMaker) -> bytes:
    """A few bytes that unfold to far more than allowed."""
    return zstd.compress(bytes(10 * RUN_BYTES_MAX))


def flipped_entry(maker: LogMaker) -> bytes:
    """An entry with one bit of its fixed prefix turned over."""
    item = maker.sealed("comment", b"{}")
    raw, body = item.entry.raw, item.body
    assert body is not None
    return zstd.compress(b"\x81\x83" + _octets(flipped(raw, 3)) + _octets(body.salt) + b"\x42{}")


def uncommitted_key(maker: LogMaker) -> bytes:
    """A change of key to one that nobody has committed to."""
    event = KeyEvent(signing_key(98).public_key, next_key_digest(signing_key(99).public_key))
    return encode_run([maker.sealed(KEY_KIND, rotation_content(event), key=signing_key(98))])


def forged_key_event(maker: LogMaker) -> bytes:
    """A change of key that another key has signed."""
    rotation = maker.fork().rotate()
    return encode_run([resigned(rotation, signing_key(99).sign(rotation.entry.payload))])


def weak_signature(maker: LogMaker) -> bytes:
    """A change of key whose signature has a point of low order, as no honest author makes."""
    return encode_run([resigned(maker.fork().rotate(), bytes(64))])


def _octets(data: bytes) -> bytes:
    assert 24 <= len(data) < 65536
    head = b"\x58" + bytes((len(data),)) if len(data) < 256 else b"\x59" + len(data).to_bytes(2)
    return head + data
