"""A hostile neighbour: it holds a valid key, is approved, and breaks every rule it can.

It runs the real protocol and spoils what it sends. Each way of spoiling is a method whose name
is the name it is counted under. It gets no help: whatever it forges, it forges from what it has
received, what it has overheard on other wires, and its own key.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from factories import flipped, resigned, signing_key
from protocol import canonical, messages
from protocol.blob_messages import BlobPiece
from protocol.chain import Head
from protocol.directory import Item
from protocol.entry import Body, Envelope, Header, commitment, seal
from protocol.identity import KEY_KIND, KeyEvent, SigningKey, next_key_digest, rotation_content
from protocol.limits import FRAME_BYTES_MAX
from protocol.packed import pack
from protocol.run import decode_run, encode_run
from simulation.ingest_model import generation_of
from simulation.network import Connection
from simulation.node_model import SimNode

BAD_SIGNATURE = bytes(range(1, 65))
THIEF = signing_key(990_001)
STRANGER_CONTENT = b'{"schema":1,"text":"stranger"}'
RUN, HELLO, AUTH, BLOB = 6, 1, 2, 12

SPOILED_RUNS = (
    "wrong_signature",
    "broken_link",
    "wrong_commitment",
    "wrong_log",
    "forged_tail",
    "forged_key_event",
    "signed_broken_link",
    "signed_wrong_log",
    "signed_wrong_content",
    "missing_content",
    "wrong_count",
    "not_a_run",
    "withheld",
)
SPOILED_FRAMES = (
    "garbage",
    "flipped_frame",
    "replayed_frame",
    "oversize",
    "unasked_run",
    "lying_head",
    "forged_fork",
    "endless_wants",
    "false_stored",
)
SPOILED_PIECES = ("wrong_piece", "unasked_piece", "endless_pieces", "withheld_piece")
HOSTILITIES = (*SPOILED_RUNS, *SPOILED_FRAMES, *SPOILED_PIECES, "impersonation")


class HostileNode(SimNode):
    """An approved neighbour that spoils some of its frames while ``hostile`` is set."""

    hostilities: tuple[str, ...] = ()
    hostile = True
    rate = 0.3

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.correct = False
        self.seen: list[bytes] = []
        self.masks: dict[int, list[bytes]] = {}

    def behave(self) -> None:
        """Stop spoiling, and start every session afresh."""
        self.hostile = False
        for connection in list(self.links.values()):
            self.world.network.cut(connection)

    # --- wires -----------------------------------------------------------------------------

    def send(self, connection: Connection, frame: bytes) -> None:
        """Send the frame, something else in its place, or something else as well."""
        if not self.hostile or not self.up or self.random.random() > self.rate:
            super().send(connection, frame)
            return
        wanted = {RUN: SPOILED_RUNS, BLOB: SPOILED_PIECES}.get(frame[1], SPOILED_FRAMES)
        names = [name for name in self.hostilities if name in wanted]
        if frame[1] in (HELLO, AUTH):
            names = [name for name in names if name in ("garbage", "flipped_frame")]
        if not names:
            super().send(connection, frame)
            return
        name = self.random.choice(names)
        self.world.count(name)
        self.world.trace.note(self.name, f"#{connection.number} hostile: {name}")
        if frame[1] == RUN:
            spoiled = self._spoil_run(name, frame)
        elif frame[1] == BLOB:
            spoiled = _spoil_piece(name, frame)
        else:
            spoiled = self._spoil_frame(name, frame)
        for item in spoiled:
            super().send(connection, item)

    def received(self, connection: Connection, frame: bytes) -> None:
        """Keep what was received, to replay it later."""
        if connection.number in self.masks:
            for item in self.masks.pop(connection.number):
                self.world.network.send(connection, self.name, item)
            return
        if len(self.seen) < 200:
            self.seen.append(frame)
        super().received(connection, frame)

    def connected(self, connection: Connection, dialer: bool) -> None:
        """Begin a session, or play a handshake overheard between two others."""
        masks = self.world.handshakes_with(connection.responder, but=self.name)
        wanted = "impersonation" in self.hostilities and self.hostile and dialer and masks
        if not wanted or self.random.random() > 0.5:
            super().connected(connection, dialer)
            return
        victim, (hello, auth) = self.random.choice(masks)
        self.world.count("impersonation")
        self.world.trace.note(self.name, f"#{connection.number} hostile: plays {victim}")
        self.masks[connection.number] = [auth]
        self.world.network.send(connection, self.name, hello)
        self.later(self.random.uniform(500, 5_000), self._unmask, connection)

    def _unmask(self, connection: Connection) -> None:
        self.masks.pop(connection.number, None)
        self.world.network.cut(connection)
        self.later(1_000, self.dial, connection.other(self.name))

    # --- runs ------------------------------------------------------------------------------

    def _spoil_run(self, name: str, frame: bytes) -> list[bytes]:
        message = messages.decode(frame)
        assert isinstance(message, messages.Run)
        if name == "withheld":
            return []
        if name == "not_a_run":
            return [messages.encode(_with_payload(message, self.random.randbytes(50), 1))]
        if name == "wrong_count":
            return [messages.encode(_with_payload(message, message.payload, message.count + 1))]
        envelopes = self._spoil(name, list(decode_run(message.payload)))
        return [messages.encode(_with_payload(message, encode_run(envelopes), len(envelopes)))]

    def _spoil(self, name: str, envelopes: list[Envelope]) -> list[Envelope]:
        place = self.random.randrange(len(envelopes))
        last = envelopes[-1]
        match name:
            case "wrong_signature":
                events = [n for n, item in enumerate(envelopes) if item.entry.is_key_event]
                place = self.random.choice([len(envelopes) - 1, *events])
                envelopes[place] = resigned(envelopes[place], BAD_SIGNATURE)
            case "broken_link":
                envelopes[place:place] = [envelopes[place]]
            case "wrong_commitment":
                changed = envelopes[place]
                if changed.body is not None:
                    content = flipped(changed.body.content or b"x", 0)
                    envelopes[place] = Envelope(
                        changed.entry, changed.body._replace(content=content)
                    )
            case "missing_content":
                envelopes[place] = Envelope(envelopes[place].entry, None)
            case "wrong_log":
                envelopes = list(self.disk.chains[self.log][: len(envelopes)])
            case "forged_tail":
                for _ in range(self.random.randint(1, 5)):
                    forged = _forge(envelopes[-1], THIEF)
                    envelopes.append(resigned(forged, BAD_SIGNATURE))
            case "forged_key_event":
                event = _forge_rotation(last)
                envelopes += [event, _forge(event, THIEF)]
            case _:
                envelopes = self._misuse_own_key(name, envelopes)
        return envelopes

    def _misuse_own_key(self, name: str, envelopes: list[Envelope]) -> list[Envelope]:
        """Add an entry to our own log that is validly signed and breaks one rule."""
        head = self.disk.heads[self.log]
        key = self.key(generation_of(head))
        last = envelopes[-1].entry
        if last.log == self.log:
            head = head._replace(sequence=last.header.sequence, id=last.id)
        else:
            envelopes = []
        match name:
            case "signed_broken_link":
                broken = _sealed(head._replace(id=bytes(32)), key)
            case "signed_wrong_log":
                others = [log for log in sorted(self.disk.heads) if log != self.log]
                borrowed = self.random.choice(others) if others else bytes(32)
                broken = _sealed(head._replace(log=borrowed), key)
            case _:
                good = _sealed(head, key)
                assert good.body is not None
                broken = Envelope(good.entry, good.body._replace(salt=bytes(32)))
        return [*envelopes, broken]

    # --- frames ----------------------------------------------------------------------------

    def _spoil_frame(self, name: str, frame: bytes) -> list[bytes]:
        head = self.disk.heads[self.random.choice(sorted(self.disk.heads))]
        match name:
            case "garbage":
                return [self.random.randbytes(self.random.choice((0, 1, 30, 3_000)))]
            case "flipped_frame":
                return [flipped(frame, self.random.randrange(len(frame)), self.random.randrange(8))]
            case "replayed_frame":
                return [frame, self.random.choice(self.seen or [frame])]
            case "oversize":
                return [bytes(FRAME_BYTES_MAX + 1)]
            case "unasked_run":
                return [frame, self._unasked_run()]
            case "lying_head":
                logs = [view.log for view in self.directory.views()]
                number = head.sequence + self.random.choice((0, 1, 1_000_000))
                log = self.random.choice(logs)
                item = Item(log, number, self.random.randbytes(32))
                return [frame, messages.encode(messages.Have((item,)))]
            case "forged_fork":
                return [frame, messages.encode(messages.Fork(self._forged_proof(head)))]
            case "endless_wants":
                want = messages.encode(messages.Want(head.log, 0, head.sequence))
                return [frame, *[want] * 20]
            case _:
                item = Item(head.log, head.sequence, head.id)
                return [frame, messages.encode(messages.Stored(item, 100_000))]

    def _unasked_run(self) -> bytes:
        """Return a good run of a log that nobody here accepts, or has asked for."""
        stranger = self.world.stranger
        run = messages.Run(stranger.log, 1, len(stranger.envelopes), encode_run(stranger.envelopes))
        return messages.encode(run)

    def _forged_proof(self, head: Head) -> bytes:
        chain = self.disk.chains[head.log]
        events = [pack(envelope) for envelope in self.disk.key_events(head.log)]
        pair = sorted(
            (chain[-1].entry, resigned(chain[-1], BAD_SIGNATURE).entry), key=lambda e: e.id
        )
        return canonical.encode([1, head.log, events, pair[0].raw, pair[1].raw])


def _spoil_piece(name: str, frame: bytes) -> list[bytes]:
    piece = messages.decode(frame)
    assert isinstance(piece, BlobPiece)
    match name:
        case "wrong_piece":
            return [messages.encode(replace(piece, data=flipped(piece.data, 0)))]
        case "unasked_piece":
            return [frame, messages.encode(replace(piece, digest=bytes(32)))]
        case "endless_pieces":
            return [frame, *[frame] * 20]
        case _:
            return []


def _with_payload(message: messages.Run, payload: bytes, count: int) -> messages.Run:
    return messages.Run(message.log, message.first, count, payload)


def _sealed(head: Head, key: SigningKey, kind: str = "comment", content: bytes = b"{}") -> Envelope:
    salt = bytes(range(32))
    header = Header(
        1, head.log, head.sequence + 1, head.id, 0, kind, len(content), commitment(salt, content)
    )
    return seal(header, Body(salt, content), key)


def _forge(before: Envelope, key: SigningKey) -> Envelope:
    """Return an entry that follows ``before`` in every way but its signer."""
    entry = before.entry
    head = Head(entry.log, entry.header.sequence, entry.id, None)  # type: ignore[arg-type]
    return _sealed(head, key)


def _forge_rotation(before: Envelope) -> Envelope:
    entry = before.entry
    head = Head(entry.log, entry.header.sequence, entry.id, None)  # type: ignore[arg-type]
    event = KeyEvent(THIEF.public_key, next_key_digest(THIEF.public_key))
    return _sealed(head, THIEF, KEY_KIND, rotation_content(event))
