"""From a draft to a signed entry of our own log.

What we write passes the same strict reader that judges foreign content, so no node ever has to cope
with something that only we could read. Beyond that, three mistakes are caught here because only the
author can still correct them: an unknown subject area, an answer to a record that is not here, and
changing what is not ours. Whose an entry is, the projections say; when they do not know it, they
are asked once more after they have caught up with the log.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, ParamSpec, TypeVar

from pydantic import BaseModel

from node.errors import ArgumentError
from node.ground.ground import Ground
from node.intake.ingest import Ingest
from node.intake.projector import Projector
from node.intake.signing import Draft
from node.municipal import taxonomy
from protocol import strict_json
from protocol.content import (
    Comment,
    Experience,
    Helped,
    Interest,
    RootContent,
    Use,
    Withdraw,
    read_content,
)
from protocol.entry import Envelope
from protocol.errors import ContentError
from protocol.identity import KEY_EVENT_KINDS
from protocol.limits import CONTENT_BYTES_MAX, RUN_BYTES_TARGET
from storage.known_entries import KnownEntry

GROUP_ENTRIES_MAX = 500
"""Entries of one commit: more would gain little and keep neighbours' runs waiting for longer."""

Content = BaseModel | Mapping[str, object]
Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Published:
    """An own entry that is stored here; `record` is the record it belongs to, all ids as hex."""

    entry: str
    log: str
    sequence: int
    kind: str
    record: str


class Ready(NamedTuple):
    """Content that passed every check, as it will be signed; `about` is the record it names."""

    draft: Draft
    about: str | None


class Publisher:
    """Checks content and hands it to ingest."""

    def __init__(self, ground: Ground, *, ingest: Ingest, projector: Projector) -> None:
        self._own_log = ground.own_log
        self._directory = ground.directory
        self._queries = ground.queries
        self._ingest = ingest
        self._projector = projector

    async def publish(self, kind: str, content: Content) -> Published:
        """Sign and store one entry; returns when it is durable and shows on our own pages.

        Raises `ArgumentError` for content nobody could read, and as `Ingest.write`.
        """
        return (await self.publish_many(kind, [content]))[0]

    async def publish_many(
        self, kind: str, contents: Sequence[Content], *, until_shown: bool = True
    ) -> list[Published]:
        """Sign and store several entries of one kind, many to a commit.

        All are checked before the first is signed, so a mistake in one leaves nothing written.
        Waits until they show on our own pages, unless `until_shown` is false.
        """
        written = await self.write(await self.ready(kind, contents))
        if until_shown:
            await self.shown()
        return written

    async def ready(self, kind: str, contents: Sequence[Content]) -> list[Ready]:
        """Check contents without signing anything; raises `ArgumentError` for the first refused."""
        ready: list[Ready] = []
        for checked in await self.check(kind, contents):
            if isinstance(checked, ArgumentError):
                raise checked
            ready.append(checked)
        return ready

    async def check(self, kind: str, contents: Sequence[Content]) -> list[Ready | ArgumentError]:
        """The same, but each refused content gives its error, and the others are ready."""
        checked: list[Ready | ArgumentError] = []
        for start in range(0, len(contents), GROUP_ENTRIES_MAX):
            group = contents[start : start + GROUP_ENTRIES_MAX]
            read = [_tried(_read, kind, content) for content in group]
            known = await self._known({item.reference for item in read if isinstance(item, _Read)})
            checked += [
                item if isinstance(item, ArgumentError) else _tried(self._judge, item, known)
                for item in read
            ]
            await asyncio.sleep(0)  # many contents leave room for the rest of the node
        return checked

    async def write(self, ready: Sequence[Ready]) -> list[Published]:
        """Sign and store what has been checked; returns when it is durable."""
        written: list[Published] = []
        for group in _groups(ready):
            envelopes = await self._ingest.write([item.draft for item in group])
            pairs = zip(group, envelopes, strict=True)
            written += [_published(item, envelope) for item, envelope in pairs]
        return written

    async def shown(self) -> None:
        """Wait until all that has been written shows on our own pages."""
        view = self._directory.get(self._own_log)
        if view is not None and view.head is not None:
            await self._projector.reached(self._own_log, view.head.sequence)

    async def _known(self, references: set[str | None]) -> dict[bytes, KnownEntry]:
        """Look up all that some contents speak of at once."""
        ids = [bytes.fromhex(reference) for reference in references if reference is not None]
        known = await self._queries.known_entries(ids)
        if len(known) < len(ids):
            await self._projector.settled()
            known = await self._queries.known_entries(ids)
        return known

    def _judge(self, read: _Read, known: Mapping[bytes, KnownEntry]) -> Ready:
        """Check what content speaks of; raises `ArgumentError` with the reason."""
        model, reference = read.model, read.reference
        found = known.get(bytes.fromhex(reference)) if reference else None
        is_own = found is not None and found.log == self._own_log
        match model:
            case Experience():
                if taxonomy.find(model.area) is None:
                    raise ArgumentError(f"There is no subject area {model.area}.")
                if reference and not (is_own and found and (found.is_record or found.is_lost)):
                    raise ArgumentError(
                        f"Only an own record can be replaced; {reference} is not ours."
                    )
            case Withdraw():
                if not is_own:
                    raise ArgumentError(
                        f"Only an own entry can be withdrawn; {reference} is not ours."
                    )
                return Ready(read.draft, None)
            case _:
                if reference and not (found and found.is_record):
                    raise ArgumentError(f"There is no record {reference} here.")
        return Ready(read.draft, reference)


class _Read(NamedTuple):
    """Content as it will be signed, as it is read again, and the id of the entry it speaks of."""

    draft: Draft
    model: RootContent
    reference: str | None


def _read(kind: str, content: Content) -> _Read:
    """Write content and read it again as any node will; raises `ArgumentError` with the reason."""
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
    return _Read(Draft(kind, data), model, _reference(model))


def _reference(model: RootContent) -> str | None:
    match model:
        case Experience():
            return model.replaces
        case Withdraw():
            return model.target
        case Comment() | Use() | Interest() | Helped():
            return model.record
    return None


def _tried(
    step: Callable[Arguments, Result], *arguments: Arguments.args, **named: Arguments.kwargs
) -> Result | ArgumentError:
    try:
        return step(*arguments, **named)
    except ArgumentError as error:
        return error


def _published(ready: Ready, envelope: Envelope) -> Published:
    entry = envelope.entry
    return Published(
        entry=entry.id.hex(),
        log=entry.log.hex(),
        sequence=entry.header.sequence,
        kind=ready.draft.kind,
        record=ready.about or entry.id.hex(),
    )


def _groups(ready: Iterable[Ready]) -> list[list[Ready]]:
    """Consecutive contents that fit into one run each."""
    groups: list[list[Ready]] = []
    size_bytes = 0
    for item in ready:
        size_bytes += len(item.draft.content)
        if groups and len(groups[-1]) < GROUP_ENTRIES_MAX and size_bytes <= RUN_BYTES_TARGET:
            groups[-1].append(item)
        else:
            groups.append([item])
            size_bytes = len(item.draft.content)
    return groups
