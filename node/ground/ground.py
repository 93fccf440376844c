"""What the rest of a node stands on: settings, clocks, key, stores, directory, right to sign.

Opened once, before anything runs. Everything later parts need of the disk is reached through here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from structlog.typing import FilteringBoundLogger

from node.clock import Clock
from node.config import Settings
from node.errors import LogMismatchError
from node.ground.data_folder import DataFolder
from node.ground.first_asking import FirstAsking
from node.ground.guard_keeper import GuardKeeper
from node.ground.last_run import was_off_for_long
from node.ground.own_key import OwnKey
from node.ground.recovery import COPY_MET, OWN_LOG_CLAIM, Recovery
from protocol.directory import Directory, Standing
from protocol.limits import EPOCH_BYTES
from storage.account_store import AccountStore
from storage.alert_letter_store import AlertLetterStore
from storage.alert_store import AlertStore
from storage.api_token_store import ApiTokenStore
from storage.audit_store import AuditStore
from storage.blob_files import FOLDER_NAME, BlobFiles
from storage.blob_store import BlobStore
from storage.blob_sweep import BlobSweep
from storage.contact_store import ContactStore
from storage.current_texts import CurrentTexts
from storage.database import Database
from storage.digest_store import DigestStore
from storage.draft_store import DraftStore
from storage.errors import DamagedLogError
from storage.feed_key_store import FeedKeyStore
from storage.follow_store import FollowStore
from storage.guard_file import GuardState
from storage.import_store import ImportStore
from storage.introduction_queries import IntroductionQueries
from storage.invite_store import InviteStore
from storage.lifecycle_queries import LifecycleQueries
from storage.log_store import LogStore
from storage.log_walk import Walker
from storage.name_store import NameStore
from storage.neighbour_store import NeighbourStore
from storage.news_queries import NewsQueries
from storage.projections import Projections
from storage.quota_store import QuotaStore
from storage.record_queries import RecordQueries
from storage.search.search import Search
from storage.search.search_index import FOLDER_NAME as SEARCH_FOLDER
from storage.session_store import Lifetime, SessionStore
from storage.settings_store import EPOCH, OWN_LOG, SettingsStore
from storage.settling import SettlingStore

SESSION_LIFETIME = Lifetime(idle_ms=12 * 60 * 60 * 1000, whole_ms=7 * 24 * 60 * 60 * 1000)


@dataclass(frozen=True, slots=True)
class Ground:
    """The parts of a node that exist before anything runs."""

    settings: Settings
    own_log: bytes
    clock: Clock
    logger: FilteringBoundLogger
    own_key: OwnKey
    guard: GuardKeeper
    recovery: Recovery
    first_asking: FirstAsking
    directory: Directory
    log_store: LogStore
    settling_store: SettlingStore
    projections: Projections
    search: Search
    queries: RecordQueries
    current_texts: CurrentTexts
    introduction_queries: IntroductionQueries
    lifecycle_queries: LifecycleQueries
    name_store: NameStore
    neighbours: NeighbourStore
    contact_store: ContactStore
    quota_store: QuotaStore
    invite_store: InviteStore
    audit: AuditStore
    alert_store: AlertStore
    alert_letter_store: AlertLetterStore
    account_store: AccountStore
    session_store: SessionStore
    api_token_store: ApiTokenStore
    draft_store: DraftStore
    import_store: ImportStore
    follow_store: FollowStore
    feed_key_store: FeedKeyStore
    news_queries: NewsQueries
    digest_store: DigestStore
    blob_store: BlobStore
    blob_files: BlobFiles
    blob_sweep: BlobSweep
    walker: Walker
    facts: SettingsStore


async def open_ground(
    settings: Settings,
    own_log: bytes,
    *,
    clock: Clock,
    logger: FilteringBoundLogger,
    database: Database,
) -> Ground:
    """Read what the data folder and the database hold of the node whose log is `own_log`.

    Raises storage errors and `LogMismatchError`.
    """
    folder = DataFolder(settings.data)
    log_store, facts = LogStore(database), SettingsStore(database)
    await _restore_own_row(log_store, facts, own_log, clock)
    directory = await log_store.load_directory()
    blob_store, blob_files = BlobStore(database), BlobFiles(settings.data / FOLDER_NAME)
    epoch = bytes.fromhex(await facts.get(EPOCH) or "")
    search = await asyncio.to_thread(Search, database, settings.data / SEARCH_FOLDER, epoch)
    projections = Projections(database)
    recovery = await _compare_with_guard(directory, log_store, facts, folder, own_log)
    own_view = directory.get(own_log)
    own_key = OwnKey(folder, own_view.head if own_view else None)
    recovery.compare_key(own_view, own_key.current)
    if recovery.reason is not None:
        logger.warning("recovering: nothing is signed", reason=recovery.reason)
    give_up = await _giving_up(recovery, facts, clock, logger)
    return Ground(
        settings=settings,
        own_log=own_log,
        clock=clock,
        logger=logger,
        own_key=own_key,
        guard=GuardKeeper(folder.guard),
        recovery=recovery,
        first_asking=_first_asking(directory, clock, settings, give_up),
        directory=directory,
        log_store=log_store,
        settling_store=SettlingStore(database),
        projections=projections,
        search=search,
        queries=RecordQueries(database, search, clock.time_ms, projections.recent),
        current_texts=CurrentTexts(database),
        introduction_queries=IntroductionQueries(database),
        lifecycle_queries=LifecycleQueries(database),
        name_store=NameStore(database),
        neighbours=NeighbourStore(database),
        contact_store=ContactStore(database),
        quota_store=QuotaStore(database),
        invite_store=InviteStore(database),
        audit=AuditStore(database),
        alert_store=AlertStore(database),
        alert_letter_store=AlertLetterStore(database),
        account_store=AccountStore(database),
        session_store=SessionStore(database, SESSION_LIFETIME),
        api_token_store=ApiTokenStore(database),
        draft_store=DraftStore(database),
        import_store=ImportStore(database),
        follow_store=FollowStore(database),
        feed_key_store=FeedKeyStore(database),
        news_queries=NewsQueries(database, search),
        digest_store=DigestStore(database),
        blob_store=blob_store,
        blob_files=blob_files,
        blob_sweep=BlobSweep(database, blob_store, blob_files),
        walker=Walker(database, log_store),
        facts=facts,
    )


def _first_asking(
    directory: Directory, clock: Clock, settings: Settings, give_up: Callable[[], None] | None
) -> FirstAsking:
    wait_ms = settings.ask_neighbours_seconds * 1000
    return FirstAsking(lambda: directory.neighbours, clock.monotonic_ms, wait_ms, give_up=give_up)


async def _giving_up(
    recovery: Recovery, facts: SettingsStore, clock: Clock, logger: FilteringBoundLogger
) -> Callable[[], None] | None:
    """What happens when neighbours have not answered in time; None when the node may sign then."""

    def sign_nothing() -> None:
        recovery.note_off()
        logger.warning("recovering: nothing is signed", reason=recovery.reason)

    return sign_nothing if await was_off_for_long(facts, clock) else None


async def _restore_own_row(
    log_store: LogStore, facts: SettingsStore, own_log: bytes, clock: Clock
) -> None:
    """A database that was lost starts again as an empty one that knows which log is ours."""
    stored = await facts.get(OWN_LOG)
    if stored is None:
        await log_store.set_standing(own_log, Standing.OWN, now_ms=clock.time_ms())
        epoch = clock.token(EPOCH_BYTES)
        await facts.put_many({OWN_LOG: own_log.hex(), EPOCH: epoch.hex()})
    elif stored != own_log.hex():
        raise LogMismatchError("The database and the data folder belong to different nodes.")


async def _compare_with_guard(
    directory: Directory,
    log_store: LogStore,
    facts: SettingsStore,
    folder: DataFolder,
    own_log: bytes,
) -> Recovery:
    """Compare database and guard; a guard that a crash left behind is brought up here."""
    view = directory.get(own_log)
    head = view.head if view else None
    known = folder.guard.read()
    id_at_guard, newest, is_damaged = None, None, False
    try:
        at_guard = await log_store.entry(own_log, known.sequence) if known else None
        id_at_guard = at_guard.entry.id if at_guard else None
        newest = await log_store.entry(own_log, head.sequence) if head else None
    except DamagedLogError:  # no history can be compared now, and nothing is signed until it can
        id_at_guard, is_damaged = id_at_guard or (known.id if known else None), True
    place = (head.sequence, head.id) if head else None
    state = folder.guard.check(place, id_at_guard)
    if state is GuardState.DATABASE_AHEAD and head is not None and not is_damaged:
        folder.guard.write(head.sequence, head.id)
    claim = int(await facts.get(OWN_LOG_CLAIM) or 0)
    claimed = claim > (head.sequence if head else 0)
    recovery = Recovery(state, known.sequence if known else 0, claimed=claimed)
    if await facts.get(COPY_MET):
        recovery.note_copy()
    if newest is not None:
        recovery.note_newest(newest.entry.header.kind)
    recovery.note_damage(is_damaged)
    return recovery
