"""What one neighbour asked for and how much it may be sent (docs/protocol.md §7.6–7.7).

1. Every RUN frame costs its length in credit; STORED and REFUSED give it back.
2. Requests are served in turn, one run each, so a long log does not hold up short ones.
3. One run is prepared at a time, and only when the largest possible run has room.
4. A request replaces an earlier one for the same log; an empty one withdraws it.
"""

from __future__ import annotations

from protocol.directory import Item
from protocol.errors import CreditError, LimitError, LocalError
from protocol.fields import NOTHING_ID
from protocol.limits import CREDIT_BYTES, RUN_FRAME_BYTES_MAX, WANTS_WAITING_MAX
from protocol.messages import Run, Want, encode


class Outflow:
    """One direction of one session: from us to the neighbour."""

    def __init__(self) -> None:
        """Begin with full credit and nothing asked for."""
        self.credit_bytes = CREDIT_BYTES
        self.sent: dict[bytes, Item] = {}
        self._wants: dict[bytes, Want] = {}
        self._prepared: Want | None = None

    def want(self, want: Want) -> None:
        """Take in a request; raises :class:`LimitError` when too many logs are asked for."""
        self._wants.pop(want.log, None)
        self.sent.pop(want.log, None)
        if want.after == want.through:
            return
        if len(self._wants) >= WANTS_WAITING_MAX:
            raise LimitError(f"at most {WANTS_WAITING_MAX} logs are asked for at once")
        self._wants[want.log] = want

    @property
    def is_idle(self) -> bool:
        """Whether no run is asked for or being prepared."""
        return not self._wants and self._prepared is None

    def is_wanted(self, log: bytes) -> bool:
        """Whether a request for the log is still being served."""
        return log in self._wants

    def drop(self, log: bytes) -> None:
        """Forget a request that cannot be served."""
        self._wants.pop(log, None)

    def next_want(self) -> Want | None:
        """Return the request to prepare a run for now, if there is one and room for it."""
        if self._prepared is not None or not self._wants or self.credit_bytes < RUN_FRAME_BYTES_MAX:
            return None
        self._prepared = next(iter(self._wants.values()))
        return self._prepared

    def prepared(self, log: bytes, first: int) -> Want | None:
        """Take the answer to the request being prepared; None when it is no longer wanted."""
        asked, self._prepared = self._prepared, None
        if asked is None or asked.log != log:
            raise LocalError("a run was supplied that was not asked for")
        want = self._wants.get(log)
        if want is not asked or first != want.after + 1:
            return None
        return want

    def serve(self, want: Want, run: Run) -> bytes:
        """Return the RUN frame that serves ``want``, and keep what is left of the request."""
        del self._wants[want.log]
        if run.last < want.through:
            self._wants[want.log] = Want(want.log, run.last, want.through)  # at the end: in turn
        return self.send(run)

    def has_room(self, payload: bytes) -> bool:
        """Whether a run with this payload may be sent now, beside one being prepared."""
        reserved = RUN_FRAME_BYTES_MAX if self._prepared is not None else 0
        overhead = RUN_FRAME_BYTES_MAX // 64
        return len(payload) + overhead + reserved <= self.credit_bytes

    def send(self, run: Run, last_id: bytes = NOTHING_ID) -> bytes:
        """Return the frame for ``run``, paid for; ``last_id`` is its last entry's id, if known.

        Raises :class:`LocalError` without credit.
        """
        frame = self.send_aside(run)
        self.sent[run.log] = Item(run.log, run.last, last_id)
        return frame

    def send_aside(self, run: Run) -> bytes:
        """The same for a run out of order, which says nothing of how far the neighbour will be."""
        frame = encode(run)
        if len(frame) > min(self.credit_bytes, RUN_FRAME_BYTES_MAX):
            raise LocalError(f"a run of {len(frame)} bytes is larger than any bound allows")
        self.credit_bytes -= len(frame)
        return frame

    def give_back(self, credit_bytes: int) -> None:
        """Take credit back; raises :class:`CreditError` for more than was ever spent."""
        self.credit_bytes += credit_bytes
        if self.credit_bytes > CREDIT_BYTES:
            raise CreditError("more credit was given back than was spent")
