"""An earlier version of the program between two nodes of this one, and its way up to this one.

All of it is real: the earlier program as it was committed, processes, sockets and databases. The
outer two never meet, so whatever one has of the other went through the one between them.
"""

from __future__ import annotations

from pathlib import Path

from aiohttp import ClientSession

from node.errors import ArgumentError
from node.operations.control import AnsweredError
from node_factories import LOOPBACK_NETWORKS, TestNode, example_record, until, until_equal
from protocol.blob_messages import Blob
from protocol.identity import SigningKey, next_key_digest
from tests.benchmarks.processes import ROOT
from tests.kills.served import Served

AUTOMATIC = {
    "TIDAN_INTRODUCTIONS": "auto-1",
    "TIDAN_NEIGHBOUR_NETWORKS": " ".join(LOOPBACK_NETWORKS),
}
FILE = b"Exempel: en bilaga som ska igenom.\n" * 9_000
COLLEAGUE = "anna.exempel"
NEW_KINDS = frozenset({"address", "leave", "continue"})
"""Kinds of entries that no earlier version in `old_program.py` knows."""
REFUSED_CODE = 1
WAIT_SECONDS_MAX = 120.0
"""Others may have the machine meanwhile, and a neighbour is called again within half a minute."""


class Between:
    """`first` and `third` are of this version; the one in the `middle` begins as an earlier one."""

    def __init__(self, folder: Path, program: Path) -> None:
        self._folder = folder / "9002"
        self._program = program
        self.first = TestNode(folder, "9001", "Nyby", introductions="auto-1")
        self.third = TestNode(folder, "9003", "Nystad", introductions="auto-1")
        self.middle = self._served(program)
        self.middle_log = ""

    def _served(self, program: Path) -> Served:
        return Served(
            self._folder, environment=AUTOMATIC, code="9002", name="Gamleby", program=program
        )

    async def start(self) -> None:
        """Make and start all three, and make them neighbours: first – middle – third.

        The first dials the one in the middle, and that one dials the third.
        """
        await self.middle.create()
        await self.middle.start()
        await self.first.start()
        await self.third.start()
        self.middle_log = (await self.middle.ask("status"))["log"]
        await self.middle.ask("add_neighbour", log=self.first.log)
        await self.first.node.operations.add_neighbour(self.middle_log, self.middle.url)
        await self.third.node.operations.add_neighbour(self.middle_log)
        await self.middle.ask("add_neighbour", log=self.third.log, url=self.third.url)

    async def stop(self) -> None:
        """End all that runs."""
        await self.middle.kill()
        await self.first.stop()
        await self.third.stop()

    # --- what they do -------------------------------------------------------------------------

    async def publish_everywhere(self, title: str) -> None:
        """A record at each of the three."""
        await self.first.publish(title)
        await self.third.publish(title)
        await self.middle.ask("publish", kind="experience", content=example_record(title))

    async def publish_file(self) -> Blob:
        """A record with an attachment at the first."""
        growing = self.first.node.blob_files.upload("test")
        growing.append(FILE)
        blob = await self.first.node.sync.blobs.hold(growing)
        attachment = {
            "sha256": blob.digest.hex(),
            "name": "Exempel.txt",
            "media_type": "text/plain",
            "size_bytes": blob.size_bytes,
            "description": "Exempel",
        }
        content = example_record("Exempel: med bilaga", attachments=[attachment])
        await self.first.node.operations.publish("experience", content)
        return blob

    async def say_what_is_new(self) -> None:
        """A rotated key, and entries of kinds that an earlier version has never heard of: the first
        moves and leaves to the third, which goes on for it."""
        first = self.first.node.operations
        await first.publish_address(self.first.url)
        following = next_key_digest(SigningKey(self.first.sheet_seed[::-1]).public_key)
        await first.rotate_key(self.first.sheet_seed.hex(), following.hex())
        await self.third.node.operations.continue_log(self.first.log)
        await first.leave("Exempel: sammanslagning", self.third.log)

    async def upgrade(self) -> int:
        """Stop the one in the middle and start this version on its folder, at the same address;
        returns what the earlier one ended with."""
        port, code = self.middle.port, await self.middle.stop()
        self.middle = self._served(ROOT)
        self.middle.port = port
        await self.middle.start()
        await self.first.node.operations.try_neighbour_now(self.middle_log)
        return code

    async def downgrade(self) -> tuple[int, str]:
        """Stop the one in the middle and start the earlier version on its folder; returns what that
        ended with and its words."""
        await self.middle.stop()
        earlier = self._served(self._program)
        return await earlier.command("serve", "--port", str(self.middle.port))

    # --- what they hold -----------------------------------------------------------------------

    async def is_earlier(self) -> bool:
        """Whether the one in the middle does not know what this version does."""
        try:
            await self.middle.ask("lifecycle")
        except AnsweredError as error:
            return error.code == ArgumentError.code
        return False

    async def settled(self) -> None:
        """Wait until all three hold the same."""
        await until(self._all_known, "the outer two accept all three logs", WAIT_SECONDS_MAX)
        await until(self._middle_holds_all, "all three hold the same", WAIT_SECONDS_MAX)
        await until_equal([self.first, self.third])

    async def _all_known(self) -> bool:
        logs = {self.first.log, self.third.log, self.middle_log}
        outer = (self.first, self.third)
        return all({log.hex() for log, *_ in one.node.directory.items()} == logs for one in outer)

    async def _middle_holds_all(self) -> bool:
        heads = {log.hex(): (sequence, id_.hex()) for log, sequence, id_ in self._items()}
        held = await self.entries()
        return {log: (len(ids), ids[-1]) for log, ids in held.items() if ids} == heads

    def _items(self) -> list[tuple[bytes, int, bytes]]:
        return [(item.log, item.sequence, item.id) for item in self.third.node.directory.items()]

    async def entries(self) -> dict[str, list[str]]:
        """The ids of all entries in the middle, by log."""
        found = {}
        for log in (self.first.log, self.middle_log, self.third.log):
            page = await self.middle.ask("log_entries", log=log, after_sequence=0, limit=500)
            found[log] = [item["entry"] for item in page["entries"]]
        return found

    async def kinds(self) -> set[str]:
        """The kinds of the entries in the middle that the outer two wrote."""
        found = set()
        for log in (self.first.log, self.third.log):
            page = await self.middle.ask("log_entries", log=log, after_sequence=0, limit=500)
            found |= {item["kind"] for item in page["entries"]}
        return found

    async def faults(self) -> list[str]:
        """What is wrong with the chains in the middle, each signature verified, and its pages."""
        found = []
        for log in await self.entries():
            verified = await self.middle.ask("verify_log", log=log, every_signature=True)
            found += [f"log {log[:8]}: {verified['error']}"] if verified["error"] else []
        paths = ("/", "/erfarenheter", "/kommuner", f"/kommuner/{self.first.code}")
        async with ClientSession() as client:
            for path in paths:
                async with client.get(f"{self.middle.url}{path}") as response:
                    found += [f"{path}: {response.status}"] if response.status != 200 else []
        return found

    async def show_the_same(self) -> bool:
        """Whether all three show the same, once each has caught up."""
        status = await self.middle.ask("status", with_digest=True)
        shown = {await self.first.digest(), await self.third.digest(), status["projection_digest"]}
        return len(shown) == 1


async def side_by_side(trio: Between) -> list[str]:
    """All that the outer two say goes through the earlier version; returns what is wrong."""
    problems = [] if await trio.is_earlier() else ["the one in the middle is of this version"]
    await trio.settled()
    await trio.publish_everywhere("Exempel: sida vid sida")
    await trio.settled()
    blob = await trio.publish_file()

    async def file_arrived() -> bool:
        return trio.third.node.blob_files.is_whole(blob)

    # A rotation ends the session; a file that is broken off may rest for five minutes.
    await until(file_arrived, "the file went through the earlier version", WAIT_SECONDS_MAX)
    await trio.say_what_is_new()
    await trio.settled()
    problems += await trio.faults()
    if missing := NEW_KINDS - await trio.kinds():
        problems.append(f"never passed on: {sorted(missing)}")
    return problems


async def upgrading(trio: Between) -> list[str]:
    """The earlier version's folder is opened by this one; returns what is wrong afterwards."""
    await trio.middle.ask("invite_user", name=COLLEAGUE, full_name="Anna Exempel", role="author")
    before = await trio.entries()
    code = await trio.upgrade()
    problems = [f"the earlier version ended with {code}"] if code else []
    held = await trio.entries()
    problems += [f"log {log[:8]} is not whole" for log in before if held[log] != before[log]]
    if COLLEAGUE not in str(await trio.middle.ask("users")):
        problems.append("who had been invited is forgotten")
    await until(trio.show_the_same, "all three show the same", WAIT_SECONDS_MAX)
    content = example_record("Exempel: undertecknat av den nya versionen")
    await trio.middle.ask("publish", kind="experience", content=content)
    await trio.third.publish("Exempel: till den nya versionen")
    await trio.settled()
    await until(trio.show_the_same, "all three show what it signed", WAIT_SECONDS_MAX)
    return problems + await trio.faults()


async def refusing(trio: Between) -> list[str]:
    """The earlier version will not touch a folder that this one has changed; what is wrong."""
    before = await trio.entries()
    code, words = await trio.downgrade()
    problems = []
    if code != REFUSED_CODE or "this program knows up to" not in words or "Traceback" in words:
        problems.append(f"the earlier version ended with {code} and said: {words[-500:]}")
    await trio.middle.start()
    if await trio.entries() != before:
        problems.append("the earlier version has changed what this one had stored")
    return problems
