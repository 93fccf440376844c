"""The Nu checker reads every page, in the states it can be in, as it came over the wire."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path

import pytest
import pytest_asyncio

from leaving_out import leave_out
from page_table import PLACES, Place
from page_visits import CHECKERS, Visits

pytestmark = pytest.mark.asyncio(loop_scope="session")
NU = CHECKERS / "vnu-jar" / "build" / "dist" / "vnu.jar"
NO_JAVA = "Java is not installed; install the package default-jre-headless for the Nu checker"
MISTAKEN = '<!doctype html><html lang="sv"><title>Exempel</title><p id="a"><p id="a">'


async def nu(folder: Path, pages: dict[str, str]) -> dict[str, list[str]]:
    """What the checker calls errors, by page; all in one run, as starting it takes longest."""
    if shutil.which("java") is None:
        leave_out(NO_JAVA)
    names = {f"{number}.html": name for number, name in enumerate(pages)}
    for file, name in names.items():
        (folder / file).write_text(pages[name], "utf-8")
    process = await asyncio.create_subprocess_exec(
        *("java", "-jar", NU, "--format", "json", "--stdout", "--exit-zero-always", *names),
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0
    found: dict[str, list[str]] = {name: [] for name in pages}
    for message in json.loads(output)["messages"]:
        if message["type"] != "info":
            place = names[Path(message["url"]).name]
            found[place].append(f"{message['message']} {message.get('extract', '')}")
    return found


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def errors(visits: Visits, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """The errors of all pages; one that cannot be opened fails in its own tests."""
    pages = {}
    for place in PLACES:
        try:
            pages[place.name] = (await visits.of(place)).html
        except Exception:  # noqa: BLE001 - whatever it is, the page's own tests show it
            continue
    return await nu(tmp_path_factory.mktemp("nu"), pages)


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
async def test_nu_finds_no_error(errors: dict[str, list[str]], place: Place) -> None:
    """Every page is written as the standard says."""
    assert errors[place.name] == []


async def test_nu_would_find_an_error(visits: Visits, tmp_path: Path) -> None:
    """A page with two elements of one id is called wrong, so silence means something."""
    found = await nu(tmp_path, {"mistaken": MISTAKEN})

    assert "Duplicate ID" in found["mistaken"][0]
