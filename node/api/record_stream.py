"""All records of a list with their texts, a batch at a time: what exports are written from.

Memory holds one batch, however long the list. A record that is published meanwhile pushes others to
the next batch; those are told once. One whose text may no longer be seen by the reader when it is
read is told without it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from node.operations.node import Node
from protocol.content import Experience
from storage.record_lists import PAGE_SIZE_MAX
from storage.record_views import RecordFilter, RecordRow


class Exported(NamedTuple):
    """A record of a list and what it says now; `content` is None when that has been erased."""

    row: RecordRow
    content: Experience | None


async def batches(
    node: Node, wanted: RecordFilter, visible: Sequence[str]
) -> AsyncIterator[list[Exported]]:
    """All records that a filter lists, the newest first; its page counts for nothing."""
    number, told = 1, frozenset[bytes]()
    while True:
        asked = replace(wanted, page=number, page_size=PAGE_SIZE_MAX)
        page = await node.queries.list_records(asked, visible=visible)
        if page.page < number:
            return  # records were withdrawn meanwhile, and the list has become shorter
        rows = [row for row in page.rows if row.record_id not in told]
        texts = await node.current_texts.of([row.record_id for row in rows])
        yield [Exported(row, _seen(texts.get(row.record_id), visible)) for row in rows]
        if number == page.pages:
            return
        number, told = number + 1, frozenset(row.record_id for row in page.rows)


def _seen(content: Experience | None, visible: Sequence[str]) -> Experience | None:
    return content if content is not None and content.visibility in visible else None
