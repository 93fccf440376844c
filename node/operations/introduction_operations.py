"""Verbs about introductions of our own: which there are, and taking one back.

Taking one back is an entry of our log, as saying it was. It changes nothing about the log that was
introduced, here or elsewhere: each municipality decides anew whom it trusts.
"""

from __future__ import annotations

from dataclasses import dataclass

from node.operations.acting import Acting
from node.operations.log_ids import find_log_id
from node.operations.withdrawing import withdrawal
from protocol.identity import fingerprint


@dataclass(frozen=True, slots=True)
class OwnIntroduction:
    """Our word, signed and public, that a log belongs to a municipality."""

    log: str
    fingerprint: str
    code: str
    name: str
    said_ms: int


class IntroductionOperations(Acting):
    """The part of `Operations` that is about our introductions."""

    async def own_introductions(self) -> list[OwnIntroduction]:
        """Those in force, the newest first."""
        parts = self._parts
        return [
            OwnIntroduction(
                row.introduced.hex(), fingerprint(row.introduced), row.code, row.name, row.said_ms
            )
            for row in await parts.introduction_queries.said_by(parts.own_log)
        ]

    async def withdraw_introduction(self, log: str, reason: str) -> None:
        """Say in public, with a reason, that we vouch for a log no longer."""
        parts = self._parts
        said = {
            row.introduced: row.entry
            for row in await parts.introduction_queries.said_by(parts.own_log)
        }
        found = find_log_id(log, said, "introduction of ours")
        content = withdrawal(said[found], reason)
        await parts.publisher.publish("withdraw", content)
        now_ms = parts.clock.time_ms()
        await parts.audit.record(
            self._actor, "introduction withdraw", found.hex(), content.reason, now_ms
        )
