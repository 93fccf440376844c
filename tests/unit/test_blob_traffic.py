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
from protocol.blob_messages import Blob, BlobHere, BlobPiece, NoBlob, WantBlob
from protocol.blob_plan import GIVE_UP_MS
from protocol.limits import (
    BLOB_PIECE_BYTES_MAX,
    BLOB_PIECES_UNDER_WAY,
    BLOB_RETRY_MS,
    BLOB_TIMEOUT_MS,
)
from protocol.messages import decode, encode

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
    assert b.hub.blobs.asked_in_vain() == {LARGE_BLOB}
    a.perform(a.blobs.hold(LARGE))
    want(b, LARGE_BLOB)
    world.settle()

    assert b.hub.blobs.asked_in_vain() == set()
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
