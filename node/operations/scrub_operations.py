"""The verbs about what the disk has kept: check it now, and what the last check found."""

from __future__ import annotations

from dataclasses import dataclass

from node.operations.acting import Acting
from node.sync.scrub import ScrubResult


@dataclass(frozen=True, slots=True)
class ScrubView:
    """What the last check came to (None before the first), and what is not back yet."""

    last: ScrubResult | None
    left_entries: int
    left_files: int


class ScrubOperations(Acting):
    """The part of `Operations` that is about the check of everything stored."""

    async def scrub(self) -> ScrubView:
        """Check everything stored now; what is damaged is mended as far as that is possible."""
        await self._parts.scrub.now()
        return await self.scrubbed()

    async def scrubbed(self) -> ScrubView:
        """What the last check came to."""
        damage = self._parts.walker.damage
        left = await damage.open()
        return ScrubView(
            await self._parts.scrub.last(),
            sum(one.gap.entry_count for one in left),
            len(await damage.open_files()),
        )
