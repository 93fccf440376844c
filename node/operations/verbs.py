"""Verbs by name: the one list of what can be asked of a node from outside its process.

Results are plain data (dicts, lists, text, numbers), whichever way they were asked for.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Mapping
from typing import Any

from node.errors import ArgumentError
from node.operations.operations import Operations

VERBS = frozenset({
    "status", "publish", "import_files", "import_table", "bring_files", "holders", "members",
    "decide_member", "log_entries",
    "export_page", "verify_log", "rebuild", "override_recovery", "add_neighbour",
    "remove_neighbour", "pause_neighbour", "resume_neighbour", "try_neighbour_now", "neighbours",
    "neighbour", "suggested_neighbours", "make_invite", "invites", "revoke_invite", "read_invite",
    "use_invite", "approve_knock", "block_knock", "own_introductions", "withdraw_introduction",
    "knocks", "dismiss_knock", "sync_progress", "setup_link", "users", "invite_user",
    "change_user_role", "deactivate_user", "activate_user", "reset_user",
    "quotas", "change_quota", "restore_quota",
    "examine", "decisions", "import_decisions", "audit_lines",
    "api_tokens", "make_api_token", "revoke_api_token",
    "lifecycle", "publish_address", "leave", "continue_log", "stop_continuing", "use_new_address",
    "rename",
    "scrub", "scrubbed",
    "key_status", "compare_key", "rehearse_key", "rotate_key",
})  # fmt: skip


async def perform(operations: Operations, verb: str, arguments: Mapping[str, Any]) -> object:
    """Run one verb; the result is plain data. Raises `ArgumentError` for an unknown one."""
    if verb not in VERBS:
        raise ArgumentError(f"There is no operation {verb!r}.")
    method = getattr(operations, verb)
    try:
        inspect.signature(method).bind(**arguments)
    except TypeError as error:
        raise ArgumentError(f"{verb}: {error}.") from error
    return plain(await method(**arguments))


def plain(value: object) -> object:
    """Dataclasses become dicts, bytes hexadecimal; all the way down."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)
        }
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value
