"""`tidan user`: who may sign in, managed from the command line."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from command_line import document, run
from node.config import load_settings
from node.process.bootstrap import open_node
from storage.account_views import Role
from web_site import user_with


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The folder of a new node."""
    folder = tmp_path / "nod"
    document("--data", folder, "init", "--code", "1498")
    return folder


def test_users_from_the_first_link_on(data: Path) -> None:
    """Set-up, invitation, role, and the last operator, from the command line alone."""
    assert "tidan user setup" in run("--data", data, "user", "list").stdout
    first = document("--data", data, "user", "setup")
    second = document("--data", data, "user", "setup")
    assert first["url"].startswith("http://127.0.0.1:8480/valkommen/")
    assert first["url"] != second["url"]

    added = document("--data", data, "user", "add", "Anna.Berg", "--full-name", "Anna Berg")
    assert added["url"].startswith("http://127.0.0.1:8480/valkommen/")
    (listed,) = document("--data", data, "user", "list")
    assert listed["name"] == "anna.berg"
    assert (listed["role"], listed["state"]) == ("author", "invited")
    assert "anna.berg" in run("--data", data, "user", "list").stdout

    for arguments in (
        ["add", "a b", "--full-name", "Anna"],
        ["role", "nobody", "editor"],
        ["deactivate", "nobody"],
        ["reset", "anna.berg"],
    ):
        refused = run("--data", data, "user", *arguments)
        assert refused.exit_code == 1
        assert "What to do:" in refused.stderr


def test_users_who_have_begun(data: Path) -> None:
    """Who has an account can be given a role, a new password, the door, and be let in again."""
    asyncio.run(two_users(data))
    changed = document("--data", data, "user", "role", "anna", "editor")
    assert changed["role"] == "editor"
    assert document("--data", data, "user", "deactivate", "anna")["state"] == "deactivated"
    assert run("--data", data, "user", "reset", "anna").exit_code == 1
    assert document("--data", data, "user", "activate", "anna")["state"] == "active"
    assert "/valkommen/" in document("--data", data, "user", "reset", "anna")["url"]
    assert document("--data", data, "user", "setup") == {"url": None}
    refused = run("--data", data, "--json", "user", "deactivate", "olle")
    assert json.loads(refused.stdout)["error"]["code"] == "last_operator"


async def two_users(data: Path) -> None:
    """An operator and an author, in the node's database."""
    async with open_node(load_settings(data=data, log_level="error")) as node:
        await user_with(node, Role.OPERATOR, "olle")
        await user_with(node, Role.AUTHOR, "anna")
