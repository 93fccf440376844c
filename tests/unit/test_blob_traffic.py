"""Files between nodes: all of them arrive, whoever lies, cuts or stays silent."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factories import LogMaker
from hub_pairs import make_pair, sent
from memory_blobs import blob_of
from memory_world import MemoryNode, World
from protocol import effects
from protocol.blob_messages import Blob, BlobHere, BlobPiece, NoBlob, Piece, WantBlob
from protocol.blob_plan import GIVE_UP_MS
from protocol.limits import (
    BLOB_PIECE_BYTES_MAX,
    BLOB_PIECES_UNDER_WAY,
    BLOB_PIECES_WAITING_MAX,
    BLOB_RETRY_MS,
    BLOB_TIMEOUT_MS,
)
from protocol.messages import Hello, Want, decode, encode
from protocol.transitions import State
from session_puppet import LINK, Puppet, closed_with, make_puppet, messages

LARGE = Random(1).randbytes(3 * BLOB_PIECE_BYTES_MAX + 17)
LARGE_BLOB = blob_of(LARGE)


def want(node: MemoryNode, blob: Blob) -> None:
    """Let a node ask for a file."""
    node.perform(node.blobs.want(blob, node.world.now_ms))


def join(world: World, *nodes: MemoryNode) -> None:
    """Make neighbours of nodes beside each other, and connect them."""
    for left, right in pairwise(nodes):
        world.befriend(left, right)
        world.dial(left, right)
    world.settle()


def makers(count: int) -> list[LogMaker]:
    """So many municipalities."""
    return [LogMaker(number, code=f"{9000 + number}") for number in range(1, count + 1)]


def lying(liar: MemoryNode, world: World, *, pieces: int = 10**6) -> None:
    """Let a node change the first pieces that it sends."""
    left = [pieces]

    def tamper(sender: MemoryNode, frame: bytes) -> bytes:
        message = decode(frame)
        if sender is not liar or not isinstance(message, BlobPiece) or not left[0]:
            return frame
        left[0] -= 1
        return encode(BlobPiece(message.digest, message.offset, bytes(len(message.data))))

    world.tamper = tamper


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 10**9))
def test_every_file_reaches_everybody(seed: int) -> None:
    """Whatever the order, and whoever is cut off meanwhile, each file goes from one to all."""
    random = Random(seed)
    world = World(seed)
    nodes = [world.add(maker) for maker in makers(4)]
    join(world, *nodes)
    files = [random.randbytes(random.choice([1, 1_000, 600_000])) for _ in range(3)]
    for data in files:
        random.choice(nodes).blobs.hold(data)
    for node in random.sample(nodes, len(nodes)):
        for data in files:
            want(node, blob_of(data))
    for _ in range(3):
        for _ in range(random.randrange(30)):
            world.step()
        link = random.choice(list(world.links))
        left, right = world.links[link]
        world.cut(link)
        world.settle()
        world.dial(left, right)
    for _ in range(4):  # what was given up meanwhile is asked for again
        world.settle()
        world.pass_time(2_000)
        for node in nodes:
            for blob in list(node.blobs.wanted):
                want(node, blob)
    world.settle()
    world.pass_time(2_000)

    assert [sorted(node.blobs.held.values()) for node in nodes] == [sorted(files)] * 4
    assert all(not node.saw(effects.BlobWrong) for node in nodes)


def test_a_file_is_asked_for_piece_by_piece() -> None:
    """Few pieces are under way at once, and each is asked for once."""
    world, left, right = make_pair()
    left.blobs.hold(Random(2).randbytes(20 * BLOB_PIECE_BYTES_MAX))
    (blob,) = left.blobs.held
    world.dial(right, left)
    world.settle()
    want(right, blob)
    most = 0
    while world.step():
        most = max(most, len(sent(world, WantBlob)) - len(sent(world, BlobPiece)))
    world.pass_time(1_000)

    assert right.blobs.held == left.blobs.held
    assert len(sent(world, WantBlob)) == 20
    assert most == BLOB_PIECES_UNDER_WAY


def test_who_asked_in_vain_is_told_when_the_file_comes() -> None:
    """A carries to C through B, which did not have it when it was asked; nobody asks again."""
    world = World()
    a, b, c = nodes = [world.add(maker) for maker in makers(3)]
    join(world, *nodes)
    want(c, LARGE_BLOB)
    world.settle()
    a.perform(a.blobs.hold(LARGE))
    want(b, LARGE_BLOB)
    world.settle()

    assert c.blobs.held == {LARGE_BLOB: LARGE}
    assert len(sent(world, NoBlob)) <= BLOB_PIECES_UNDER_WAY
    assert len(sent(world, BlobHere)) == 1


def test_a_file_goes_on_where_it_stopped() -> None:
    """After a cut only what is missing is asked for, also of another neighbour."""
    world = World()
    first, second, taker = nodes = [world.add(maker) for maker in makers(3)]
    for node in (first, second):
        node.blobs.hold(LARGE)
        world.befriend(node, taker)
    link = world.dial(taker, first)
    world.settle()
    world.tamper = lambda sender, frame: frame if len(sent(world, BlobPiece)) < 3 else None
    want(taker, LARGE_BLOB)
    world.settle()
    world.tamper = lambda sender, frame: frame
    world.cut(link)
    world.settle()
    before = len(taker.blobs.partial[LARGE_BLOB])
    asked = len(sent(world, WantBlob))
    world.dial(taker, second)
    world.settle()
    world.pass_time(1_000)
    offsets = [message.piece.offset for message in sent(world, WantBlob)[asked:]]

    assert nodes[2].blobs.held == {LARGE_BLOB: LARGE}
    assert before == 2 * BLOB_PIECE_BYTES_MAX
    assert offsets == [2 * BLOB_PIECE_BYTES_MAX, 3 * BLOB_PIECE_BYTES_MAX]


@pytest.mark.parametrize("liar_is_first", [True, False])
def test_a_liar_is_found_and_another_is_asked(liar_is_first: bool) -> None:
    """Wrong bytes are thrown away, their sender is asked for no file again, the log goes on."""
    world = World()
    first, second, taker = [world.add(maker) for maker in makers(3)]
    liar, honest = (first, second) if liar_is_first else (second, first)
    for node in (first, second):
        node.blobs.hold(LARGE)
        world.befriend(node, taker)
        world.dial(taker, node)
    lying(liar, world)
    world.settle()
    want(taker, LARGE_BLOB)
    world.settle()
    liar.publish(2)
    world.settle()
    other = b"another file"
    for node in (liar, honest):
        node.blobs.hold(other)
    want(taker, blob_of(other))
    world.settle()
    wrong = [world.links[effect.link][1] for effect in taker.saw(effects.BlobWrong)]

    assert taker.blobs.held == {LARGE_BLOB: LARGE, blob_of(other): other}
    assert wrong == ([liar] if liar_is_first else [])
    assert taker.blobs.wrong == len(wrong)
    assert taker.head(liar.own_log) == liar.head(liar.own_log)


def test_a_lie_among_true_pieces_is_not_blamed_on_the_last_sender() -> None:
    """When two had a part in a wrong file nobody is barred, and all of it is fetched anew."""
    world = World()
    liar, honest, taker = [world.add(maker) for maker in makers(3)]
    for node in (liar, honest):
        node.blobs.hold(LARGE)
        world.befriend(node, taker)
    link = world.dial(taker, liar)
    world.settle()
    world.tamper = lambda sender, frame: _first_piece_only(world, frame)
    want(taker, LARGE_BLOB)
    world.settle()
    world.tamper = lambda sender, frame: frame
    world.cut(link)
    world.dial(taker, honest)
    world.settle()
    world.pass_time(1_000)

    assert taker.blobs.held == {LARGE_BLOB: LARGE}
    assert taker.blobs.wrong == 1
    assert taker.saw(effects.BlobWrong) == []


def _first_piece_only(world: World, frame: bytes) -> bytes | None:
    message = decode(frame)
    if not isinstance(message, BlobPiece):
        return frame
    if len(sent(world, BlobPiece)) > 1:
        return None
    return encode(BlobPiece(message.digest, message.offset, bytes(len(message.data))))


def test_a_silent_neighbour_is_left_for_another() -> None:
    """What is not answered in time is asked of another neighbour; the silent one keeps its log."""
    world = World()
    silent, other, taker = [world.add(maker) for maker in makers(3)]
    for node in (silent, other):
        node.blobs.hold(LARGE)
        world.befriend(node, taker)
    world.dial(taker, silent)
    world.tamper = lambda sender, frame: (
        None if sender is silent and isinstance(decode(frame), BlobPiece) else frame
    )
    world.settle()
    want(taker, LARGE_BLOB)
    world.settle()
    world.dial(taker, other)
    world.pass_time(BLOB_TIMEOUT_MS - 2_000)
    early = dict(taker.blobs.held)
    world.pass_time(4_000)
    silent.publish()
    world.settle()

    assert early == {}
    assert taker.blobs.held == {LARGE_BLOB: LARGE}
    assert taker.head(silent.own_log) == silent.head(silent.own_log)


def test_what_nobody_has_is_given_up_and_blocks_nothing() -> None:
    """A missing file makes room for others, and is not asked for again before its time."""
    world, left, right = make_pair()
    world.dial(right, left)
    world.settle()
    data = b"there"
    left.blobs.hold(data)
    want(right, Blob(bytes(32), 10))
    want(right, blob_of(data))
    world.settle()
    early = right.hub.blobs.give_up(world.now_ms)
    world.pass_time(GIVE_UP_MS)
    late = right.hub.blobs.give_up(world.now_ms)
    world.pass_time(2 * BLOB_RETRY_MS)

    assert (early, late) == ([], [Blob(bytes(32), 10)])
    assert right.blobs.held == {blob_of(data): data}
    assert len(sent(world, NoBlob)) == 1


def test_a_size_that_is_a_lie_gets_nothing() -> None:
    """A file is asked for with its size, so another size than the true one is not held."""
    world, left, right = make_pair()
    left.blobs.hold(LARGE)
    world.dial(right, left)
    world.settle()
    want(right, LARGE_BLOB._replace(size_bytes=1))
    want(right, LARGE_BLOB)
    world.settle()

    assert right.blobs.held == {LARGE_BLOB: LARGE}


def test_version_1_hears_nothing_of_files() -> None:
    """With a neighbour that lists version 1 alone, logs travel and no file is asked for."""
    hello = decode(Puppet().handshake.begin())
    assert isinstance(hello, Hello)
    assert hello.versions == (1, 2)
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
