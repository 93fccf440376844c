"""What can be overheard on the wires: the dialer's half of each pair's newest session."""

from __future__ import annotations

from simulation.network import Connection, Network

HELLO, PROOFS = 1, (2, 16)
FRAMES_KEPT = 30


class Wiretap:
    """Keeps frames as they went over the wire; whoever wants may send them again."""

    def __init__(self) -> None:
        self._sessions: dict[tuple[str, str], list[bytes]] = {}

    def heard(self, connection: Connection, frame: bytes) -> None:
        """Keep a frame of a dialer; a HELLO begins anew."""
        frames = self._sessions.setdefault((connection.dialer, connection.responder), [])
        if frame[1] == HELLO:
            frames.clear()
        if len(frames) < FRAMES_KEPT:
            frames.append(frame)

    def sessions(self) -> list[tuple[str, str, list[bytes]]]:
        """Return dialer, responder and frames of every session that got as far as a proof."""
        return [
            (dialer, responder, list(frames))
            for (dialer, responder), frames in self._sessions.items()
            if any(frame[1] in PROOFS for frame in frames)
        ]

    def handshakes_with(self, responder: str, *, but: str) -> list[tuple[str, list[bytes]]]:
        """Return the dialer's half of others' handshakes with a node, by dialer."""
        found = []
        for dialer, called, frames in self.sessions():
            if called == responder and dialer != but:
                last = next(n for n, frame in enumerate(frames) if frame[1] in PROOFS)
                found.append((dialer, frames[: last + 1]))
        return found


class Ghost:
    """Somebody on the wire who plays a recorded session to the node it was meant for."""

    name = "?"
    up = True

    def __init__(self, network: Network) -> None:
        self._network = network
        self._frames: dict[int, list[bytes]] = {}
        self.tape: list[bytes] = []

    def connected(self, connection: Connection, dialer: bool) -> None:
        """Say the first frame; the others follow one answer after the other."""
        self._frames[connection.number] = list(self.tape)
        self._say(connection, 1)

    def received(self, connection: Connection, frame: bytes) -> None:
        """Whatever the answer is, go on with the tape."""
        self._say(connection, 3)

    def _say(self, connection: Connection, count: int) -> None:
        waiting = self._frames.get(connection.number, [])
        for frame in waiting[:count]:
            self._network.send(connection, self.name, frame)
        del waiting[:count]

    def dial_failed(self, other: str) -> None:
        """Nobody there: the tape is of no use."""

    def disconnected(self, connection: Connection) -> None:
        """Thrown out, as it should be."""
        self._frames.pop(connection.number, None)
