"""A municipality that something befalls, and two neighbours: three nodes in processes of their own.

All three are neighbours of each other. The first is on a kind of database that is given, and what
its people do about it they do with the commands and the paper that they have.
"""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import Any

from node.config import load_settings
from node.process.initialise import create_node
from node_factories import until
from tests.kills.served import REFUSED
from tests.processes.machine import RECOVERING, Machine
from tests.processes.machines import Disks, InFolders, Place
from tests.processes.signed import KEY_KIND, Signing

WAIT_SECONDS_MAX = 120.0


class Beset:
    """The three, what the first has signed, and its present recovery sheet."""

    def __init__(self, folder: Path, disks: Disks) -> None:
        """``folder`` is made, and holds all of theirs."""
        folder.mkdir()
        self._folder = folder
        self.disks = disks
        self.signing = Signing()
        self.log = ""
        self._logs: list[str] = []
        self._sheets = 0
        self._held: list[dict[str, list[dict[str, Any]]]] = []
        self._machines: list[Machine] = []
        self.owner: Machine
        self.near: Machine
        self.far: Machine

    async def start(self) -> None:
        """Make and start the three; the first dials the others, and the second the third."""
        owner = await self.disks.prepared(self._folder / "owner")
        near, far = [await InFolders().prepared(self._folder / name) for name in ("near", "far")]
        self.owner = self._machine(owner, "9001", "Exempelby")
        self.near = self._machine(near, "9002", "Provstad")
        self.far = self._machine(far, "9003", "Mellanby")
        sheet = str(self._next_sheet())
        await self.owner.create("--recovery-sheet", sheet)
        for one in (self.near, self.far):
            settings = load_settings(data=one.folder)
            await create_node(settings, code=one.code, name=one.name)
        await asyncio.gather(*(one.start() for one in self.three))
        self._logs = [await one.own_log() for one in self.three]
        self.log, near_log, far_log = self._logs
        await self.near.ask("add_neighbour", log=self.log)
        await self.far.ask("add_neighbour", log=self.log)
        await self.far.ask("add_neighbour", log=near_log)
        await self.owner.ask("add_neighbour", log=near_log, url=self.near.url)
        await self.owner.ask("add_neighbour", log=far_log, url=self.far.url)
        await self.near.ask("add_neighbour", log=far_log, url=self.far.url)
        for one in (self.near, self.far):
            await one.publish("Exempel: en granne")
        await self.share(3)

    async def stop(self) -> None:
        """End all that runs."""
        for one in self._machines:
            await one.kill()

    @property
    def three(self) -> tuple[Machine, Machine, Machine]:
        """The honest ones."""
        return self.owner, self.near, self.far

    # --- what befalls it ------------------------------------------------------------------------

    async def copy(self) -> Machine:
        """Stop the first and copy its machine; the copy listens at another port when started."""
        await self.owner.stop()
        place = await self.disks.copied(self.owner.place, self._folder / "copy")
        return self._machine(place, self.owner.code, self.owner.name)

    async def forge(self, thief: Machine, count: int) -> None:
        """Start a thief's machine and publish so much in our name, until both neighbours hold it.

        Where the copy was old it fetches first what we have signed since.
        """
        await thief.start()
        forging = partial(self.forge_once, thief)
        for _ in range(count):
            await until(forging, "a thief can sign", WAIT_SECONDS_MAX)
        for one in (self.near, self.far):
            spread = partial(self.holds_forged, one)
            await until(spread, "what is forged spreads", WAIT_SECONDS_MAX)

    async def forge_once(self, thief: Machine) -> bool:
        """Have a thief publish something; False when its program will not."""
        try:
            told = await thief.publish("Exempel: falsk")
        except REFUSED as error:
            if error.code not in RECOVERING:
                raise
            return False
        self.signing.forged.add(told["entry"])
        return True

    async def lose(self) -> None:
        """One more entry is acknowledged while no neighbour runs; then the machine is gone."""
        await self.stop_neighbours()
        await self.publish("Exempel: ingen annan hann få den")
        await self.owner.kill()
        await self.disks.burn(self.owner.place)
        await self.start_neighbours()

    async def stop_neighbours(self) -> None:
        """Both end as an operator ends them."""
        await asyncio.gather(self.near.stop(), self.far.stop())

    async def start_neighbours(self) -> None:
        """Both run again; the one that is dialled first."""
        await self.far.start()
        await self.near.start()

    # --- what its people do -----------------------------------------------------------------------

    async def publish(self, title: str) -> None:
        """A record at the first; raises what the node answers."""
        self.signing.acknowledged(await self.owner.publish(title))

    async def share(self, count: int) -> None:
        """So many records, until all three hold all that there is."""
        for number in range(count):
            await self.publish(f"Exempel: äkta {number}")
        await self.settled()
        self.signing.note_log(self._held[0][self.log])

    async def rotate(self, *more: str) -> None:
        """`tidan key rotate` with the sheet, until the node has heard enough to do it."""
        words = ""

        async def done() -> bool:
            nonlocal words
            typed, sheet = self._key(), self._next_sheet()
            given = ("key", "rotate", "--yes", "--new-sheet", str(sheet), *more)
            code, words = await self.owner.command(*given, typed=typed)
            if code:
                self._sheets -= 1
            return code == 0

        try:
            await until(done, "the key is rotated", WAIT_SECONDS_MAX)
        except AssertionError as error:
            raise AssertionError(f"{error}: {words}") from error
        await self._note_rotation()

    async def recover(self, *more: str) -> list[str]:
        """`tidan recover` on an empty machine, from the second node, with the sheet; then serve and
        call the third as well. Returns what is wrong with what the command said."""
        port = self.owner.port
        place = await self.disks.empty(self._folder / "new")
        self.owner = self._machine(place, self.owner.code, self.owner.name)
        self.owner.port = port
        _, near_log, far_log = self._logs
        neighbour = ("--neighbour", self.near.url, near_log, "--log", self.log)
        typed, sheet = self._key(), self._next_sheet()
        given = ("recover", *neighbour, "--yes", "--new-sheet", str(sheet), *more)
        code, words = await self.owner.command(*given, typed=typed)
        assert code == 0, f"tidan recover ended with {code}: {words}"
        await self.owner.start()
        await self._note_rotation()
        await self.owner.ask("add_neighbour", log=far_log, url=self.far.url)
        return [] if f"--log {far_log}" in words else [f"does not name the third node: {words}"]

    async def call_neighbours(self) -> None:
        """Try both now, as a person does on the page Grannar."""
        for log in self._logs[1:]:
            await self.owner.ask("try_neighbour_now", log=log)

    async def signs(self) -> bool:
        """Publish; False while the node has reasons not to sign."""
        try:
            await self.publish("Exempel: vidare")
        except REFUSED as error:
            if error.code not in RECOVERING:
                raise
            return False
        return True

    # --- what they hold -----------------------------------------------------------------------

    async def settled(self) -> None:
        """Wait until all three hold the same of all three logs."""
        await until(self._are_equal, "all three hold the same", WAIT_SECONDS_MAX)

    async def problems(self, *, key_number: int, given_way: int) -> list[str]:
        """Publish once more and look: what is wrong, when so many entries may have given way and
        the key of this number is to be in force."""
        await until(self.signs, "the first signs again", WAIT_SECONDS_MAX)
        await self.settled()
        log, signing = self._held[0][self.log], self.signing
        signing.note_log(log)
        found = signing.signed_twice() + signing.lost(log)
        gone = set(signing.given_way(log))
        if len(gone) != given_way:
            found.append(f"{len(gone)} acknowledged entries gave way, not {given_way}: {gone}")
        status = await self.owner.ask("key_status")
        if (status["sheet_number"], signing.key_number) != (key_number, key_number):
            found.append(f"key {status['sheet_number']} is in force")
        for one, held in zip(self.three, self._held, strict=True):
            found += await self._faults(one, held)
        return found

    async def _faults(self, one: Machine, held: dict[str, list[dict[str, Any]]]) -> list[str]:
        found = []
        if {item["entry"] for item in held[self.log]} & self.signing.forged:
            found.append(f"{one.name} holds what is forged")
        status = await one.ask("status")
        if status["frozen_logs"] or status["own_frozen"]:
            found.append(f"{one.name} has a frozen log")
        for log in held:
            verified = await one.ask("verify_log", log=log, every_signature=True)
            if verified["error"]:
                found.append(f"{one.name}, log {log[:8]}: {verified['error']}")
        return found

    async def own_ids(self) -> set[str]:
        """Ids of all entries that the first holds of its own log."""
        return await self._ids(self.owner)

    async def holds_forged(self, one: Machine) -> bool:
        """Whether a node holds all that was signed in the first one's name."""
        return await self._ids(one) >= self.signing.forged

    async def _are_equal(self) -> bool:
        newest = self.signing.entries[-1].entry
        try:
            if newest not in await self._ids(self.far):  # most looks end here, and cost little
                return False
            self._held = [{log: await one.entries(log) for log in self._logs} for one in self.three]
        except REFUSED:  # it has not heard of one of the logs yet
            return False
        return all(held == self._held[0] for held in self._held)

    async def _ids(self, one: Machine) -> set[str]:
        return {item["entry"] for item in await one.entries(self.log)}

    def _machine(self, place: Place, code: str, name: str) -> Machine:
        self._machines.append(Machine(place, code, name))
        return self._machines[-1]

    # --- keys -----------------------------------------------------------------------------------

    async def _note_rotation(self) -> None:
        log = await self.owner.entries(self.log)
        newest = [item for item in log if item["kind"] == KEY_KIND][-1]
        self.signing.rotated(newest["sequence"], newest["entry"])

    def _next_sheet(self) -> Path:
        self._sheets += 1
        return self._sheet()

    def _sheet(self) -> Path:
        return self._folder / f"sheet{self._sheets}.txt"

    def _key(self) -> str:
        text = self._sheet().read_text("utf-8")
        return text.partition("kontroll):")[2].partition("Tidan är")[0]
