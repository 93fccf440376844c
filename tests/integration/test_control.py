"""Commands reach the running node over its control socket, or open the node themselves."""

from __future__ import annotations

import asyncio
import json
import stat
from pathlib import Path

import pytest

from factories import LogMaker
from node.operations.control import SOCKET_NAME, AnsweredError, NotServingError, ask, socket_address
from node.operations.importing import GROUP_FILES
from node.operations.verbs import VERBS
from node.process.asking import run_verb
from node_factories import TestNode, example_record, nodes
from tests.free_ports import free_port


async def test_a_verb_works_the_same_served_or_not(tmp_path: Path) -> None:
    """Publishing and status give the same kind of answer from a running and a resting node."""
    node = await TestNode(tmp_path, "9001", "Exempelby").create()
    content = example_record("Exempel: vilande")
    resting = await run_verb(node.settings, "publish", kind="experience", content=content)
    async with started(node):
        content = example_record("Exempel: igång")
        running = await run_verb(node.settings, "publish", kind="experience", content=content)
        status = await run_verb(node.settings, "status")
    after = await run_verb(node.settings, "status")

    assert (resting["sequence"], running["sequence"]) == (2, 3)
    assert resting.keys() == running.keys()
    assert (status["records"], status["log"]) == (2, node.log)
    # What is free on the disk is nobody's to keep still.
    assert after | {"disk_free_bytes": 0} == status | {"disk_free_bytes": 0}


def started(node: TestNode) -> _Started:
    """The node, running for the length of a block."""
    return _Started(node)


class _Started:
    def __init__(self, node: TestNode) -> None:
        self._node = node

    async def __aenter__(self) -> TestNode:
        return await self._node.start()

    async def __aexit__(self, *_error: object) -> None:
        await self._node.stop()


async def test_neighbours_are_managed_while_the_node_runs(tmp_path: Path) -> None:
    """Adding, listing and removing a neighbour takes effect at once, without a restart."""
    maker = LogMaker(2, code="9102")
    async with nodes(tmp_path, "Exempelby") as (node,):
        settings = node.settings
        url = f"http://127.0.0.1:{free_port()}"
        await run_verb(settings, "add_neighbour", log=maker.log.hex(), url=url)
        added = await run_verb(settings, "neighbours")
        approved = maker.log in node.node.directory.neighbours
        await run_verb(settings, "remove_neighbour", log=maker.log.hex()[:8])

        assert [item["url"] for item in added] == [url]
        assert approved
        assert await run_verb(settings, "neighbours") == []
        assert maker.log not in node.node.directory.neighbours


@pytest.mark.parametrize(
    ("verb", "arguments", "code"),
    [
        ("does_not_exist", {}, "bad_argument"),
        ("find_log", {"text": "abc"}, "bad_argument"),
        ("__init__", {}, "bad_argument"),
        ("status", {"more": 1}, "bad_argument"),
        ("add_neighbour", {"log": "not hex"}, "bad_argument"),
        ("add_neighbour", {"log": "ab" * 32, "url": "ftp://x"}, "bad_argument"),
        ("decide_member", {"verb": "block", "log": "ab" * 32}, "bad_argument"),
        ("publish", {"kind": "experience", "content": {"schema": 1}}, "bad_argument"),
        ("publish", {"kind": "key", "content": {}}, "bad_argument"),
        ("import_files", {"format_name": "word", "paths": []}, "bad_argument"),
        ("override_recovery", {"reason": "Exempel"}, "bad_argument"),
    ],
)
async def test_a_mistake_is_answered_with_words(
    tmp_path: Path, verb: str, arguments: dict[str, object], code: str
) -> None:
    """Whatever is asked wrongly comes back as one named error, and the node goes on."""
    async with nodes(tmp_path, "Exempelby") as (node,):
        with pytest.raises(AnsweredError) as refused:
            await ask(node.folder, verb, arguments)

        assert (refused.value.code, bool(refused.value.advice)) == (code, True)
        assert (await ask(node.folder, "status", {}))["log"] == node.log


async def test_only_the_owner_may_ask(tmp_path: Path) -> None:
    """The socket is open to the node's own user alone, and gone when the node stops."""
    async with nodes(tmp_path, "Exempelby") as (node,):
        mode = stat.S_IMODE((node.folder / SOCKET_NAME).stat().st_mode)
        await node.stop()

        assert mode == 0o600
        assert not (node.folder / SOCKET_NAME).exists()
        with pytest.raises(NotServingError):
            await ask(node.folder, "status", {})


async def test_broken_requests_end_alone(tmp_path: Path) -> None:
    """Garbage on the socket is answered in words on that connection only."""
    async with nodes(tmp_path, "Exempelby") as (node,):
        with socket_address(node.folder) as address:
            reader, writer = await asyncio.open_unix_connection(address)
        writer.write(b"\xff\xfenot json\n[1,2]\n")
        answers = [json.loads(await reader.readline()) for _ in range(2)]
        writer.close()

        assert {answer["error"]["code"] for answer in answers} == {"bad_argument"}
        assert (await ask(node.folder, "status", {}))["log"] == node.log


async def test_a_folder_with_a_long_path_works(tmp_path: Path) -> None:
    """A data folder deeper than the kernel's limit for socket paths is served all the same."""
    deep = tmp_path / ("lång" * 20) / ("mapp" * 20)
    async with nodes(deep, "Exempelby") as (node,):
        assert (await ask(node.folder, "status", {}))["log"] == node.log


async def test_a_socket_left_by_a_crash_is_replaced(tmp_path: Path) -> None:
    """A node that was killed leaves a dead socket; the next start serves again."""
    node = await TestNode(tmp_path, "9001", "Exempelby").create()
    (node.folder / SOCKET_NAME).touch()
    async with started(node):
        assert (await ask(node.folder, "status", {}))["log"] == node.log


async def test_every_verb_is_an_operation(tmp_path: Path) -> None:
    """Each name that can be asked for exists on the node's operations."""
    async with nodes(tmp_path, "Exempelby") as (node,):
        missing = [verb for verb in VERBS if not hasattr(node.node.operations, verb)]

    assert missing == []


async def test_importing_twice_publishes_once(tmp_path: Path) -> None:
    """Unchanged files are left alone, a changed one is a new version, a broken one is listed."""
    files = tmp_path / "files"
    files.mkdir()
    (files / "a.md").write_text("# Exempel: trygghetslarm\n\nVi bytte larm.\n", encoding="utf-8")
    (files / "b.md").write_text("# Exempel: e-arkiv\n\nVi flyttade arkivet.\n", encoding="utf-8")
    (files / "c.md").write_bytes(b"\xff\xfe\x00")
    node = await TestNode(tmp_path, "9001", "Exempelby").create()

    async def outcomes() -> list[tuple[str, str]]:
        found = await run_verb(
            node.settings, "import_files", format_name="markdown", paths=[str(files)]
        )
        return [(item["file"], item["outcome"]) for item in found["files"]]

    first = await outcomes()
    second = await outcomes()
    (files / "b.md").write_text("# Exempel: e-arkiv\n\nVi flyttade allt.\n", encoding="utf-8")
    third = await outcomes()
    status = await run_verb(node.settings, "status")

    assert first == [("a.md", "published"), ("b.md", "published"), ("c.md", "refused")]
    assert second == [("a.md", "unchanged"), ("b.md", "unchanged"), ("c.md", "refused")]
    assert third == [("a.md", "unchanged"), ("b.md", "updated"), ("c.md", "refused")]
    assert (status["records"], status["sequence"]) == (2, 4)


async def test_one_thing_in_two_files_is_imported_once(tmp_path: Path) -> None:
    """The second file about the same software is refused, however many files lie between."""
    files = tmp_path / "files"
    files.mkdir()
    for number in range(GROUP_FILES + 1):
        address = f"https://exempel.se/kod/{number % GROUP_FILES}"
        text = f"name: Exempel {number}\nurl: {address}\nsoftwareVersion: {number}\n"
        (files / f"{number:03}.yml").write_text(text, encoding="utf-8")
    node = await TestNode(tmp_path, "9001", "Exempelby").create()

    found = await run_verb(
        node.settings, "import_files", format_name="publiccode", paths=[str(files)]
    )

    files_done = found["files"]
    assert [item["outcome"] for item in files_done] == ["published"] * GROUP_FILES + ["refused"]
    assert "the same thing" in files_done[-1]["reason"]
