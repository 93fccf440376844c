"""Real databases for tests: an SQLite file, and a PostgreSQL cluster that lives for one run.

Without PostgreSQL its tests are left out and the summary says what to install; where `CI` is set
that is an error, because a gate that silently tests less promises nothing.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from xdist.remote import Producer

from leaving_out import leave_out
from migrated import migrated_template, postgresql_database, put_migrated
from node.operations.node import Node
from node.process.bootstrap import open_node
from node_factories import LOOPBACK_NETWORKS, TestNode
from postgresql_cluster import MISSING, binaries, cluster
from side_by_side import SideBySide
from storage.database import Database
from tests.memory_disk import use_memory_disk

use_memory_disk()

# Nodes that commands and processes of a test start have their neighbours on this machine.
os.environ["TIDAN_NEIGHBOUR_NETWORKS"] = " ".join(LOOPBACK_NETWORKS)

# How long an example takes says how busy the machine is; time is measured by the benchmarks.
settings.register_profile("tidan", deadline=None)
settings.load_profile("tidan")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> SideBySide:
    """With several processes, say which tests belong together."""
    return SideBySide(config, log)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """Give the URL, without a database name, of a cluster that is thrown away afterwards."""
    if binaries() is None:
        leave_out(MISSING)
    with cluster() as url:
        yield url


@pytest.fixture
async def postgresql_url(postgresql_server: str) -> AsyncIterator[str]:
    """Give the URL of an empty database of its own."""
    async with postgresql_database(postgresql_server) as url:
        yield url


@pytest.fixture
async def migrated_postgresql_url(postgresql_server: str) -> AsyncIterator[str]:
    """Give the URL of a database of its own with all tables and nothing in them."""
    template = await migrated_template(postgresql_server)
    async with postgresql_database(postgresql_server, template) as url:
        yield url


@pytest.fixture
async def migrated_folder(tmp_path: Path) -> Path:
    """Give a folder with a database that has all tables and nothing in them."""
    await put_migrated(tmp_path / "node")
    return tmp_path / "node"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_location(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the place of an empty database, once for each kind."""
    if request.param == "postgresql":
        url: str = request.getfixturevalue("postgresql_url")
        return url
    return str(tmp_path / "node")


@pytest.fixture(params=["sqlite", "postgresql"])
def migrated_location(request: pytest.FixtureRequest) -> str:
    """Give the place of a database with all tables and nothing in them, once for each kind."""
    names = {"sqlite": "migrated_folder", "postgresql": "migrated_postgresql_url"}
    return str(request.getfixturevalue(names[request.param]))


@pytest.fixture
async def database(migrated_location: str) -> AsyncIterator[Database]:
    """Give an open, migrated, empty database, once for each kind."""
    opened = await Database.open(migrated_location)
    yield opened
    await opened.close()


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    """An open node that does not serve."""
    made = await TestNode(tmp_path, "9001", "Exempelby").create()
    async with open_node(made.settings, log_stream=made.log_lines) as opened:
        yield opened
