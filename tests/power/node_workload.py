"""What a recorded node does: a real node's operations, each said aloud once it is acknowledged.

Runs in a process of its own (recorded_node.py) whose writes and syncs are recorded. A line on
standard output is what a person or a neighbour would count on from then on.
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from node.accounts.accounts import LINK_PATH
from node.config import Settings
from node.intake.step import Committed
from node.operations.drafts import Written
from node.operations.node import Node
from node.operations.publish import Published
from node.operations.standings import ADMIN
from node.process.bootstrap import open_node
from node.process.initialise import create_node
from node.process.server import serving
from protocol.identity import SigningKey, next_key_digest
from storage.account_views import Role
from storage.durable_file import sync_folder
from tests.power.old_tables import take_back
from tests.power.planted import plant

FIRST, SECOND = "9001", "9002"
WAIT_SECONDS_MAX = 120.0
_WORDS = ("Exempel", "hemtjänst", "nyckelfritt", "pilot", "avtal", "skola", "drift")


@dataclass(frozen=True, slots=True)
class Given:
    """What the process is told: where it works, what it does, and by which choices.

    ``template`` holds nodes that were made before, ``sheet_seed`` is the key on the first one's
    recovery sheet, ``own_sqlite`` says that Python's own SQLite is used.
    """

    folder: str
    kind: str
    seed: int
    code: str = FIRST
    own_sqlite: bool = False
    planted: str = ""
    template: str = ""
    sheet_seed: str = ""
    ports: Mapping[str, int] = field(default_factory=dict)

    @property
    def random(self) -> Random:
        """The choices of this run, from the beginning."""
        return Random(self.seed)


def say(what: str, node: str, **words: object) -> None:
    """Tell whoever asked; one line, written at once."""
    os.write(1, json.dumps({"what": what, "node": node} | words).encode() + b"\n")


def settings_of(folder: Path, **more: Any) -> Settings:
    """The settings of the node in a folder; its neighbours are on this machine."""
    more.setdefault("neighbour_networks", ("127.0.0.0/8", "::1/128"))
    return Settings(data=folder, log_level="error", **more)


@dataclass(frozen=True, slots=True)
class Work:
    """One node at work: its code, the node, and the choices of this run."""

    code: str
    node: Node
    random: Random

    def record(self, **fields: object) -> dict[str, object]:
        """The content of a small record."""
        words = self.random.choices(_WORDS, k=self.random.randint(3, 35))
        return {
            "schema": 1,
            "type": "erfarenhet",
            "title": f"Exempel {self.random.randrange(10**6)}",
            "summary": " ".join(words),
            "area": "aldre",
            "status": "drift",
            "contact": {"role": "Verksamhetsutvecklare"},
            "example": True,
        } | fields

    def stored(self, published: list[Published]) -> None:
        """These entries were acknowledged."""
        for item in published:
            say("entry", self.code, log=item.log, sequence=item.sequence, id=item.entry)

    async def publish(self, **fields: object) -> None:
        """One record, as from the form."""
        self.stored([await self.node.publisher.publish("experience", self.record(**fields))])

    async def publish_many(self) -> None:
        """A few at once, as from an import."""
        made = [self.record() for _ in range(self.random.randint(2, 30))]
        self.stored(await self.node.publisher.publish_many("experience", made))

    async def publish_side_by_side(self) -> None:
        """Several people at the same time."""
        await asyncio.gather(*(self.publish() for _ in range(self.random.randint(2, 5))))

    async def attach(self) -> None:
        """A file, and a record that names it."""
        data = self.random.randbytes(self.random.choice([1, 700, 5_000, 300_000]))
        growing = await asyncio.to_thread(
            self.node.blob_files.upload, self.random.randbytes(8).hex()
        )
        for start in range(0, len(data), 65_536):
            await asyncio.to_thread(growing.append, data[start : start + 65_536])
        blob = await self.node.sync.blobs.hold(growing)
        said = {"sha256": blob.digest.hex(), "size_bytes": blob.size_bytes}
        say("file", self.code, **said)
        named = {"name": "Exempel.txt", "media_type": "text/plain", "description": "Exempel"}
        await self.publish(attachments=[said | named])

    async def draft(self) -> None:
        """What somebody is still writing."""
        user = (await self.node.account_store.all())[0]
        drafts = self.node.drafts
        title = f"Exempel {self.random.randrange(10**6)}"
        kept = drafts.new_id()
        await drafts.save(user, Written(kept, {"title": title, "type": "erfarenhet"}))
        say("draft", self.code, id=kept.hex(), title=title)

    async def befriend(self) -> None:
        """A neighbour that is not there."""
        log = self.random.randbytes(32).hex()
        await self.node.operations.add_neighbour(log)
        say("neighbour", self.code, log=log)

    async def make_author(self) -> None:
        """Somebody who may write."""
        name = f"exempel{self.random.randrange(10**6)}"
        link = await self.node.accounts.invite(name, "Exempel", Role.AUTHOR, ADMIN)
        token = link.path.removeprefix(LINK_PATH)
        await self.node.accounts.use_link(token, "trut harv kaffe sjö")
        say("user", self.code, name=name)


async def make(given: Given) -> None:
    """A new node in an empty folder, and its first record."""
    code = given.code
    settings = settings_of(Path(given.folder) / code)
    created = await create_node(settings, code=code, name="Exempelby")
    say("created", code, log=created.log, seed=created.sheet.seed.hex())
    async with at_work(given, code) as work:
        await work.publish()


async def age(given: Given) -> None:
    """The same node as an older program would have left it."""
    await make(given)
    await asyncio.to_thread(take_back, Path(given.folder) / given.code)


async def write(given: Given) -> None:
    """A day's work."""
    async with at_work(given) as work:
        await work.make_author()
        verbs: list[Callable[[], Awaitable[None]]] = [
            work.publish,
            work.publish_many,
            work.publish_side_by_side,
            work.attach,
            work.draft,
            work.befriend,
        ] * 2
        work.random.shuffle(verbs)
        for verb in verbs:
            await verb()


async def change_keys(given: Given) -> None:
    """Rotations, some of which take entries back, with records between."""
    seed, random = given.sheet_seed, given.random
    async with at_work(given) as work:
        for _ in range(3):
            await work.publish_many()
            following = random.randbytes(32)
            digest = next_key_digest(SigningKey(following).public_key).hex()
            status = await work.node.operations.key_status()
            back = random.choice([0, 0, 1, 2])
            keep = max(status.key_sequence, status.sequence - back) if back else None
            say("rotating", FIRST, after=status.sequence if keep is None else keep, seed=seed)
            rotated = await work.node.operations.rotate_key(seed, digest, keep, "Exempel")
            say("entry", FIRST, log=status.log, sequence=rotated.sequence, id=rotated.entry)
            seed = following.hex()
            await work.publish()


async def exchange(given: Given) -> None:
    """Two neighbours on this machine: a first sync, then records both ways, with files."""
    async with (
        at_work(given, FIRST, served=True) as one,
        at_work(given, SECOND, served=True) as other,
    ):
        for work in (one, other):
            work.node.ingest.listeners.append(_teller(work))
        url = f"http://127.0.0.1:{one.node.settings.port}"
        await one.node.operations.add_neighbour(other.node.own_log.hex())
        await other.node.operations.add_neighbour(one.node.own_log.hex(), url)
        for verb in (one.publish, other.publish_many, one.attach, other.publish_side_by_side):
            await verb()
        await _equal(one.node, other.node)


def _teller(work: Work) -> Callable[[Committed], None]:
    def tell(committed: Committed) -> None:
        head = committed.head
        say("entry", work.code, log=head.log.hex(), sequence=head.sequence, id=head.id.hex())

    return tell


async def _equal(one: Node, other: Node) -> None:
    """Wait until both hold the same."""
    async with asyncio.timeout(WAIT_SECONDS_MAX):
        while _heads(one) != _heads(other) or len(_heads(one)) < 2:  # noqa: ASYNC110  # any fact
            await asyncio.sleep(0.05)


def _heads(node: Node) -> dict[bytes, object]:
    return {item.log: item.id for item in node.directory.items()}


async def migrate(given: Given) -> None:
    """The first start of a newer program."""
    async with at_work(given) as work:
        await work.publish()


@asynccontextmanager
async def at_work(given: Given, code: str = FIRST, *, served: bool = False) -> AsyncIterator[Work]:
    """The node of this code, open; served on a free port if need be."""
    settings = settings_of(Path(given.folder) / code, port=given.ports[code])
    random = given.random
    async with open_node(settings, log_stream=io.StringIO()) as node:
        if served:
            async with serving(node):
                yield Work(code, node, random)
        else:
            yield Work(code, node, random)


def put_template(template: Path, folder: Path) -> None:
    """Copy nodes that were made before, durably: the history begins with them."""
    shutil.copytree(template, folder, dirs_exist_ok=True, copy_function=_copy)
    for path in sorted(folder.rglob("*"), reverse=True):
        descriptor = os.open(path, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)
    sync_folder(folder)


def _copy(source: str, target: str) -> None:
    """As bytes that are written, which is what is recorded."""
    Path(target).write_bytes(Path(source).read_bytes())
    shutil.copymode(source, target)


KINDS: dict[str, Callable[[Given], Awaitable[None]]] = {
    "made": make,
    "written": write,
    "keys": change_keys,
    "exchanged": exchange,
    "migrated": migrate,
}
BEFOREHAND = {"made": make, "aged": age}
"""How nodes are made that the others begin with."""


def carry_out(given: Given) -> None:
    """Do what was given."""
    plant(given.planted)
    if given.template:
        put_template(Path(given.template), Path(given.folder))
        say("begun", "")
    asyncio.run((KINDS | BEFOREHAND)[given.kind](given))
