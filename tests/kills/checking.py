"""Whether a node that came back holds what it acknowledged."""

from __future__ import annotations

from tests.kills.served import Served

PAGE_ENTRIES = 500


class Checking:
    """Compares what was acknowledged with what the node has, from where it last looked."""

    def __init__(self, served: Served) -> None:
        self._served = served
        self._acknowledged: dict[int, str] = {}

    async def problems(self, acknowledged: list[tuple[int, str]]) -> list[str]:
        """What is broken now: entries that are lost or others, or a node that signs nothing."""
        found = []
        status = await self._served.ask("key_status")
        if status["problem"] is not None:
            found.append(f"signs nothing: {status['problem']}")
        if status["frozen"]:
            found.append("its own log has a fork")
        wanted = dict(acknowledged)
        self._acknowledged |= wanted
        if wanted:
            stored = await self._stored(status["log"], min(wanted) - 1, max(wanted))
            found += _lost(wanted, stored)
        return found

    async def all_problems(self) -> list[str]:
        """Everything acknowledged since the beginning, and the chain from its first entry."""
        log = (await self._served.ask("key_status"))["log"]
        verified = await self._served.ask("verify_log", log=log, every_signature=True)
        stored = await self._stored(log, 0, max(self._acknowledged, default=0))
        found = _lost(self._acknowledged, stored)
        return found + ([f"the chain: {verified['error']}"] if verified["error"] else [])

    async def _stored(self, log: str, after: int, through: int) -> dict[int, str]:
        stored: dict[int, str] = {}
        while after < through:
            arguments = {"log": log, "after_sequence": after, "limit": PAGE_ENTRIES}
            page = (await self._served.ask("log_entries", **arguments))["entries"]
            if not page:
                break
            stored |= {item["sequence"]: item["entry"] for item in page}
            after = page[-1]["sequence"]
        return stored


def _lost(wanted: dict[int, str], stored: dict[int, str]) -> list[str]:
    return [
        f"entry {sequence} was acknowledged and is {'lost' if sequence not in stored else 'other'}"
        for sequence, entry in sorted(wanted.items())
        if stored.get(sequence) != entry
    ]
