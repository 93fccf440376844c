"""The command `tidan`: the list of its commands, in the order a new operator meets them."""

from __future__ import annotations

import click

from node.cli.audit import audit
from node.cli.command import TidanGroup
from node.cli.demo import demo
from node.cli.doctor import doctor
from node.cli.imports import import_group
from node.cli.invites import INVITE_COMMANDS
from node.cli.keys import key
from node.cli.knocks import KNOCK_COMMANDS
from node.cli.lifecycle import LIFECYCLE_COMMANDS, move_neighbour
from node.cli.logs import log
from node.cli.maintenance import rebuild, status
from node.cli.members import member
from node.cli.peers import peer
from node.cli.publish import publish
from node.cli.quotas import peer_quota
from node.cli.recovering import recover
from node.cli.scrubbing import scrub
from node.cli.serve import serve
from node.cli.setup import init
from node.cli.suggestions import suggest
from node.cli.syncing import sync
from node.cli.tokens import token
from node.cli.users import user


class _InOrder(TidanGroup):
    """Lists commands as they were added, not by the alphabet."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(self.commands)


@click.group(cls=_InOrder)
@click.version_option(package_name="tidan", message="Tidan %(version)s")
def main() -> None:
    """Tidan: what municipalities have learned, signed and shared between neighbours.

    Begin with `tidan init`, or look around first with `tidan demo`.
    """


peer.add_command(suggest)
peer.add_command(peer_quota)
peer.add_command(move_neighbour)
for command in (
    init,
    serve,
    demo,
    user,
    token,
    status,
    doctor,
    sync,
    peer,
    member,
    audit,
    publish,
    import_group,
    log,
    key,
    *LIFECYCLE_COMMANDS,
    rebuild,
    scrub,
    recover,
):
    main.add_command(command)
for command in (*INVITE_COMMANDS, *KNOCK_COMMANDS):
    peer.add_command(command)
