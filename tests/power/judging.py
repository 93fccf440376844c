"""Whether what a power cut left keeps every promise: opened and asked by the real program."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from node.errors import NotCreatedError
from node.ground.data_folder import KEY_NAME, DataFolder
from node.operations.node import Node
from node.process.bootstrap import open_node
from protocol.blob_messages import Blob
from protocol.chain import Head, verify_run
from protocol.errors import TidanError
from protocol.identity import SigningKey
from storage.database import DATABASE_FILE_NAME
from storage.record_views import RecordFilter
from storage.sqlite_library import sqlite
from tests.power.history import Said
from tests.power.node_workload import settings_of

BATCH = 1_000


@dataclass(slots=True)
class Promised:
    """What one node has acknowledged, as far as it must still hold."""

    entries: dict[tuple[str, int], str] = field(default_factory=dict)
    files: list[Blob] = field(default_factory=list)
    drafts: dict[str, str] = field(default_factory=dict)
    neighbours: set[str] = field(default_factory=set)
    users: set[str] = field(default_factory=set)
    sheet_seeds: set[str] = field(default_factory=set)
    is_created: bool = False

    def add(self, words: Mapping[str, Any]) -> None:
        """Take one line of the node in."""
        match words["what"]:
            case "created":
                self.is_created = True
                self.entries[words["log"], 1] = words["log"]
                self.sheet_seeds.add(words["seed"])
            case "begun":
                self.is_created = True
            case "entry":
                self.entries[words["log"], words["sequence"]] = words["id"]
            case "rotating":
                # A person takes back what follows, and brings the sheet's key to this machine.
                self.sheet_seeds.add(words["seed"])
                kept = {at: e for at, e in self.entries.items() if at[1] <= words["after"]}
                self.entries = kept
            case "file":
                self.files.append(Blob(bytes.fromhex(words["sha256"]), words["size_bytes"]))
            case "draft":
                self.drafts[words["id"]] = words["title"]
            case "neighbour":
                self.neighbours.add(words["log"])
            case "user":
                self.users.add(words["name"])


def promised(said: Iterable[Said], code: str) -> Promised:
    """All that a node has acknowledged by now; what nobody names speaks for every node."""
    found = Promised()
    for item in said:
        if item.words["node"] in ("", code):
            found.add(item.words)
    return found


class Judge:
    """Judges disks; remembers what records look like at which heads."""

    def __init__(self) -> None:
        self._digests: dict[tuple[tuple[bytes, bytes], ...], str] = {}

    async def problems(self, folder: Path, given: Promised) -> list[str]:
        """What is broken of a node's promises; nothing for a node that was never acknowledged."""
        log_lines = io.StringIO()
        try:
            DataFolder(folder).read_log_id()
        except NotCreatedError as error:
            return [str(error)] if given.is_created else []
        try:
            async with open_node(settings_of(folder), log_stream=log_lines) as node:
                found = [
                    *await _lost_entries(node, given),
                    *await _lost_things(node, given),
                    *_guard_problems(node, folder),
                    *_key_problems(node, folder, given),
                    *await self._derived_problems(node),
                ]
        except TidanError as error:
            return [f"does not open: {error!r}"]
        found += _sqlite_problems(folder)
        if "error" in log_lines.getvalue():
            found.append(f"logged: {log_lines.getvalue()}")
        return found

    async def _derived_problems(self, node: Node) -> list[str]:
        """Records and search must be those that the log makes."""
        await node.projector.settled()
        await node.indexer.settled()
        heads = tuple((item.log, item.id) for item in node.directory.items())
        digest = await node.projections.digest()
        if heads not in self._digests:
            await node.projections.rebuild()
            self._digests[heads] = await node.projections.digest()
        found = [] if digest == self._digests[heads] else ["the records are not those of the log"]
        listed = await node.queries.list_records(RecordFilter())
        searched = await node.queries.list_records(RecordFilter(text="Exempel"))
        if listed.total != searched.total:
            found.append(f"search finds {searched.total} of {listed.total} records")
        return found


async def _lost_entries(node: Node, given: Promised) -> list[str]:
    found = []
    stored: dict[str, list[str]] = {}
    for item in node.directory.items():
        view = node.directory.get(item.log)
        ids = await _chain(node, item.log, view.head) if view and view.head else None
        if ids is None:
            found.append(f"log {item.log.hex()[:8]} does not verify")
        stored[item.log.hex()] = ids or []
    for (log, sequence), entry in given.entries.items():
        here = stored.get(log, [])
        if sequence > len(here) or here[sequence - 1] != entry:
            found.append(f"entry {sequence} of log {log[:8]} is lost; {len(here)} are here")
    return found


async def _chain(node: Node, log: bytes, head: Head) -> list[str] | None:
    """The ids of a log from its first entry, verified; None when they do not hold."""
    ids: list[str] = []
    at: Head | None = None
    while len(ids) < head.sequence:
        run = await node.log_store.read_run(log, len(ids), head.sequence)
        result = verify_run(at, log, run)
        if result.error is not None or not result.accepted:
            return None
        at = result.head
        ids += [envelope.entry.id.hex() for envelope in result.accepted]
    return ids if at == head else None


async def _lost_things(node: Node, given: Promised) -> list[str]:
    held = await node.blob_store.held([blob.digest for blob in given.files])
    found = [
        f"attachment {blob.digest.hex()[:8]} is lost"
        for blob in given.files
        if blob.digest not in held or not node.blob_files.is_whole(blob)
    ]
    for draft_id, title in given.drafts.items():
        draft = await node.draft_store.get(bytes.fromhex(draft_id))
        if draft is None or draft.title != title:
            found.append(f"draft {title} is lost")
    users = {user.name for user in await node.account_store.all()}
    found += [f"user {name} is lost" for name in given.users - users]
    neighbours = {item.log.hex() for item in await node.neighbours.all()}
    return found + [f"neighbour {log[:8]} is lost" for log in given.neighbours - neighbours]


def _guard_problems(node: Node, folder: Path) -> list[str]:
    if node.recovery.reason is not None:
        return [f"signs nothing: {node.recovery.reason}"]
    view, guard = node.directory.get(node.own_log), DataFolder(folder).guard.read()
    head = view.head if view else None
    if head is None or guard is None or (head.sequence, head.id) != tuple(guard):
        return [f"the guard says {guard}, the log {head}"]
    return []


def _key_problems(node: Node, folder: Path, given: Promised) -> list[str]:
    """The key of the log is here, and no recovery key that is not the one in use."""
    view = node.directory.get(node.own_log)
    assert view is not None
    assert view.head is not None
    found = []
    if node.own_key.current.public_key != view.head.keys.current:
        found.append("the key on this machine is not the log's")
    for seed in given.sheet_seeds:
        is_current = SigningKey(bytes.fromhex(seed)).public_key == view.head.keys.current
        for path in folder.iterdir():
            small = path.is_file() and path.name != DATABASE_FILE_NAME
            may = is_current and path.name == KEY_NAME
            if small and not may and seed.encode() in path.read_bytes():
                found.append(f"a recovery key lies in {path.name}")
    return found


def _sqlite_problems(folder: Path) -> list[str]:
    connection = sqlite.connect(folder / DATABASE_FILE_NAME)
    try:
        said = connection.execute("PRAGMA integrity_check").fetchall()
    finally:
        connection.close()
    return [] if said == [("ok",)] else [f"SQLite: {said}"]
