"""Files when something fails: our own disk, a link, a verdict that comes late."""

from __future__ import annotations

from random import Random

import pytest

from memory_blobs import blob_of
from protocol import effects
from protocol.blob_messages import Blob, BlobHere, BlobPiece, NoBlob, Piece, WantBlob
from protocol.blob_plan import BEFORE, BlobPlan, Verdict
from protocol.blob_traffic import BlobEnd
from protocol.errors import LocalError
from protocol.limits import BLOB_PIECE_BYTES_MAX, BLOBS_IN_VAIN_MAX
from protocol.transitions import State
from session_puppet import LINK, Puppet, make_puppet, messages

LARGE = Random(1).randbytes(3 * BLOB_PIECE_BYTES_MAX)
LARGE_BLOB = blob_of(LARGE)
SMALL_BLOB = blob_of(b"abc")


def asked_of(puppet: Puppet, blob: Blob) -> list[Piece]:
    """Let the node want a file; returns the pieces that it asks the puppet for."""
    asked = messages(puppet.node.hub.blobs.want(blob, 0, 0))
    return [message.piece for message in asked if isinstance(message, WantBlob)]


@pytest.mark.parametrize("data", [b"ab", b"abcd"])
def test_a_piece_that_was_not_asked_for_is_our_own_mistake(data: bytes) -> None:
    """Nobody asked, or for another length: an error here, and nothing on the wire."""
    puppet = make_puppet(State.LIVE)
    piece = Piece(SMALL_BLOB, 0, 3)
    with pytest.raises(LocalError):
        puppet.node.hub.blobs.supply(LINK, piece, b"abc")
    puppet.give(WantBlob(piece))
    with pytest.raises(LocalError):
        puppet.node.hub.blobs.supply(LINK, piece, data)


def test_what_was_asked_for_in_vain_is_remembered_within_bounds() -> None:
    """Of very many files the one asked for longest ago is forgotten; of the others it hears."""
    puppet = make_puppet(State.LIVE)
    blobs = [Blob(number.to_bytes(32, "big"), 1) for number in range(BLOBS_IN_VAIN_MAX + 1)]
    for blob in blobs:
        puppet.give(WantBlob(Piece(blob, 0, 1)))
        puppet.node.hub.blobs.supply(LINK, Piece(blob, 0, 1), None)

    told = [messages(puppet.node.hub.blobs.held(blob)) for blob in blobs]

    assert told == [[], *([BlobHere(blob)] for blob in blobs[1:])]


def test_a_file_that_is_wanted_twice_is_asked_for_once() -> None:
    """Two records that name one file lead to one request."""
    puppet = make_puppet(State.LIVE)
    asked = [asked_of(puppet, SMALL_BLOB) for _ in range(2)]

    assert asked == [[Piece(SMALL_BLOB, 0, 3)], []]
    assert puppet.node.hub.blobs.count == 1


@pytest.mark.parametrize("answer", ["piece", "refusal"])
def test_a_file_that_our_disk_cannot_take_is_dropped(answer: str) -> None:
    """Nobody is blamed, and what still comes of it is passed over."""
    puppet = make_puppet(State.LIVE)
    first, second, *_ = asked_of(puppet, LARGE_BLOB)
    traffic = puppet.node.hub.blobs
    arrived = puppet.give(BlobPiece(LARGE_BLOB.digest, 0, LARGE[: first.length]))
    failed = traffic.finished(LARGE_BLOB, 1, BlobEnd.FAILED, 0)
    later = puppet.give(
        BlobPiece(LARGE_BLOB.digest, second.offset, bytes(second.length))
        if answer == "piece"
        else NoBlob(LARGE_BLOB.digest, second.offset, "not_held")
    )

    assert [type(effect) for effect in arrived] == [effects.BlobArrived]
    assert (failed, later) == ([], [])
    assert not traffic.wants(LARGE_BLOB)
    assert puppet.state() is State.LIVE


@pytest.mark.parametrize("end", [BlobEnd.WRONG, BlobEnd.HELD])
def test_a_verdict_may_come_after_its_link_is_gone(end: BlobEnd) -> None:
    """A wrong file begins anew, and nobody who is still there is blamed for it."""
    puppet = make_puppet(State.LIVE)
    asked_of(puppet, SMALL_BLOB)
    puppet.give(BlobPiece(SMALL_BLOB.digest, 0, b"xyz"))
    hub = puppet.node.hub
    hub.disconnected(LINK, 0)
    written = hub.blobs.written(SMALL_BLOB, 1, 3)
    finished = hub.blobs.finished(SMALL_BLOB, 1, end, 0)

    assert (written, finished) == ([], [])
    assert hub.blobs.wants(SMALL_BLOB) is (end is BlobEnd.WRONG)


def test_a_file_that_began_anew_comes_whole_from_one_link() -> None:
    """After a lie that nobody can be blamed for, a link that is lost on the way begins anew."""
    plan = BlobPlan()
    plan.add(LARGE_BLOB, BLOB_PIECE_BYTES_MAX, 0)
    plan.assign([1], 0)
    for piece in plan.next_pieces(1):
        plan.came(1, piece, 0)
    verdict = plan.turned_out_wrong(LARGE_BLOB, 1, 0)
    plan.assign([1], 0)
    again = plan.next_pieces(1)
    wish = plan.came(1, again[0], 0)
    plan.drop_link(1, 0)
    plan.assign([2], 0)

    assert BEFORE not in (1, 2)
    assert verdict == Verdict(None)
    assert wish is not None
    assert [piece.offset for piece in plan.next_pieces(2)] == [piece.offset for piece in again]
    assert (again[0].offset, wish.attempt) == (0, 3)
