"""`tidan peer` with everything that can be done with a neighbour; each file adds its own."""

from __future__ import annotations

from node.cli.invites import INVITE_COMMANDS
from node.cli.knocks import KNOCK_COMMANDS
from node.cli.lifecycle import move_neighbour
from node.cli.pauses import PAUSE_COMMANDS
from node.cli.peers import peer
from node.cli.quotas import peer_quota
from node.cli.suggestions import suggest

__all__ = ["peer"]

for command in (
    suggest, peer_quota, move_neighbour, *INVITE_COMMANDS, *KNOCK_COMMANDS, *PAUSE_COMMANDS,
):  # fmt: skip
    peer.add_command(command)
