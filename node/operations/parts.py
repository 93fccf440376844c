"""Everything a node is made of, ready to use; the composition root is node/process/bootstrap.py."""

from __future__ import annotations

from dataclasses import dataclass

from node.accounts.accounts import Accounts
from node.accounts.api_tokens import ApiTokens
from node.accounts.sessions import Sessions
from node.alerts.alerts import Alerts
from node.following.digests import Digests
from node.following.following import Following
from node.ground.background import Background
from node.ground.chores import Chores
from node.ground.ground import Ground
from node.intake.backlog import Backlog
from node.intake.indexer import Indexer
from node.intake.ingest import Ingest
from node.intake.packer import Packer
from node.intake.projector import Projector
from node.operations.draft_importing import Imports
from node.operations.drafts import Drafts
from node.operations.introductions import Introductions
from node.operations.names import Names
from node.operations.publish import Publisher
from node.operations.standings import Standings
from node.sync.dialer import Dialer
from node.sync.driver import Sync
from node.sync.invites import Invites
from node.sync.scrub import Scrub


@dataclass(frozen=True, slots=True)
class Parts(Ground):
    """The ground, and the parts that work on it; what people ask for is done with these."""

    background: Background
    chores: Chores
    accounts: Accounts
    sessions: Sessions
    api_tokens: ApiTokens
    standings: Standings
    ingest: Ingest
    packer: Packer
    projector: Projector
    indexer: Indexer
    backlog: Backlog
    following: Following
    digests: Digests
    publisher: Publisher
    drafts: Drafts
    imports: Imports
    introductions: Introductions
    names: Names
    invites: Invites
    sync: Sync
    scrub: Scrub
    dialer: Dialer
    alerts: Alerts
