"""Every entry's own signature, when the operator asks for more than the run rule (§5.6).

Checked on all cores: the library lets go of the interpreter while it computes.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from protocol.chain import Head, RunResult, every_signature_holds, verify_run

_PART_ENTRIES = 50


async def all_hold(answers: Sequence[Future[bool]]) -> bool:
    """Wait for what was begun: whether every signature holds."""
    return all(await asyncio.gather(*map(asyncio.wrap_future, answers)))


class SignatureAudit:
    """Threads of its own, one for each core; they end with the program, or when closed."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(os.cpu_count() or 1, "signatures")

    def close(self) -> None:
        """Begin nothing more; what is being verified is waited for."""
        self._threads.shutdown(cancel_futures=True)

    def begin(self, result: RunResult) -> list[Future[bool]]:
        """Have each accepted entry verified on its own signature, some in each answer."""
        head, envelopes = result.head, result.accepted
        if head is None:
            return []
        return [
            self._threads.submit(
                every_signature_holds, head.keys, envelopes[at : at + _PART_ENTRIES]
            )
            for at in range(0, len(envelopes), _PART_ENTRIES)
        ]

    @staticmethod
    def narrowed(before: Head | None, result: RunResult) -> RunResult:
        """Return what stands before the first bad signature, and the error that names it."""
        audited = verify_run(before, result.log, result.accepted, every_signature=True)
        return audited._replace(pending=())
