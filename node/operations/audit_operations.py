"""The verb about who has done what."""

from __future__ import annotations

from node.operations.acting import Acting
from node.operations.audit_reading import AuditAsked, AuditLine, named, read_asked

PAGE_LINES_MAX = 1_000


class AuditOperations(Acting):
    """The part of `Operations` that is about the audit."""

    async def audit_lines(
        self,
        who: str = "",
        what: str = "",
        about: str = "",
        text: str = "",
        since: str = "",
        until: str = "",
        before: int | None = None,
        limit: int = 50,
    ) -> list[AuditLine]:
        """Lines that are looked for, newest first; ask on with the number of the last one."""
        asked = AuditAsked(who, what, about, text, since, until)
        wanted = await read_asked(self._parts, asked, federation_only=False)
        count = max(1, min(limit, PAGE_LINES_MAX))
        return await named(self._parts, await self._parts.audit.find(wanted, count, before=before))
