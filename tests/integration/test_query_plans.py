"""No page, verb or sync reads a whole table that grows: every statement executed is explained."""

from __future__ import annotations

import asyncio
import re
from contextlib import AsyncExitStack
from pathlib import Path
from typing import NamedTuple

import asyncpg
import pytest
from aiohttp import ClientSession, DummyCookieJar

from node.api.routes import API_ROUTES
from node.operations.verbs import VERBS
from node.web.access import Route
from node.web.routes import ROUTES
from node_factories import TestNode, until
from protocol.directory import Standing
from query_plans import ALLOWED, GROWING, INDEXES, Plan, explain, grow, noted_statements
from storage.account_views import Role
from storage.database import Database
from storage.schema import logs
from web_site import Site
from whole_use import Visitor, hjo

NOT_RUN = {"override_recovery": "only while recovering; it writes a fact and an audit entry"}


class Used(NamedTuple):
    """A database that was used in every way, and the statements that went to it."""

    location: str
    statements: set[str]
    asked: set[str]
    verbs: set[str]


async def in_step(one: TestNode, other: TestNode) -> None:
    """Wait until two neighbours hold the same logs."""

    async def equal() -> bool:
        return one.node.directory.items() == other.node.directory.items()

    await until(equal, "the neighbours held the same")


async def use_everything(location: str, folder: Path, patch: pytest.MonkeyPatch) -> Used:
    """Make a node, fill it, start it anew, and use all of it while statements are noted."""
    flags = {"database_url": location} if "://" in location else {}
    node = TestNode(folder / "a", "1498", "Tidaholms kommun", **flags)
    other = TestNode(folder / "b", "1499", "Falköpings kommun")
    foreign = hjo()
    async with AsyncExitStack() as stack:
        for item in (node, other):
            await item.start()
            stack.push_async_callback(item.stop)
        session = await stack.enter_async_context(ClientSession(cookie_jar=DummyCookieJar()))
        site = Site(node, session)
        await site.receive(foreign)
        await node.stop()
        with noted_statements(patch, "postgresql" if flags else "sqlite") as statements:
            await node.start()
            visitor = Visitor(await site.signed_in(Role.OPERATOR), folder)
            record = foreign.envelopes[1].entry.id.hex()
            await visitor.read(record)
            await visitor.write(record)
            await visitor.follow(record)
            await visitor.manage()
            await other.node.operations.add_neighbour(node.log)
            await visitor.operate(foreign, other)
            await node.befriend(other)
            for row in await node.node.log_store.logs():
                if row.log != other.log_id:
                    await other.node.standings.decide(row.log, Standing.MEMBER, "exempel")
            await in_step(node, other)
            await node.node.log_store.pack(node.log_id)
            await node.node.audit.newest(20, before=10)
            location = node.settings.database
            await node.stop()
    await grown(str(location))
    return Used(str(location), statements, visitor.asked, visitor.verbs)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def used(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Used:
    """A used database of each kind."""
    location = ""
    if request.param == "postgresql":
        location = asyncio.run(_new_database(request.getfixturevalue("postgresql_server")))
    with pytest.MonkeyPatch.context() as patch:
        return asyncio.run(use_everything(location, tmp_path_factory.mktemp("plans"), patch))


async def _new_database(server: str) -> str:
    connection = await asyncpg.connect(f"{server}/postgres")
    try:
        await connection.execute("CREATE DATABASE plans")
    finally:
        await connection.close()
    return f"{server}/plans"


async def grown(location: str) -> None:
    """Make the tables as large as a planner needs them."""
    database = await Database.open(location)
    try:
        if database.is_postgresql:
            async with database.write() as connection:
                await grow(connection)
    finally:
        await database.close()


async def plans_of(used: Used, *, without: str | None = None) -> list[Plan]:
    """Explain everything that was executed; without an index only what asks for its table."""
    database = await Database.open(used.location)
    try:
        async with database.write() as connection:
            statements = used.statements
            if without is not None:
                await connection.exec_driver_sql(f"DROP INDEX {without}")
                table, _ = INDEXES[without]
                statements = {one for one in statements if re.search(rf"\b{table}\b", one)}
            plans = await explain(connection, statements)
            await connection.rollback()
            return plans
    finally:
        await database.close()


def test_everything_that_can_be_asked_was_asked(used: Used) -> None:
    """Each address of the web view and each verb took part, so that a new one is not left out."""
    missing = {
        f"{route.method} {route.path}"
        for route in (*ROUTES, *API_ROUTES)
        if not any(_pattern(route).fullmatch(one) for one in used.asked)
    }

    assert missing == set()
    assert VERBS - used.verbs == NOT_RUN.keys()


def _pattern(route: Route) -> re.Pattern[str]:
    parts = re.split(r"\{\w+(?::((?:[^{}]|\{[\d,]+\})+))?\}", route.path)
    path = "".join(
        re.escape(part or "") if place % 2 == 0 else f"(?:{part or '[^/]+'})"
        for place, part in enumerate(parts)
    )
    return re.compile(f"{route.method} {path}")


async def test_no_statement_reads_a_whole_table_that_grows(used: Used) -> None:
    """Every statement finds its rows by an index, or reads one in order up to a limit."""
    plans = await plans_of(used)
    tables = {table for plan in plans for table in GROWING if table in plan.statement}
    faulty = [plan for plan in plans if plan.faults and not plan.is_allowed]

    needed = {
        pattern
        for plan in plans
        if plan.faults
        for pattern in ALLOWED
        if re.search(pattern, plan.statement)
    }

    assert tables == GROWING
    assert faulty == []
    assert needed == ALLOWED.keys(), "an exception that nothing needs is taken away"


async def test_every_index_is_used(used: Used) -> None:
    """An index that no statement uses costs time and disk at each entry for nothing."""
    plans = await plans_of(used)
    wanted = {index.name for name in GROWING for index in logs.metadata.tables[name].indexes}

    assert wanted - {index for plan in plans for index in plan.indexes} == set()


@pytest.mark.parametrize(
    "index",
    sorted(str(index.name) for name in GROWING for index in logs.metadata.tables[name].indexes),
)
async def test_a_missing_index_is_noticed(used: Used, index: str) -> None:
    """Without any one of the indexes, a statement reads or sorts a whole table."""
    plans = await plans_of(used, without=index)

    assert any(plan.faults and not plan.is_allowed for plan in plans)
