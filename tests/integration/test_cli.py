"""The command line as an operator types it, with real folders, databases and nodes."""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from click.testing import CliRunner

from command_line import document, run
from node.cli.peers import STATES
from node.cli.root import main
from node.operations.neighbour_status import NeighbourState
from node.process.recovery_key import read_recovery_key
from node_factories import WAIT_SECONDS_MAX
from tests.free_ports import free_port

RECORD = """---
titel: Exempel – sensorer i soptunnor
sammanfattning: Fyllnadsgivare i 40 tunnor minskade körningen.
område: teknik.avfall
status: drift
kontakt: {roll: Renhållningen, e-post: renhallning@exempel.se}
---
## Resultat

En tredjedel färre tömningar.
"""
POLL_SECONDS = 0.1


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The folder of a new node."""
    folder = tmp_path / "nod"
    document("--data", folder, "init", "--code", "1498")
    return folder


@pytest.fixture
def record_file(tmp_path: Path) -> Path:
    """A record to publish."""
    path = tmp_path / "sensorer.md"
    path.write_text(RECORD, encoding="utf-8")
    return path


def test_init(tmp_path: Path) -> None:
    """A new node has its key for the owner only, and the operator is told what comes next."""
    folder = tmp_path / "nod"
    result = run("init", "--data", folder, "--code", "1497", "--port", "8499")

    assert result.exit_code == 0, result.output
    assert "Made a node for Hjo kommun (1497)" in result.stdout
    assert "What comes next:" in result.stdout
    assert stat.S_IMODE((folder / "signing.key").stat().st_mode) == 0o600
    assert (folder / "tidan.toml").read_text("utf-8") == "port = 8499\n"


def test_recovery_key_fits_the_log(tmp_path: Path) -> None:
    """The key on the sheet is the one the log committed to, and lies nowhere on the node."""
    folder, sheet = tmp_path / "nod", tmp_path / "blad.txt"
    made = document("--data", folder, "init", "--code", "1497", "--recovery-sheet", sheet)
    text = sheet.read_text("utf-8")
    found = "".join(re.findall(r"^(?:[0-9a-f]{4}(?: |$))+$", text, re.MULTILINE))
    key = read_recovery_key(found)
    (first,) = document("--data", folder, "log", "show", made["log"])["entries"]

    assert stat.S_IMODE(sheet.stat().st_mode) == 0o600
    assert made["recovery_key"] is None
    assert json.loads(first["content"])["next"] == key.digest.hex()
    for path in filter(Path.is_file, folder.rglob("*")):
        assert key.seed not in path.read_bytes()
        assert key.seed.hex().encode() not in path.read_bytes()


def test_a_sheet_is_never_overwritten(tmp_path: Path) -> None:
    """An existing file stops the set-up before a key is made."""
    sheet = tmp_path / "blad.txt"
    sheet.write_text("viktigt", encoding="utf-8")
    result = run("--data", tmp_path / "nod", "init", "--code", "1497", "--recovery-sheet", sheet)

    assert result.exit_code == 1
    assert sheet.read_text("utf-8") == "viktigt"
    assert not (tmp_path / "nod" / "signing.key").exists()


def test_another_municipality_s_name_is_refused(tmp_path: Path) -> None:
    """Name and code that belong to two municipalities stop the set-up: the log keeps them."""
    result = run("--data", tmp_path, "init", "--code", "1497", "--name", "Tidaholms kommun")

    assert result.exit_code == 1
    assert "Tidaholms kommun has the code 1498" in result.stderr


def test_a_failed_set_up_leaves_no_empty_sheet(data: Path, tmp_path: Path) -> None:
    """When the node cannot be made, no empty sheet is left to be printed by mistake."""
    sheet = tmp_path / "blad.txt"
    result = run("--data", data, "init", "--code", "1497", "--recovery-sheet", sheet)

    assert result.exit_code == 1
    assert "There is a node in" in result.stderr
    assert "What to do: Choose another folder" in result.stderr
    assert not sheet.exists()


def test_unknown_code_needs_a_name(tmp_path: Path) -> None:
    """A code that no municipality has is accepted with a name only."""
    folder = tmp_path / "nod"
    refused = run("--data", folder, "init", "--code", "0000")

    assert refused.exit_code == 1
    assert "--name" in refused.stderr
    assert document("--data", folder, "init", "--code", "0000", "--name", "Prov")["name"] == "Prov"


def test_data_folder_from_everywhere(data: Path) -> None:
    """The folder is found before the command, after it, and in the environment."""
    expected = document("--data", data, "status")["log"]

    assert document("status", "--data", data)["log"] == expected
    result = run("status", "--json", TIDAN_DATA=str(data))
    assert json.loads(result.stdout)["log"] == expected


def test_status(data: Path) -> None:
    """Status gives what a script asks for, and reads as plain lines for people."""
    found = document("--data", data, "status")

    assert (found["records"], found["logs"], found["neighbours"]) == (0, 1, 0)
    assert found["log"] == (data / "log_id").read_text("ascii").strip()
    assert "Tidaholms kommun (1498)" in run("--data", data, "status").stdout


def test_no_node(tmp_path: Path) -> None:
    """Without a node the error says how to make one, as text and as JSON."""
    result = run("--data", tmp_path / "tom", "status")
    as_json = run("--data", tmp_path / "tom", "status", "--json")

    assert result.exit_code == 1
    assert "tidan init" in result.stderr
    assert as_json.exit_code == 1
    assert json.loads(as_json.stdout)["error"]["code"] == "not_created"


def test_publish(data: Path, record_file: Path) -> None:
    """A published file is a record with the own log's next number, and can be edited."""
    first = document("--data", data, "publish", record_file)
    edited = record_file.with_name("ny.md")
    edited.write_text(RECORD.replace("---\n", f"---\nersätter: {first['record']}\n", 1), "utf-8")
    second = document("--data", data, "publish", edited)

    assert (first["sequence"], second["sequence"]) == (2, 3)
    assert second["record"] == first["record"]
    assert document("--data", data, "status")["records"] == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (RECORD.replace("drift", "klar"), "line 5: status"),
        (RECORD.replace("teknik.avfall", "teknik.raketer"), "no subject area teknik.raketer"),
        ("---\n", "line 1"),
    ],
)
def test_publish_says_what_is_wrong(data: Path, tmp_path: Path, text: str, message: str) -> None:
    """A file that cannot be published names the line, and nothing is written."""
    path = tmp_path / "fel.md"
    path.write_text(text, encoding="utf-8")
    result = run("--data", data, "publish", path)

    assert result.exit_code == 1
    assert message in result.stderr
    assert document("--data", data, "status")["sequence"] == 1


def test_dry_run(tmp_path: Path, record_file: Path) -> None:
    """A dry run needs no node and shows what would be published."""
    shown = document("--data", tmp_path / "tom", "publish", record_file, "--dry-run")

    assert shown["content"]["title"] == "Exempel – sensorer i soptunnor"


def test_import(data: Path, tmp_path: Path) -> None:
    """Good files are imported beside broken ones; again changes nothing; a change is an edit."""
    for folder, title in (("a", "Ett"), ("b", "Två")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "index.md").write_text(f"# {title}\n\nText.\n", "utf-8")
    (tmp_path / "a" / "fel.md").write_text("---\ntitel: [\n---\n", "utf-8")
    paths = (tmp_path / "a", tmp_path / "b")

    first = document("--data", data, "import", "markdown", *paths)
    again = document("--data", data, "import", "markdown", *paths)
    (tmp_path / "b" / "index.md").write_text("# Tre\n\nText.\n", "utf-8")
    changed = document("--data", data, "import", "markdown", *paths)

    assert outcomes(first) == ["refused", "published", "published"]
    assert first["files"][0]["line"] == 2
    assert outcomes(again) == ["refused", "unchanged", "unchanged"]
    assert outcomes(changed) == ["refused", "unchanged", "updated"]
    assert document("--data", data, "status")["records"] == 2
    text = run("--data", data, "import", "markdown", *paths).stdout
    assert "fel.md:2: not imported: broken YAML" in text
    assert "2 imported, 1 not." in text


def outcomes(imported: dict[str, Any]) -> list[str]:
    """What became of each file, in order."""
    return [item["outcome"] for item in imported["files"]]


def test_import_of_nothing_good_fails(data: Path, tmp_path: Path) -> None:
    """When no file could be imported the command fails, for a script to notice."""
    (tmp_path / "fel.yml").write_text("name: [", "utf-8")

    assert run("--data", data, "import", "publiccode", tmp_path / "fel.yml").exit_code == 1


def test_export_is_verified(data: Path, tmp_path: Path, record_file: Path) -> None:
    """An exported log, by redirection or to a file, is found good offline."""
    document("--data", data, "publish", record_file)
    log = document("--data", data, "status")["log"]
    file = tmp_path / "log.cbor"
    written = document("--data", data, "log", "export", log[:12], "--output", file)
    piped = CliRunner().invoke(main, ["--data", str(data), "log", "export", log])

    assert piped.stdout_bytes == file.read_bytes()
    assert written["size_bytes"] == file.stat().st_size
    checked = document("log", "verify", file, "--every-signature")
    assert (checked["log"], checked["entries"], checked["code"]) == (log, 2, "1498")


def test_logs_and_members(data: Path, record_file: Path) -> None:
    """The own log is listed, its entries can be read, and it cannot be blocked."""
    document("--data", data, "publish", record_file)
    (own,) = document("--data", data, "log", "list")
    entries = document("--data", data, "log", "show", own["log"], "--after", "1")["entries"]

    assert (own["standing"], own["sequence"]) == ("own", 2)
    assert [entry["kind"] for entry in entries] == ["experience"]
    assert document("--data", data, "member", "list") == [own]
    blocked = run("--data", data, "member", "block", own["log"], "--reason", "prov")
    assert blocked.exit_code == 1


def test_peers_while_not_serving(data: Path) -> None:
    """A neighbour is added, listed and removed without a running node; its log is a member."""
    other = "ab" * 32
    document("--data", data, "peer", "add", "http://127.0.0.1:9", "--log", other)
    (listed,) = document("--data", data, "peer", "list")
    assert "no contact" in run("--data", data, "peer", "list").stdout
    members = {item["log"]: item["standing"] for item in document("--data", data, "member", "list")}
    assert document("--data", data, "peer", "pause", other[:8])["paused"]
    assert "paused here" in run("--data", data, "peer", "list").stdout
    assert not document("--data", data, "peer", "resume", other[:8])["paused"]
    assert "No node runs" in run("--data", data, "peer", "try", other[:8]).stderr
    document("--data", data, "peer", "remove", other[:8])

    assert (listed["log"], listed["url"]) == (other, "http://127.0.0.1:9")
    assert members[other] == "member"
    assert document("--data", data, "peer", "list") == []
    assert "No neighbours yet" in run("--data", data, "peer", "list").stdout
    assert document("--data", data, "member", "ignore", other)["standing"] == "ignored"
    assert document("--data", data, "member", "accept", other)["standing"] == "member"
    blocked = document("--data", data, "member", "block", other, "--reason", "prov")
    assert (blocked["standing"], blocked["reason"]) == ("blocked", "prov")


def test_every_state_has_a_word() -> None:
    """No state of a neighbour is without an English word."""
    assert set(STATES) == set(NeighbourState)


@pytest.mark.parametrize(
    "arguments",
    [
        ["peer", "add", "--log", "ab" * 32],
        ["peer", "add", "http://a", "--inbound", "--log", "ab" * 32],
        ["member", "block", "ab" * 32],
        ["recover", "--override"],
        ["import", "markdown"],
        ["nonsense"],
    ],
)
def test_half_a_command(data: Path, arguments: list[str]) -> None:
    """What is not understood is exit code 2, with the way to help."""
    result = run("--data", data, *arguments)

    assert result.exit_code == 2
    assert "--help" in result.stderr


def test_rebuild_and_recover(data: Path, record_file: Path) -> None:
    """A rebuild gives the same digest; an override is refused while nothing is wrong."""
    document("--data", data, "publish", record_file)
    before = document("--data", data, "status")["projection_digest"]

    assert document("--data", data, "rebuild")["projection_digest"] == before
    refused = run("--data", data, "recover", "--override", "--reason", "prov")
    assert refused.exit_code == 1
    assert "not recovering" in refused.stderr


def test_a_lost_guard_takes_a_new_key(data: Path, record_file: Path) -> None:
    """Without its guard the node signs nothing, until a person has read what may be lost."""
    (data / "guard").unlink()
    refused = run("--data", data, "publish", record_file)
    override = ("--data", data, "recover", "--override", "--reason", "prov, inga grannar finns")

    assert refused.exit_code == 1
    assert "tidan key rotate" in refused.stderr
    assert document("--data", data, "status")["needs_new_key"]
    told = run("--data", data, "key", "status").stdout
    assert "nobody knows whether more were" in told
    assert "--without-rest" in told
    waits = run("--data", data, "key", "rotate", "--yes")
    assert waits.exit_code == 1
    assert "not every neighbour has been heard" in waits.stderr
    assert run(*override).exit_code == 1
    assert document(*override, "--same-key")["recovering"] is None
    assert document("--data", data, "publish", record_file)["sequence"] == 2


def test_two_serving_nodes(tmp_path: Path, record_file: Path) -> None:
    """Commands reach the running node: neighbours are added, a record published, and it travels."""
    a, b = tmp_path / "a", tmp_path / "b"
    log_a = document("--data", a, "init", "--code", "1498", "--port", str(free_port()))["log"]
    log_b = document("--data", b, "init", "--code", "1497", "--port", str(free_port()))["log"]
    with serving(a) as address_a, serving(b):
        second = command("serve", "--data", str(a), "--port", str(free_port()))
        document("--data", a, "peer", "add", "--inbound", "--log", log_b)
        document("--data", b, "peer", "add", address_a, "--log", log_a)
        document("--data", a, "publish", record_file)
        poll(lambda: document("--data", b, "status")["records"] == 1)
        poll(lambda: len(document("--data", a, "log", "list")) == 2)

        assert second.returncode == 1
        assert "already runs on" in second.stderr
        assert document("--data", b, "peer", "list")[0]["connected"]
        file = tmp_path / "a.cbor"
        document("--data", b, "log", "export", log_a, "-o", file)
        assert document("log", "verify", file)["name"] == "Tidaholms kommun"
    assert document("--data", b, "status")["records"] == 1


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, to its end."""
    line = [sys.executable, "-m", "node", *arguments]
    return subprocess.run(
        line, capture_output=True, text=True, check=False, timeout=WAIT_SECONDS_MAX
    )


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """A node in a process of its own; gives its address, and stops it in the end."""
    line = [sys.executable, "-m", "node", "--data", str(folder), "serve"]
    with (folder / "log.txt").open("w") as log_file:
        process = subprocess.Popen(
            line, stdout=subprocess.PIPE, stderr=log_file, text=True, env=dict(os.environ)
        )
    try:
        assert process.stdout is not None
        first = process.stdout.readline()
        assert first.startswith("Serving at "), (folder / "log.txt").read_text()
        yield first.split()[2]
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=WAIT_SECONDS_MAX)
    assert process.returncode == 0


def poll(condition: Callable[[], bool]) -> None:
    """Wait until something has happened; a bound ends a test that would wait for ever."""
    end = monotonic() + WAIT_SECONDS_MAX
    while not condition():
        assert monotonic() < end, "it never happened"
        sleep(POLL_SECONDS)
