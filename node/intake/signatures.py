"""Every entry's own signature, when the operator asks for more than the run rule (§5.6).

Checked on all cores: the library lets go of the interpreter while it computes.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from protocol.chain import Head, RunResult, every_signature_holds, verify_run
from protocol.entry import Envelope

_PART_ENTRIES = 50


class SignatureAudit:
    """Threads of its own, one for each core; they end with the program."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(os.cpu_count() or 1, "signatures")

    async def holds(self, result: RunResult) -> bool:
        """Whether each accepted entry verifies on its own signature."""
        head = result.head
        return head is None or await self._hold(head, result.accepted)

    def narrowed(self, before: Head | None, result: RunResult) -> RunResult:
        """Return what stands before the first bad signature, and the error that names it."""
        audited = verify_run(before, result.log, result.accepted, every_signature=True)
        return audited._replace(pending=())

    async def _hold(self, head: Head, envelopes: Sequence[Envelope]) -> bool:
        loop = asyncio.get_running_loop()
        parts = [
            loop.run_in_executor(
                self._threads, every_signature_holds, head.keys, envelopes[at : at + _PART_ENTRIES]
            )
            for at in range(0, len(envelopes), _PART_ENTRIES)
        ]
        return all(await asyncio.gather(*parts))
