"""Becoming neighbours on the command line, with real folders."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from command_line import document, run
from node.config import load_settings
from node.process.bootstrap import open_node

HJO = "ab" * 32


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The folder of a new node."""
    folder = tmp_path / "nod"
    document("--data", folder, "init", "--code", "1498")
    return folder


def knock(folder: Path, log: str = HJO) -> None:
    """Let somebody have knocked on the node of a folder."""

    async def leave() -> None:
        async with open_node(load_settings(data=folder, log_level="error")) as node:
            await node.neighbours.knock(bytes.fromhex(log), "1497", "Hjo kommun", 1_000)

    asyncio.run(leave())


def test_an_invite_from_one_folder_to_another(data: Path, tmp_path: Path) -> None:
    """Made, listed and used; both fingerprints are shown before anything is added."""
    other = tmp_path / "annan"
    document("--data", other, "init", "--code", "1497")
    made = document("--data", data, "peer", "invite", "Hjo kommun", "--days", "3")
    (listed,) = document("--data", data, "peer", "invites")
    asked = run("--data", other, "peer", "join", made["link"])
    joined = document("--data", other, "peer", "join", made["link"], "--yes")
    (neighbour,) = document("--data", other, "peer", "list")

    assert listed["words"] == "Hjo kommun"
    assert "link" not in listed
    assert asked.exit_code == 1
    assert "Their fingerprint" in asked.stdout
    assert "Your fingerprint" in asked.stdout
    assert joined["log"] == neighbour["log"]
    assert neighbour["url"] == made["address"]
    assert "open" in run("--data", data, "peer", "invites").stdout


def test_an_invite_is_revoked(data: Path) -> None:
    """After that it is not there, and a second time is an error with advice."""
    document("--data", data, "peer", "invite", "Hjo kommun")
    assert run("--data", data, "peer", "revoke", "1").exit_code == 0
    again = run("--data", data, "peer", "revoke", "1")

    assert again.exit_code == 1
    assert "tidan peer invites" in again.stderr
    assert "No invites" in run("--data", data, "peer", "invites").stdout


def test_what_is_no_invite_is_refused(data: Path) -> None:
    """A cut link ends in words and not in a trace."""
    made = document("--data", data, "peer", "invite", "Hjo kommun")
    cut = run("--data", data, "peer", "join", made["link"][:-5], "--yes")
    own = run("--data", data, "peer", "join", made["link"], "--yes")
    silent = run("--json", "--data", data, "peer", "join", made["link"])

    assert (cut.exit_code, own.exit_code, silent.exit_code) == (1, 1, 2)
    assert "not whole" in cut.stderr
    assert "our own log" in own.stderr


def test_a_knock_is_answered(data: Path) -> None:
    """Listed with its fingerprint, refused, and approved after all."""
    knock(data)
    listed = run("--data", data, "peer", "knocks").stdout
    run("--data", data, "peer", "refuse", HJO[:8])
    refused = run("--data", data, "peer", "knocks").stdout
    all_of_them = run("--data", data, "peer", "knocks", "--refused").stdout
    approved = document("--data", data, "peer", "approve", HJO[:8])

    assert "Hjo kommun (1497)" in listed
    assert "abab abab" in listed
    assert "Nobody asks" in refused
    assert "Refused before" in all_of_them
    assert approved["log"] == HJO


def test_a_knock_is_blocked(data: Path) -> None:
    """A block needs a reason and stands in the list of members."""
    knock(data)
    assert run("--data", data, "peer", "block", HJO[:8]).exit_code == 2
    assert run("--data", data, "peer", "block", HJO[:8], "--reason", "prov").exit_code == 0
    members = {item["log"]: item for item in document("--data", data, "member", "list")}

    assert members[HJO]["standing"] == "blocked"
    assert members[HJO]["name"] == "Hjo kommun"
    assert "Nobody asks" in run("--data", data, "peer", "knocks", "--refused").stdout


def test_introductions_are_listed(data: Path) -> None:
    """A new node vouches for nobody; taking back what was never said is an error."""
    assert "No introductions" in run("--data", data, "peer", "introductions").stdout
    refused = run("--data", data, "peer", "withdraw", HJO, "--reason", "prov")
    assert refused.exit_code == 1
