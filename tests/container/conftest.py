"""One image and three containers for all tests here; without podman they fail, never skip."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from container_engine import STORE, Engine
from container_figures import Figures
from federation import Federation


def pytest_addoption(parser: pytest.Parser) -> None:
    """`make container ARGS=--keep` writes docs/results/container.json."""
    parser.addoption("--keep", action="store_true", help="Keep the figures in docs/results.")


@pytest.fixture(scope="session")
def figures(request: pytest.FixtureRequest) -> Iterator[Figures]:
    """What was measured on the way: printed, and kept if that is asked for and all tests pass."""
    found = Figures()
    yield found
    manager = request.config.pluginmanager.getplugin("capturemanager")
    with manager.global_and_fixture_disabled():
        print(f"\n{found.table()}")
    if request.config.getoption("--keep") and not request.session.testsfailed:
        found.keep()


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """Give podman with the image built anew, and nothing of an earlier run."""
    made = Engine(STORE)
    made.end()
    made.build()
    yield made
    made.end()


@pytest.fixture(scope="session")
def federation(engine: Engine) -> Federation:
    """Give three nodes that have begun to exchange; the tests of a file go on from each other."""
    made = Federation(engine)
    made.begin()
    return made
