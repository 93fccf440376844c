"""Verbs about files that are imported, as a person at the node's own machine asks for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from node.operations.acting import Acting
from node.operations.bringing import Brought, bring_files
from node.operations.importing import (
    ImportOrder,
    ImportPage,
    TableView,
    import_page,
    look_at_table,
)

IMPORTED_AT_ONCE = 500
DETAIL_CHARS_MAX = 200


class ImportOperations(Acting):
    """The part of `Operations` that is about imports."""

    async def import_files(
        self,
        format_name: str,
        paths: Sequence[str],
        columns: dict[str, Any] | None = None,
        dry_run: bool = False,
        duplicates: bool = False,
        after: int = 0,
        count: int = IMPORTED_AT_ONCE,
    ) -> ImportPage:
        """Import part of some files the node itself can read; ask on until all of it is done.

        Folders give their files with the right ending; `columns` is the mapping of a table. Things
        whose title is taken are imported with `duplicates` only.
        """
        files = [Path(path) for path in paths]
        order = ImportOrder(format_name, files, columns, dry_run, duplicates)
        return await import_page(self._parts, order, max(0, after), max(1, count))

    async def import_table(self, path: str, columns: dict[str, Any] | None = None) -> TableView:
        """How a table would be read with a mapping of its columns; nothing is written."""
        return await look_at_table(Path(path), columns)

    async def bring_files(
        self,
        user: str,
        format_name: str,
        paths: Sequence[str],
        columns: dict[str, Any] | None = None,
    ) -> Brought:
        """Put files on an editor's page Importera; the editor makes drafts of them or does not."""
        files = [Path(path) for path in paths]
        brought = await bring_files(self._parts, user, format_name, files, columns)
        detail, now_ms = ", ".join(brought.files)[:DETAIL_CHARS_MAX], self._parts.clock.time_ms()
        await self._parts.audit.record(self._actor, "import bring", brought.user, detail, now_ms)
        return replace(brought, url=self._site + brought.url)
