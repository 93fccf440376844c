"""The composition root: puts one node together from its settings, and takes it apart again.

Nothing here is shared between nodes, so several live in one process. Opening does not serve: no
socket is opened and no neighbour is dialled until `node.server.serving`. Parts are made from the
disk upwards and ended downwards.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import TextIO

from structlog.typing import FilteringBoundLogger

from node.background import Background
from node.chores import Chores
from node.clock import Clock, SystemClock
from node.config import Settings
from node.data_folder import DataFolder
from node.errors import LogMismatchError
from node.ingest import Ingest
from node.introductions import Introductions
from node.key_events import KeyEvents
from node.observability import make_logger
from node.operations import Operations
from node.projector import Projector
from node.publish import Publisher
from node.recovery import Recovery
from node.standings import Standings
from node.sync.dialer import Dialer
from node.sync.driver import Sync
from protocol.directory import Directory, Standing
from protocol.hub import Hub
from protocol.identity import SigningKey
from protocol.limits import EPOCH_BYTES
from storage.audit_store import AuditStore
from storage.database import Database
from storage.guard_file import GuardFile, GuardState
from storage.introduction_queries import IntroductionQueries
from storage.log_store import LogStore
from storage.neighbour_store import NeighbourStore
from storage.projections import Projections
from storage.record_queries import RecordQueries
from storage.settings_store import EPOCH, OWN_LOG, SettingsStore


@dataclass(frozen=True, slots=True)
class Node:
    """One open node; every part is ready to use."""

    settings: Settings
    own_log: bytes
    clock: Clock
    logger: FilteringBoundLogger
    background: Background
    directory: Directory
    log_store: LogStore
    projections: Projections
    queries: RecordQueries
    neighbours: NeighbourStore
    audit: AuditStore
    facts: SettingsStore
    standings: Standings
    recovery: Recovery
    guard: GuardFile
    ingest: Ingest
    projector: Projector
    publisher: Publisher
    introductions: Introductions
    chores: Chores
    sync: Sync
    dialer: Dialer

    @property
    def operations(self) -> Operations:
        """The verbs that commands, control socket and pages share."""
        return Operations(self)

    def today(self) -> date:
        """The date in this machine's time zone."""
        return datetime.fromtimestamp(self.clock.time_ms() / 1000).astimezone().date()


@asynccontextmanager
async def open_node(
    settings: Settings, *, clock: Clock | None = None, log_stream: TextIO | None = None
) -> AsyncIterator[Node]:
    """Open the node in the data folder of `settings`.

    Raises `NotCreatedError`, `FolderLockedError` when another node runs on the folder, or a
    storage error.
    """
    folder = DataFolder(settings.data)
    own_log = folder.read_log_id()
    async with AsyncExitStack() as stack:
        stack.enter_context(folder.lock)
        database = await Database.open(settings.database)
        stack.push_async_callback(database.close)
        logger = make_logger(settings, own_log.hex()[:8], log_stream)
        node = await _assemble(settings, clock or SystemClock(), logger, database, folder, own_log)
        stack.push_async_callback(node.chores.finish)
        stack.push_async_callback(node.background.stop)
        node.background.start(node.chores.run(), "chores")
        node.background.start(node.projector.run(), "projector")
        node.background.start(node.ingest.run(), "ingest")
        node.background.start(node.introductions.run(), "introductions")
        node.projector.wake()
        yield node


async def _assemble(
    settings: Settings,
    clock: Clock,
    logger: FilteringBoundLogger,
    database: Database,
    folder: DataFolder,
    own_log: bytes,
) -> Node:
    """Make all parts and introduce them to each other; nothing runs yet."""
    signing_key = SigningKey.from_seed(folder.key_file.load())
    log_store, neighbours = LogStore(database), NeighbourStore(database)
    audit, facts = AuditStore(database), SettingsStore(database)
    await _restore_own_row(log_store, facts, own_log, clock)
    directory = await log_store.load_directory()
    recovery = await _recovery(directory, log_store, folder.guard, own_log, logger)
    background, chores = Background(logger), Chores(logger)
    projections = Projections(database)
    projector = Projector(projections, logger)
    key_events = KeyEvents()
    await key_events.load(log_store, directory)
    ingest = Ingest(
        own_log=own_log,
        signing_key=signing_key,
        directory=directory,
        log_store=log_store,
        guard=folder.guard,
        recovery=recovery,
        clock=clock,
        logger=logger,
    )
    publisher = Publisher(own_log=own_log, ingest=ingest, projector=projector, log_store=log_store)
    standings = Standings(directory=directory, log_store=log_store, audit=audit, clock=clock)
    introductions = Introductions(
        own_log=own_log,
        introducers_needed=settings.introducers_needed,
        directory=directory,
        log_store=log_store,
        neighbours=neighbours,
        facts=facts,
        queries=IntroductionQueries(database),
        standings=standings,
        publisher=publisher,
        projector=projector,
        logger=logger,
    )
    epoch = await facts.get(EPOCH)
    sync = Sync(
        hub=Hub(
            directory=directory,
            own_log=own_log,
            signer=signing_key.sign,
            key_events=key_events.of,
            epoch=bytes.fromhex(epoch or ""),
            origins=settings.origins,
        ),
        own_log=own_log,
        directory=directory,
        log_store=log_store,
        neighbours=neighbours,
        ingest=ingest,
        recovery=recovery,
        guard=folder.guard,
        chores=chores,
        clock=clock,
        logger=logger,
    )
    dialer = Dialer(clock=clock, logger=logger, sync=sync)
    ingest.listeners += [key_events.on_committed, sync.on_committed, introductions.on_committed]
    ingest.listeners.append(lambda _committed: projector.wake())
    standings.listeners.append(sync.standing_changed)
    recovery.listeners.append(introductions.wake)
    return Node(
        settings=settings,
        own_log=own_log,
        clock=clock,
        logger=logger,
        background=background,
        directory=directory,
        log_store=log_store,
        projections=projections,
        queries=RecordQueries(database),
        neighbours=neighbours,
        audit=audit,
        facts=facts,
        standings=standings,
        recovery=recovery,
        guard=folder.guard,
        ingest=ingest,
        projector=projector,
        publisher=publisher,
        introductions=introductions,
        chores=chores,
        sync=sync,
        dialer=dialer,
    )


async def _restore_own_row(
    log_store: LogStore, facts: SettingsStore, own_log: bytes, clock: Clock
) -> None:
    """A database that was lost starts again as an empty one that knows which log is ours."""
    stored = await facts.get(OWN_LOG)
    if stored is None:
        await log_store.set_standing(own_log, Standing.OWN, now_ms=clock.time_ms())
        await facts.put(EPOCH, clock.token(EPOCH_BYTES).hex())
        await facts.put(OWN_LOG, own_log.hex())
    elif stored != own_log.hex():
        raise LogMismatchError("The database and the data folder belong to different nodes.")


async def _recovery(
    directory: Directory,
    log_store: LogStore,
    guard: GuardFile,
    own_log: bytes,
    logger: FilteringBoundLogger,
) -> Recovery:
    """Compare database and guard; a guard that a crash left behind is brought up here."""
    view = directory.get(own_log)
    head = view.head if view else None
    known = guard.read()
    at_guard = await log_store.entry(own_log, known.sequence) if known else None
    place = (head.sequence, head.id) if head else None
    state = guard.check(place, at_guard.entry.id if at_guard else None)
    if state is GuardState.DATABASE_AHEAD and head is not None:
        guard.write(head.sequence, head.id)
    recovery = Recovery(state, known.sequence if known else 0)
    if recovery.reason:
        logger.warning("recovering: nothing is signed", reason=recovery.reason)
    return recovery
