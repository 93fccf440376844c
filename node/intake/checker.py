"""Checks what came against the head it is to continue, and signs own drafts on top of it.

What of a session is not settled waits here, bounded, and goes with the session: entries that no
signature covers yet, and logs of which it is refused everything that is still under way.
"""

from __future__ import annotations

import asyncio

from node.ground.ground import Ground
from node.intake.arrivals import Checked, check_run
from node.intake.signing import INLINE_BYTES_MAX, Signer
from node.intake.step import Arrival, Drafts, NotWantedError, Step, content_bytes
from protocol.chain import RunResult
from protocol.entry import Envelope
from protocol.errors import RemoteError, SignatureError

PENDING_BYTES_MAX = 4_000_000
"""Content of uncovered entries that one session may leave waiting."""


class Checker:
    """Nothing here touches the disk."""

    def __init__(self, ground: Ground) -> None:
        self._signer = Signer(ground)
        self._directory = ground.directory
        self._recovery = ground.recovery
        self._logger = ground.logger
        self._pending: dict[tuple[int, bytes], tuple[Envelope, ...]] = {}
        self._refused: dict[tuple[int, bytes], RemoteError] = {}
        self._ended: set[int] = set()

    async def check(self, step: Step) -> None:
        """Fill in what may be stored of a step, or the error it ends with; never raises."""
        try:
            if isinstance(step.item, Drafts):
                self._recovery.require_signing(self._directory.get(step.log))
                step.result, step.packed = await self._signer.sign(step.item.drafts, step.before)
            else:
                await self._check_arrival(step, step.item)
        except RemoteError as error:
            step.error = error
        except Exception as error:
            step.error = error
            self._logger.exception("entries could not be checked")  # ours, or past the decoders
        self.remember_refusal(step)

    def remember_refusal(self, step: Step) -> None:
        """The session asks for nothing more of this log; what is under way need not be read."""
        error = step.refusal
        if not isinstance(step.item, Arrival) or isinstance(error, NotWantedError):
            return
        if isinstance(error, RemoteError) and step.item.link not in self._ended:
            without_run = type(error)(str(error))  # its traceback holds on to the whole run
            self._refused.setdefault((step.item.link, step.log), without_run)

    def forget_link(self, link: int) -> None:
        """A session ended: what waits of it is dropped, also of a run that is being checked."""
        self._ended.add(link)
        self._drop_ended()

    def settle(self) -> None:
        """Nothing is under way: no run of a session that has ended can leave anything more."""
        self._drop_ended()
        self._ended.clear()

    def _drop_ended(self) -> None:
        for kept in (self._pending, self._refused):
            for key in [key for key in kept if key[0] in self._ended]:
                kept.pop(key)

    async def _check_arrival(self, step: Step, arrival: Arrival) -> None:
        if not self._directory.accepts(arrival.log):
            raise NotWantedError("this log is not accepted here")
        if (refused := self._refused.get((arrival.link, arrival.log))) is not None:
            raise refused
        waiting = self._pending.pop((arrival.link, arrival.log), ())
        inline = len(arrival.payload) <= INLINE_BYTES_MAX
        arguments = (step.before, arrival.log, arrival.payload, waiting)
        checked: Checked = (
            check_run(*arguments) if inline else await asyncio.to_thread(check_run, *arguments)
        )
        step.packed, step.older = checked.packed, checked.older
        step.result = self._keep_pending(arrival, checked.result)

    def _keep_pending(self, arrival: Arrival, result: RunResult) -> RunResult:
        """Let uncovered entries wait for their session's next run, within a bound for each link."""
        waiting = [items for key, items in self._pending.items() if key[0] == arrival.link]
        size_bytes = sum(map(content_bytes, waiting)) + content_bytes(result.pending)
        if size_bytes > PENDING_BYTES_MAX:
            error = SignatureError("too many bytes wait for a valid signature")
            return result._replace(pending=(), error=error)
        if result.pending and arrival.link not in self._ended:
            self._pending[arrival.link, arrival.log] = result.pending
        return result
