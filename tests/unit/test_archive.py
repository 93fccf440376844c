"""Logs as files: a CBOR sequence any library reads, and damage is named by its place."""

from __future__ import annotations

import io

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import LogMaker
from protocol.archive import ITEM_BYTES_MAX, encode_item, read_stream
from protocol.chain import verify_run
from protocol.entry import Envelope
from protocol.errors import MalformedError
from protocol.limits import CONTENT_BYTES_MAX


def _maker(count: int) -> LogMaker:
    maker = LogMaker()
    maker.extend(count)
    return maker


def _file(envelopes: list[Envelope]) -> bytes:
    return b"".join(encode_item(envelope) for envelope in envelopes)


@given(st.integers(0, 30), st.booleans())
def test_an_export_is_read_back_whole(count: int, erased: bool) -> None:
    """What was written comes back in order and verifies from the first entry."""
    maker = _maker(count)
    envelopes = list(maker.envelopes)
    if erased and count:
        envelopes[1] = Envelope(envelopes[1].entry, None)
    read = list(read_stream(io.BytesIO(_file(envelopes))))
    assert read == envelopes
    result = verify_run(None, maker.log, read, every_signature=True, missing_content_allowed=True)
    assert (result.error, result.head) == (None, maker.head)


def test_large_contents_cross_the_buffers_edge() -> None:
    """Items larger than a read are put together again."""
    maker = LogMaker()
    for size in (65_536, 1, 65_000, 40_000, 65_536):
        maker.append("comment", b"x" * size)
    stream = io.BytesIO(_file(maker.envelopes))
    assert list(read_stream(stream)) == maker.envelopes


def test_a_file_is_read_as_far_as_it_is_needed() -> None:
    """However long a log is, little of it lies in memory at once."""
    maker = LogMaker()
    for _ in range(20):
        maker.append("comment", bytes(CONTENT_BYTES_MAX))
    stream = io.BytesIO(_file(maker.envelopes))
    for number, _ in enumerate(read_stream(stream), start=1):
        read_ahead = stream.tell() - len(_file(maker.envelopes[:number]))
        assert read_ahead <= 2 * ITEM_BYTES_MAX


def test_any_cbor_library_reads_an_export() -> None:
    """Each item is an array of entry, salt and content."""
    maker = _maker(2)
    stream = io.BytesIO(_file(maker.envelopes))
    for envelope in maker.envelopes:
        assert cbor2.load(stream) == [envelope.entry.raw, *(envelope.body or ())]


def test_an_empty_file_is_an_empty_log() -> None:
    """Nothing in, nothing out."""
    assert list(read_stream(io.BytesIO(b""))) == []


@given(st.data())
def test_a_cut_file_gives_what_came_before_the_cut(data: st.DataObject) -> None:
    """Every whole entry before the damage is read, and the error names the byte offset."""
    maker = _maker(4)
    whole = _file(maker.envelopes)
    cut = data.draw(st.integers(1, len(whole) - 1))
    sizes = [len(encode_item(envelope)) for envelope in maker.envelopes]
    ends = [sum(sizes[: n + 1]) for n in range(len(sizes))]
    reader = read_stream(io.BytesIO(whole[:cut]))
    if cut in ends:
        assert list(reader) == maker.envelopes[: ends.index(cut) + 1]
        return
    read = [next(reader) for end in ends if end < cut]
    assert read == maker.envelopes[: len(read)]
    with pytest.raises(MalformedError, match=f"at byte {ends[len(read) - 1] if read else 0}:"):
        next(reader)


@given(st.binary(min_size=1, max_size=300))
def test_any_bytes_are_entries_or_a_named_error(data: bytes) -> None:
    """Foreign bytes raise MalformedError only."""
    with pytest.raises(MalformedError):
        list(read_stream(io.BytesIO(data)))


@pytest.mark.parametrize(
    "item",
    ["d81c81 d81d00", "8143", "83 41", "80", "a0", "f6", "8101", "83 41 00 f6 f6", "9b" + "ff" * 8,
     "81 d9 0100 40", "81 c2 41 01", "81 5f 41 01 ff"],
)  # fmt: skip
def test_foreign_items_are_refused(item: str) -> None:
    """Tags, lists without end and other shapes are named errors."""
    with pytest.raises(MalformedError):
        list(read_stream(io.BytesIO(bytes.fromhex(item))))
