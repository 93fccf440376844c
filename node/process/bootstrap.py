"""The composition root: puts one node together from its settings, and takes it apart again.

Nothing here is shared between nodes, so several live in one process. Opening does not serve: no
socket is opened and no neighbour is dialled until `node.process.server.serving`. Parts are made
from the disk upwards (node/ground/ground.py first) and ended downwards.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import fields
from typing import TextIO

from node.accounts.accounts import Accounts
from node.accounts.api_tokens import ApiTokens
from node.accounts.sessions import Sessions
from node.alerts.alerts import Alerts
from node.clock import Clock, SystemClock
from node.config import Settings
from node.following.digests import Digests
from node.following.following import Following
from node.ground.background import Background
from node.ground.chores import Chores
from node.ground.data_folder import DataFolder
from node.ground.ground import Ground, open_ground
from node.intake.backlog import Backlog
from node.intake.indexer import Indexer
from node.intake.ingest import Ingest
from node.intake.key_events import KeyEvents
from node.intake.last_word import LastWord
from node.intake.packer import Packer
from node.intake.projector import Projector
from node.municipal.signed_names import meaning
from node.observability import make_logger
from node.operations.draft_importing import Imports
from node.operations.drafts import Drafts
from node.operations.introductions import Introductions
from node.operations.names import Names
from node.operations.node import Node
from node.operations.publish import Publisher
from node.operations.standings import Standings
from node.process.memory import settle_memory
from node.sync.blob_sweeping import keep_swept
from node.sync.contacts import Contacts
from node.sync.dialer import Dialer
from node.sync.driver import Sync
from node.sync.invites import Invites
from node.sync.knocking import Knocking
from node.sync.quotas import Quotas
from node.sync.scrub import Scrub
from node.web.alert_texts import AlertTexts
from node.web.letter_words import LetterWords
from protocol.handshake import Ourselves
from protocol.hub import Hub
from protocol.limits import EPOCH_BYTES
from storage.database import Database


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
    settle_memory()  # before there are threads, each with an area of its own
    async with AsyncExitStack() as stack:
        stack.enter_context(folder.lock)
        database = await Database.open(settings.database)
        stack.push_async_callback(database.close)
        logger = make_logger(settings, own_log.hex()[:8], log_stream)
        ground = await open_ground(
            settings, own_log, clock=clock or SystemClock(), logger=logger, database=database
        )
        node = await _assemble(ground)
        stack.callback(node.search.close)
        stack.push_async_callback(node.chores.finish)
        stack.push_async_callback(node.background.stop)
        stack.callback(node.first_asking.stop)
        stack.callback(node.sessions.hashing.close)
        await node.names.review()
        with meaning(node.names.signed):  # in the tasks that begin here
            _start(node)
        yield node


def _start(node: Node) -> None:
    """Start the loops; the one that others wait for is started, and so stopped, around them."""
    node.background.start(node.chores.run(), "chores")
    node.chores.add(node.imports.forget_old)
    node.background.start(node.projector.run(), "projector")
    node.background.start(node.indexer.run(), "indexer")
    node.background.start(node.ingest.run(), "ingest")
    node.background.start(node.introductions.run(), "introductions")
    node.background.start(node.names.run(), "names")
    node.background.start(node.packer.run(), "packer")
    node.background.start(node.digests.run(), "digests")
    node.background.start(node.sync.blobs.write(), "attachments written")
    node.background.start(node.sync.blobs.run(), "attachments fetched")
    node.background.start(keep_swept(node), "attachments swept")
    node.projector.wake()
    node.indexer.wake()


async def _make_sync(
    ground: Ground, key_events: KeyEvents, invites: Invites, ingest: Ingest, chores: Chores
) -> Sync:
    ourselves = Ourselves(
        log=ground.own_log,
        signer=ground.own_key.sign,
        key_events=key_events.of,
        epoch=ground.clock.token(EPOCH_BYTES),
        origins=ground.settings.origins,
        invited=invites.may_use,
        own_origin=ground.settings.public_url,
        public_key=lambda: ground.own_key.current.public_key,
    )
    hub = Hub(ground.directory, ourselves)
    contacts = Contacts(ground, chores)
    await contacts.load()
    quotas = Quotas(ground, chores)
    await quotas.load()
    return Sync(
        ground,
        hub=hub,
        ingest=ingest,
        chores=chores,
        contacts=contacts,
        knocking=Knocking(ground, invites=invites, chores=chores),
        quotas=quotas,
    )


async def _assemble(ground: Ground) -> Node:
    """Make all parts and introduce them to each other; nothing runs yet."""
    chores = Chores(ground.logger)
    sessions = Sessions(ground, chores)
    key_events = KeyEvents()
    await key_events.load(ground.log_store)
    ingest = Ingest(ground)
    projector = Projector(
        ground.projections,
        ground.logger,
        ingest_bytes=lambda: ingest.waiting_bytes,
        chores=chores,
    )
    indexer = Indexer(ground.search, ground.projections, ground.logger)
    packer = Packer(ground.log_store, ground.logger)
    following = Following(ground, projector)
    publisher = Publisher(ground, ingest=ingest, projector=projector)
    standings = Standings(ground)
    introductions = Introductions(
        ground, standings=standings, publisher=publisher, projector=projector
    )
    names = Names(ground, projector=projector, indexer=indexer)
    invites = Invites(ground)
    await invites.load()
    sync = await _make_sync(ground, key_events, invites, ingest, chores)
    drafts = Drafts(ground)
    background = Background(ground.logger)
    node = Node(
        **{field.name: getattr(ground, field.name) for field in fields(ground)},
        background=background,
        chores=chores,
        accounts=Accounts(ground, sessions),
        sessions=sessions,
        api_tokens=ApiTokens(ground),
        standings=standings,
        ingest=ingest,
        packer=packer,
        projector=projector,
        indexer=indexer,
        backlog=Backlog(ground.projections, ground.clock),
        following=following,
        digests=Digests(
            ground, following, projector, indexer, LetterWords(ground.settings.public_url)
        ),
        publisher=publisher,
        drafts=drafts,
        imports=Imports(ground, drafts),
        introductions=introductions,
        names=names,
        invites=invites,
        sync=sync,
        scrub=Scrub(ground, sync.mender, sync.blobs),
        dialer=Dialer(ground, sync=sync),
        alerts=Alerts(
            ground,
            sync,
            background,
            AlertTexts(ground.settings.public_url),
            lambda: names.refused,
        ),
    )
    _introduce(node, key_events)
    return node


def _introduce(node: Node, key_events: KeyEvents) -> None:
    """Tell the parts of each other's news, in this order."""
    node.ingest.listeners += [
        LastWord(node).on_committed,  # before anything that might sign
        key_events.on_committed,
        node.projector.on_committed,  # before whoever waits for projections
        node.sync.on_committed,
        node.introductions.on_committed,
        node.names.on_committed,
        node.packer.on_committed,
    ]
    node.sync.mender.listeners += [node.projector.wake, node.indexer.wake]
    node.projector.listeners += [node.sync.blobs.wake, node.indexer.wake]
    node.standings.listeners += [node.sync.standing_changed, node.names.on_decided]
    node.recovery.listeners.append(node.introductions.wake)
