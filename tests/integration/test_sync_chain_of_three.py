"""Three nodes A–B–C where A and C never meet: B carries, trust stays local, outages heal."""

from __future__ import annotations

from pathlib import Path

from node_factories import TestNode, nodes, until, until_equal
from protocol.directory import Standing


async def chain(a: TestNode, b: TestNode, c: TestNode) -> None:
    """Connect A to B and C to B; B is dialled by both."""
    await a.befriend(b)
    await c.befriend(b)


def standing(at: TestNode, of: TestNode) -> Standing | None:
    """What a node has decided about another's log."""
    view = at.node.directory.get(of.log_id)
    return view.standing if view else None


async def test_an_introduced_log_waits_for_a_person(tmp_path: Path) -> None:
    """C learns of A through B's introduction, takes nothing of it, and all of it once accepted."""
    async with nodes(tmp_path, "Ytterby", "Mellanby", "Innerby") as (a, b, c):
        await chain(a, b, c)
        record = await a.publish("Exempel: digital tillsyn")

        async def introduced() -> bool:
            return standing(c, a) is Standing.INTRODUCED

        await until(introduced, "C heard of A")
        member = next(item for item in await c.node.operations.members() if item.log == a.log)
        before = await c.node.log_store.entry(a.log_id, 1)

        await c.node.operations.decide_member("accept", a.log)

        async def arrived() -> bool:
            await c.node.projector.settled()
            return await c.node.queries.record(bytes.fromhex(record)) is not None

        await until(arrived, "A's record reached C through B")
        assert (member.name, member.introduced_by, before) == ("Ytterby", ["Mellanby"], None)


async def test_policy_accepts_what_a_neighbour_introduces(tmp_path: Path) -> None:
    """With auto-1 a log introduced by one neighbour is a member at once, and audited as policy."""
    async with nodes(tmp_path, "Ytterby", "Mellanby", "Innerby", introductions="auto-1") as made:
        a, b, c = made
        await chain(a, b, c)
        await a.publish("Exempel: e-arkiv")
        await c.publish("Exempel: skolskjuts")

        await until_equal([a, b, c])

        audit = await c.node.audit.newest(10)
        assert ("policy", a.log) in [(item.actor, item.subject) for item in audit]
        verified = await c.node.operations.verify_log(a.log, every_signature=True)
        assert (verified.error, verified.sequence) == ("", await a.head(a.log_id))


async def test_a_rival_for_a_kommunkod_is_never_accepted_by_policy(tmp_path: Path) -> None:
    """A second log with a kommunkod that is taken stays introduced, with an alarm."""
    async with nodes(tmp_path, "Ytterby", "Mellanby", "Innerby", introductions="auto-1") as made:
        a, b, c = made
        rival = TestNode(tmp_path / "rival", a.code, "Ytterby")
        try:
            await rival.start()
            await chain(a, b, c)
            await until_equal([a, b, c])

            await rival.befriend(b)

            async def introduced() -> bool:
                return standing(c, rival) is Standing.INTRODUCED

            await until(introduced, "C heard of the rival")
            await c.node.introductions.review()
            members = {item.log: item for item in await c.node.operations.members()}
            assert standing(c, rival) is Standing.INTRODUCED
            assert members[rival.log].alarm
        finally:
            await rival.stop()


async def test_an_outage_in_the_middle_heals(tmp_path: Path) -> None:
    """B stops, A and C publish, B returns: logs and pages equal, and a rebuild changes nothing."""
    async with nodes(tmp_path, "Ytterby", "Mellanby", "Innerby", introductions="auto-1") as made:
        a, b, c = made
        await chain(a, b, c)
        await a.publish("Exempel: första")
        await until_equal([a, b, c])

        await b.stop()
        for number in range(20):
            await a.publish(f"Exempel: A {number}")
            await c.publish(f"Exempel: C {number}")
        await b.start()

        await until_equal([a, b, c])
        before = await c.digest()
        rebuilt = await c.node.operations.rebuild()
        assert rebuilt.projection_digest == before
        assert await c.head(a.log_id) == await a.head(a.log_id)


async def test_a_block_wins_over_every_introduction(tmp_path: Path) -> None:
    """A log blocked by a person stays blocked, whoever introduces it and whatever the policy."""
    async with nodes(tmp_path, "Ytterby", "Mellanby", "Innerby", introductions="auto-1") as made:
        a, b, c = made
        await chain(a, b, c)
        await until_equal([a, b, c])

        await c.node.operations.decide_member("block", a.log, "Exempel: oklar avsändare")
        await a.publish("Exempel: efter blockeringen")

        async def passed_b() -> bool:
            return await b.head(a.log_id) == await a.head(a.log_id)

        await until(passed_b, "B has what A wrote")
        record = await b.publish("Exempel: efteråt")

        async def b_at_c() -> bool:
            await c.node.projector.settled()
            return await c.node.queries.record(bytes.fromhex(record)) is not None

        await until(b_at_c, "C still hears from B")
        assert await c.head(a.log_id) < await a.head(a.log_id)
        assert standing(c, a) is Standing.BLOCKED
