"""Frames as a hostile neighbour sends them: garbage, lies, floods and what nobody asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from factories import flipped, resigned
from memory_blobs import blob_of
from protocol import canonical, messages
from protocol.blob_messages import BlobHere, BlobPiece
from protocol.chain import Head
from protocol.directory import Item
from protocol.limits import FRAME_BYTES_MAX
from protocol.packed import pack
from protocol.run import encode_run
from simulation.hostile_runs import BAD_SIGNATURE

if TYPE_CHECKING:
    from simulation.hostile import HostileNode

FLOOD = 20
NESTING = 100_000

SPOILED_FRAMES = (
    "garbage",
    "flipped_frame",
    "replayed_frame",
    "oversize",
    "deep_nesting",
    "non_canonical_twin",
    "unasked_run",
    "lying_head",
    "lying_low_head",
    "forged_fork",
    "endless_wants",
    "endless_offers",
    "false_stored",
)
SPOILED_PIECES = ("wrong_piece", "unasked_piece", "endless_pieces", "withheld_piece")
IN_HANDSHAKE = ("garbage", "flipped_frame", "deep_nesting", "non_canonical_twin")


def spoil_frame(node: HostileNode, name: str, frame: bytes) -> list[bytes]:
    """Return what is sent in the place of a frame that is neither a run nor a file's piece."""
    random = node.random
    head = node.disk.heads[random.choice(sorted(node.disk.heads))]
    match name:
        case "garbage":
            return [random.randbytes(random.choice((0, 1, 30, 3_000)))]
        case "flipped_frame":
            return [flipped(frame, random.randrange(len(frame)), random.randrange(8))]
        case "replayed_frame":
            return [frame, random.choice(node.seen or [frame])]
        case "oversize":
            return [bytes(FRAME_BYTES_MAX + 1)]
        case "deep_nesting":
            return [b"\x81" * NESTING]
        case "non_canonical_twin":  # the same message, its type written with one byte too many
            return [frame[:1] + b"\x18" + frame[1:]]
        case "unasked_run":
            return [frame, _unasked_run(node)]
        case "lying_head" | "lying_low_head":
            return [frame, _lying_head(node, name, head)]
        case "forged_fork":
            return [frame, messages.encode(messages.Fork(_forged_proof(node, head)))]
        case "endless_wants":
            want = messages.encode(messages.Want(head.log, 0, head.sequence))
            return [frame, *[want] * FLOOD]
        case "endless_offers":
            blobs = [blob_of(random.randbytes(8)) for _ in range(FLOOD)]
            offers = [BlobHere(blob) for blob in blobs]
            return [frame, *map(messages.encode, offers)]
        case _:
            item = Item(head.log, head.sequence, head.id)
            return [frame, messages.encode(messages.Stored(item, 100_000))]


def _lying_head(node: HostileNode, name: str, head: Head) -> bytes:
    logs = [view.log for view in node.directory.views()]
    more = node.random.choice((0, 1, 1_000_000))
    number = head.sequence + more if name == "lying_head" else node.random.randint(1, head.sequence)
    item = Item(node.random.choice(logs), number, node.random.randbytes(32))
    return messages.encode(messages.Have((item,)))


def _unasked_run(node: HostileNode) -> bytes:
    """Return a good run of a log that nobody here accepts, or has asked for."""
    stranger = node.world.stranger
    payload = encode_run(stranger.envelopes)
    return messages.encode(messages.Run(stranger.log, 1, len(stranger.envelopes), payload))


def _forged_proof(node: HostileNode, head: Head) -> bytes:
    chain = node.disk.chains[head.log]
    events = [pack(envelope) for envelope in node.disk.key_events(head.log)]
    forged = resigned(chain[-1], BAD_SIGNATURE).entry
    left, right = sorted((chain[-1].entry, forged), key=lambda entry: entry.id)
    return canonical.encode([1, head.log, events, left.raw, right.raw])


def spoil_piece(name: str, frame: bytes) -> list[bytes]:
    """Return what is sent in the place of a piece of a file."""
    piece = messages.decode(frame)
    assert isinstance(piece, BlobPiece)
    match name:
        case "wrong_piece":
            return [messages.encode(replace(piece, data=flipped(piece.data, 0)))]
        case "unasked_piece":
            return [frame, messages.encode(replace(piece, digest=bytes(32)))]
        case "endless_pieces":
            return [frame, *[frame] * FLOOD]
        case _:
            return []
