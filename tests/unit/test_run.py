"""Runs on the wire: bounded, and only what was packed comes out."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import LogMaker
from protocol import canonical
from protocol import run as run_module
from protocol.entry import Envelope
from protocol.errors import LimitError, MalformedError, RemoteError
from protocol.limits import RUN_BYTES_MAX, RUN_ENTRIES_MAX
from protocol.packed import pack
from protocol.run import (
    announced_bytes,
    cut,
    decode_run,
    encode_run,
    open_run,
    pack_parts,
    pack_runs,
    unfold_run,
)

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


def _maker(count: int) -> LogMaker:
    maker = LogMaker()
    maker.extend(count)
    return maker


@given(st.integers(0, 20), st.sets(st.integers(0, 20)))
def test_a_run_survives_a_round_trip(count: int, erased: set[int]) -> None:
    """Entries come out as they went in, erased content included."""
    envelopes = [
        Envelope(envelope.entry, None) if number in erased else envelope
        for number, envelope in enumerate(_maker(count).envelopes)
    ]
    assert list(decode_run(encode_run(envelopes))) == envelopes


@given(st.integers(0, 12), st.integers(0, 12))
def test_a_piece_of_a_stored_run_is_what_lies_between_two_numbers(after: int, through: int) -> None:
    """Of entries 4 to 8, whatever is asked for; numbers outside them ask for nothing more."""
    stored = _maker(10).envelopes[3:8]
    (run,) = pack_runs(stored)
    asked = [item for item in stored if after < item.entry.header.sequence <= through]
    parts = unfold_run(encode_run(asked)) if asked else []

    assert cut(run.first, run.entry_count, run.payload, after, through) == parts


@given(st.lists(st.integers(0, 900), min_size=1, max_size=30))
def test_a_run_takes_what_goes_into_its_target_and_no_more(sizes: list[int]) -> None:
    """Entry and content count; the next entry would have passed the target."""
    parts = [(bytes(100), bytes(32), bytes(size)) for size in sizes]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_module, "RUN_BYTES_TARGET", 1_000)
        packed = pack_parts(1, parts)

    assert [part for one in packed for part in unfold_run(one.payload)] == parts
    for one in packed:
        bodies = [100 + size for size in sizes[one.first - 1 : one.last]]
        assert sum(bodies) <= 1_000
        assert one is packed[-1] or sum(bodies) + 100 + sizes[one.last] > 1_000


@given(st.binary(max_size=300))
def test_any_payload_is_a_run_or_a_named_error(payload: bytes) -> None:
    """Foreign bytes raise RemoteErrors only, compressed or not."""
    for data in (payload, zstd.compress(payload)):
        with pytest.raises(RemoteError):
            decode_run(data)


@given(st.data())
def test_a_changed_payload_never_changes_an_entry(data: st.DataObject) -> None:
    """A flipped byte is refused or gives bytes that decode by the rules; it never crashes."""
    payload = bytearray(encode_run(_maker(3).envelopes))
    payload[data.draw(st.integers(0, len(payload) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    try:
        decode_run(bytes(payload))
    except RemoteError:
        return


def test_a_bomb_is_refused_without_unfolding_it() -> None:
    """A payload that would unfold to a gigabyte is a LimitError."""
    compressor = zstd.ZstdCompressor()
    bomb = b"".join(compressor.compress(bytes(1_000_000)) for _ in range(100))
    with pytest.raises(LimitError):
        decode_run(bomb + compressor.flush())


def test_a_payload_announces_at_least_what_it_unfolds_to() -> None:
    """One that says nothing counts as the largest, and one that says too little is no run."""
    maker = _maker(3)
    whole = encode_run(maker.envelopes)
    size_bytes = open_run(whole).size_bytes
    compressor = zstd.ZstdCompressor()
    silent = compressor.compress(b"x") + compressor.flush()
    smaller = whole[:5] + bytes((whole[5] - 1,)) + whole[6:]  # RFC 8878: where the size begins

    assert announced_bytes(whole) == size_bytes
    assert announced_bytes(silent) == announced_bytes(b"nothing") == RUN_BYTES_MAX
    assert announced_bytes(smaller) < size_bytes
    with pytest.raises(MalformedError):
        decode_run(smaller)


def test_a_payload_just_beyond_the_bound_is_refused() -> None:
    """The bound counts unfolded bytes."""
    with pytest.raises(LimitError):
        decode_run(zstd.compress(bytes(RUN_BYTES_MAX + 1)))


def _broken() -> dict[str, bytes]:
    items = [pack(envelope) for envelope in _maker(1).envelopes]
    raw, salt, content = items[0]
    whole = zstd.compress(canonical.encode(items))
    return {
        "nothing": b"",
        "no compression": canonical.encode(items),
        "cut": whole[:-1],
        "followed by a byte": whole + b"\x00",
        "followed by a second frame": whole + whole,
        "no entries": zstd.compress(canonical.encode([])),
        "a map": zstd.compress(canonical.encode({})),
        "entry without array": zstd.compress(canonical.encode([raw])),
        "salt without content": zstd.compress(canonical.encode([[raw, salt]])),
        "four parts": zstd.compress(canonical.encode([[raw, salt, content, b""]])),
        "null content": zstd.compress(canonical.encode([[raw, None, None]])),
        "text content": zstd.compress(canonical.encode([[raw, salt, "{}"]])),
        "empty array": zstd.compress(canonical.encode([[]])),
        "lists all the way down": zstd.compress(b"\x81" * 100_000 + b"\x00"),
    }


@pytest.mark.parametrize("name", _broken())
def test_broken_payloads_are_refused_by_name(name: str) -> None:
    """Each is a MalformedError."""
    with pytest.raises(MalformedError):
        decode_run(_broken()[name])


def test_more_entries_than_the_bound_are_refused() -> None:
    """A run holds at most so many entries, however small."""
    first = _maker(0).envelopes
    assert len(decode_run(encode_run(first * RUN_ENTRIES_MAX))) == RUN_ENTRIES_MAX
    with pytest.raises(LimitError):
        decode_run(encode_run(first * (RUN_ENTRIES_MAX + 1)))


def test_a_window_larger_than_any_run_needs_is_refused() -> None:
    """A frame that asks for a gigabyte of window is refused whatever it holds."""
    options = {
        int(zstd.CompressionParameter.window_log): 30,
        int(zstd.CompressionParameter.enable_long_distance_matching): 1,
    }
    compressor = zstd.ZstdCompressor(options=options)
    payload = compressor.compress(canonical.encode([pack(_maker(0).envelopes[0])]))
    with pytest.raises(RemoteError):
        decode_run(payload + compressor.flush())
