"""The versions of a record: which there are, and what each of them said.

What a version said is read from the log, by the index of its runs, and checked again; it is not
kept a second time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import bindparam, select

from protocol.content import Experience, read_content
from protocol.errors import ContentError
from storage.prepared import Prepared, Selection, Step, Steps
from storage.record_views import VersionRow, Wording
from storage.schema import logs, record_versions, runs
from storage.stored_run import StoredRun, arrival_times_ms, damaged, stored_envelopes


class Version(NamedTuple):
    """One version as projected: whose entry it is and who may see it."""

    row: VersionRow
    visibility: str
    log_no: int


_VERSIONS = Selection(
    select(record_versions)
    .where(record_versions.c.record_id == bindparam("record"))
    .order_by(record_versions.c.sequence)
)
_RUN = Prepared(
    select(logs.c.log_id, runs)
    .join(logs, logs.c.log_no == runs.c.log_no)
    .where(runs.c.log_no == bindparam("log_no"), runs.c.first_sequence <= bindparam("sequence"))
    .order_by(runs.c.first_sequence.desc())
    .limit(1)
)


def read_versions(record: bytes) -> Steps[list[Version]]:
    """Return all versions of a record, the oldest first."""
    return [
        Version(
            VersionRow(row.entry_id, row.sequence, row.shown_ms, row.title),
            row.visibility,
            row.log_no,
        )
        for row in (yield from _VERSIONS.read({"record": record}))
    ]


def read_wording(version: Version) -> Steps[tuple[Experience | None, int]]:
    """Return a version's content, None when it has been erased, and when it arrived."""
    sequence = version.row.sequence
    found = yield Step(_RUN, [{"log_no": version.log_no, "sequence": sequence}])
    if not found:
        raise damaged(b"", sequence, "it is missing")
    row = StoredRun(*found[0])
    envelopes = stored_envelopes(row, sequence - 1, sequence)
    if not envelopes:
        raise damaged(row.log, sequence, "it is missing")
    ((entry, body),) = envelopes
    received_ms = arrival_times_ms(row)[sequence - row.first_sequence]
    if body is None:
        return None, received_ms
    try:
        content = read_content(entry.header.kind, body.content)
    except ContentError:
        return None, received_ms
    return (content if isinstance(content, Experience) else None), received_ms


def read_wordings(
    record: bytes, wanted: Sequence[bytes], visible: Sequence[str]
) -> Steps[tuple[Wording, ...]]:
    """Return what these versions of a record said, in this order; others are left out."""
    known = {
        item.row.entry_id: item
        for item in (yield from read_versions(record))
        if item.visibility in visible
    }
    found = []
    for entry_id in wanted:
        if entry_id in known:
            experience, _ = yield from read_wording(known[entry_id])
            found.append(Wording(known[entry_id].row, experience))
    return tuple(found)
