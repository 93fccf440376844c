"""Files in one session: what a neighbour may say of them, in which order, and how much."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memory_blobs import blob_of
from protocol import effects
from protocol.blob_messages import Blob, BlobHere, BlobPiece, NoBlob, Piece, WantBlob
from protocol.limits import BLOB_PIECE_BYTES_MAX, BLOB_PIECES_WAITING_MAX
from protocol.messages import Hello, Want, decode, encode
from protocol.transitions import State
from session_puppet import LINK, Puppet, closed_with, make_puppet, messages

LARGE_BLOB = blob_of(Random(1).randbytes(3 * BLOB_PIECE_BYTES_MAX + 17))


def test_version_1_hears_nothing_of_files() -> None:
    """With a neighbour that lists version 1 alone, logs travel and no file is asked for."""
    hello = decode(Puppet().handshake.begin())
    assert isinstance(hello, Hello)
    assert hello.versions == (1, 2, 3)
    old = OldPuppet()
    old.advance(State.LIVE)
    old.node.hub.blobs.want(LARGE_BLOB, 0, 0)
    asked = old.node.hub.tick(1_000)
    answer = old.give(WantBlob(Piece(LARGE_BLOB, 0, 1)))

    assert old.state() is None
    assert messages(asked) == []
    assert closed_with(answer) == "malformed"


class OldPuppet(Puppet):
    """A neighbour of before files travelled."""

    def advance(self, state: State) -> None:
        """Handshake with a HELLO that lists version 1 alone."""
        make = self.handshake._make_hello

        def old_hello(other: bytes) -> bytes:
            hello = decode(make(other))
            assert isinstance(hello, Hello)
            self.handshake._hello_sent = encode(
                Hello((1,), hello.log, hello.nonce, hello.epoch, hello.origin, hello.keys_known)
            )
            return self.handshake._hello_sent

        self.handshake._make_hello = old_hello
        super().advance(state)
        assert self.state() is state


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (BlobPiece(LARGE_BLOB.digest, 0, b"x"), "no_credit"),
        (NoBlob(LARGE_BLOB.digest, 0, "not_held"), "no_credit"),
    ],
)
def test_what_was_not_asked_for_ends_the_session(message: BlobPiece | NoBlob, code: str) -> None:
    """A piece, or a refusal, that answers nothing is more than was granted."""
    assert closed_with(make_puppet(State.LIVE).give(message)) == code


@pytest.mark.parametrize("data", [b"xx", b"x" * BLOB_PIECE_BYTES_MAX])
def test_a_piece_of_another_length_ends_the_session(data: bytes) -> None:
    """Neither more nor less than was asked for is an answer."""
    puppet = make_puppet(State.LIVE)
    (asked,) = messages(puppet.node.hub.blobs.want(Blob(bytes(32), 1), 0, 0))
    assert isinstance(asked, WantBlob)

    assert closed_with(puppet.give(BlobPiece(bytes(32), 0, data))) == "no_credit"


def test_answers_come_in_the_order_of_the_requests() -> None:
    """The second piece before the first is not what was asked for."""
    puppet = make_puppet(State.LIVE)
    asked = messages(puppet.node.hub.blobs.want(LARGE_BLOB, 0, 0))
    second = asked[1].piece
    data = bytes(second.length)

    assert closed_with(puppet.give(BlobPiece(LARGE_BLOB.digest, second.offset, data))) == (
        "no_credit"
    )


def test_requests_that_wait_are_bounded() -> None:
    """One request more than may wait ends the session."""
    puppet = make_puppet(State.LIVE)
    requests = [
        puppet.give(WantBlob(Piece(LARGE_BLOB, number, 1)))
        for number in range(BLOB_PIECES_WAITING_MAX + 1)
    ]

    assert [type(effect) for effect in requests[0]] == [effects.SupplyBlob]
    assert requests[1:-1] == [[]] * (BLOB_PIECES_WAITING_MAX - 1)
    assert closed_with(requests[-1]) == "limit"


def test_a_file_that_was_not_asked_for_in_vain_is_not_looked_up() -> None:
    """Telling of files that nobody asked for costs us nothing."""
    puppet = make_puppet(State.LIVE)

    assert [puppet.give(BlobHere(Blob(bytes(32), size))) for size in range(1, 50)] == [[]] * 49


def test_entries_come_before_files() -> None:
    """While a log is asked for no piece of a file is read; afterwards it is."""
    puppet = make_puppet(State.LIVE)
    log = puppet.node.own_log
    (run,) = puppet.give(Want(log, 0, 1))
    while_a_run_is_read = puppet.give(WantBlob(Piece(LARGE_BLOB, 0, 1)))
    envelopes = puppet.node.stored[log]
    answered = puppet.node.hub.supply(LINK, log, 1, len(envelopes), b"payload", 0)

    assert isinstance(run, effects.Supply)
    assert while_a_run_is_read == []
    assert [type(effect) for effect in answered] == [effects.Send, effects.SupplyBlob]
    assert not answered[0].behind


def test_pieces_leave_behind_everything_else() -> None:
    """A piece is sent so that any later frame may overtake it."""
    puppet = make_puppet(State.LIVE)
    piece = Piece(LARGE_BLOB, 0, 3)
    puppet.give(WantBlob(piece))

    (found,) = puppet.node.hub.blobs.supply(LINK, piece, b"abc")
    puppet.give(WantBlob(piece))
    (lacking,) = puppet.node.hub.blobs.supply(LINK, piece, None)

    assert found.behind
    assert lacking.behind
    assert messages([found, lacking]) == [
        BlobPiece(LARGE_BLOB.digest, 0, b"abc"),
        NoBlob(LARGE_BLOB.digest, 0, "not_held"),
    ]


@pytest.mark.parametrize("state", [State.HELLO_AWAITED, State.AUTH_AWAITED])
def test_a_stranger_may_not_ask(state: State) -> None:
    """Before a neighbour has proved who it is, a request for a file ends the session."""
    answer = make_puppet(state, is_neighbour=False).give(WantBlob(Piece(LARGE_BLOB, 0, 1)))
    assert closed_with(answer) == "wrong_state"


@settings(deadline=None, max_examples=150)
@given(
    st.lists(
        st.one_of(
            st.builds(
                lambda offset, length: WantBlob(Piece(LARGE_BLOB, offset, length)),
                st.integers(0, 1_000),
                st.integers(1, 1_000),
            ),
            st.builds(
                BlobPiece, st.just(LARGE_BLOB.digest), st.integers(0, 9), st.binary(min_size=1)
            ),
            st.builds(NoBlob, st.just(LARGE_BLOB.digest), st.integers(0, 9), st.just("not_held")),
            st.builds(lambda size: BlobHere(Blob(bytes(32), size)), st.integers(1, 9)),
        ),
        max_size=12,
    )
)
def test_whatever_a_neighbour_says_of_files_ends_its_session_at_most(said: list) -> None:
    """No sequence of messages raises, asks for more than is granted, or touches a log."""
    puppet = make_puppet(State.LIVE)
    puppet.node.hub.blobs.want(Blob(bytes(32), 9), 0, 0)
    head = puppet.node.head(puppet.node.own_log)
    for number, message in enumerate(said):
        told = [*puppet.give(message), *puppet.node.hub.tick(number * 20_000)]
        if any(isinstance(effect, effects.Close) for effect in told):
            break
    assert len(puppet.node.hub.blobs.give_up(10**9)) <= 1
    assert puppet.node.head(puppet.node.own_log) == head
