"""A relay that also keeps what passed, and reads the sync messages out of it."""

from __future__ import annotations

from aiohttp import WSMsgType

from tests.benchmarks.relay import Relay

END_OF_HEADERS = b"\r\n\r\n"
CONTINUED_16_BITS = 126
CONTINUED_64_BITS = 127


class RecordingRelay(Relay):
    """Keeps both directions of one connection; for short conversations."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.sent = bytearray()
        self.received = bytearray()

    async def note(self, chunk: bytes, *, outwards: bool) -> None:
        """Count as the relay does, and keep the bytes."""
        await super().note(chunk, outwards=outwards)
        (self.sent if outwards else self.received).extend(chunk)

    def reset(self) -> None:
        """Forget what passed so far."""
        super().reset()
        self.sent.clear()
        self.received.clear()

    def messages(self) -> list[bytes]:
        """The binary messages of both directions, without framing."""
        return [*messages_in(bytes(self.sent)), *messages_in(bytes(self.received))]


def messages_in(stream: bytes) -> list[bytes]:
    """The binary messages of one direction, after the upgrade (RFC 6455 §5.2)."""
    _, found, frames = stream.partition(END_OF_HEADERS)
    assert found, "no upgrade passed"
    messages = []
    while frames:
        kind, masked, length, start = frames[0] & 0x0F, frames[1] & 0x80, frames[1] & 0x7F, 2
        if length in (CONTINUED_16_BITS, CONTINUED_64_BITS):
            start += 2 if length == CONTINUED_16_BITS else 8
            length = int.from_bytes(frames[2:start])
        mask = frames[start : start + 4] if masked else bytes(4)
        start += 4 if masked else 0
        payload = frames[start : start + length]
        if kind == WSMsgType.BINARY:
            messages.append(bytes(octet ^ mask[at % 4] for at, octet in enumerate(payload)))
        frames = frames[start + length :]
    return messages
