"""From a draft to a signed entry of our own log.

What we write passes the same strict reader that judges foreign content, so no node ever has to cope
with something that only we could read. Beyond that, three mistakes are caught here because only the
author can still correct them: an unknown subject area, an answer to a record that is not here, and
changing what is not ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from node.errors import ArgumentError
from node.ground.ground import Ground
from node.intake.ingest import Draft, Ingest
from node.intake.projector import Projector
from node.municipal import taxonomy
from protocol import strict_json
from protocol.content import Experience, Withdraw, read_content
from protocol.entry import Envelope
from protocol.errors import ContentError
from protocol.identity import KEY_EVENT_KINDS
from protocol.limits import CONTENT_BYTES_MAX, RUN_BYTES_TARGET

GROUP_ENTRIES_MAX = 200

Content = BaseModel | Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Published:
    """An own entry that is stored here; `record` is the record it belongs to, all ids as hex."""

    entry: str
    log: str
    sequence: int
    kind: str
    record: str


class Publisher:
    """Checks content and hands it to ingest."""

    def __init__(self, ground: Ground, *, ingest: Ingest, projector: Projector) -> None:
        self._own_log = ground.own_log
        self._log_store = ground.log_store
        self._ingest = ingest
        self._projector = projector

    async def publish(self, kind: str, content: Content) -> Published:
        """Sign and store one entry; returns when it is durable and shows on our own pages.

        Raises `ArgumentError` for content nobody could read, and as `Ingest.write`.
        """
        return (await self.publish_many(kind, [content]))[0]

    async def publish_many(self, kind: str, contents: Sequence[Content]) -> list[Published]:
        """Sign and store several entries of one kind, many to a commit.

        All are checked before the first is signed, so a mistake in one leaves nothing written.
        """
        drafts = [await self.draft(kind, content) for content in contents]
        written: list[Published] = []
        for group in _groups(drafts):
            envelopes = await self._ingest.write(group)
            pairs = zip(group, envelopes, strict=True)
            written += [_published(draft, envelope) for draft, envelope in pairs]
        await self._projector.settled()
        return written

    async def draft(self, kind: str, content: Content) -> Draft:
        """Check content without signing anything; raises `ArgumentError` with the reason."""
        if kind in KEY_EVENT_KINDS:
            raise ArgumentError("A change of key is not published as an entry.")
        try:
            data = strict_json.dumps(content)
            if len(data) > CONTENT_BYTES_MAX:
                raise ArgumentError(
                    f"The text is {len(data)} bytes; the most is {CONTENT_BYTES_MAX}. Shorten it."
                )
            model = read_content(kind, data)
        except (ContentError, TypeError, ValueError) as error:
            raise ArgumentError(f"This cannot be published: {error}") from error
        await self._check_references(model)
        return Draft(kind, data)

    async def _check_references(self, model: BaseModel) -> None:
        if isinstance(model, Experience):
            if taxonomy.find(model.area) is None:
                raise ArgumentError(f"There is no subject area {model.area}.")
            if model.replaces is not None:
                await self._require_own(model.replaces, "Only an own record can be replaced")
        elif isinstance(model, Withdraw):
            await self._require_own(model.target, "Only an own entry can be withdrawn")
        record = getattr(model, "record", None)
        if record is not None and await self._log_store.entry_by_id(bytes.fromhex(record)) is None:
            raise ArgumentError(f"There is no record {record} here.")

    async def _require_own(self, entry: str, message: str) -> None:
        found = await self._log_store.entry_by_id(bytes.fromhex(entry))
        if found is None or found.entry.log != self._own_log:
            raise ArgumentError(f"{message}; {entry} is not ours.")


def _published(draft: Draft, envelope: Envelope) -> Published:
    model = read_content(draft.kind, draft.content)
    entry = envelope.entry
    about = getattr(model, "replaces", None) or getattr(model, "record", None)
    return Published(
        entry=entry.id.hex(),
        log=entry.log.hex(),
        sequence=entry.header.sequence,
        kind=draft.kind,
        record=about or entry.id.hex(),
    )


def _groups(drafts: Sequence[Draft]) -> list[list[Draft]]:
    """Consecutive drafts that fit into one run each."""
    groups: list[list[Draft]] = []
    size_bytes = 0
    for draft in drafts:
        size_bytes += len(draft.content)
        if groups and len(groups[-1]) < GROUP_ENTRIES_MAX and size_bytes <= RUN_BYTES_TARGET:
            groups[-1].append(draft)
        else:
            groups.append([draft])
            size_bytes = len(draft.content)
    return groups
