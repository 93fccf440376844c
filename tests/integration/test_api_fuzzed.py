"""The API against its own OpenAPI document: Schemathesis asks what nobody thought of asking.

Each run has a seed of its own and prints it; `SCHEMATHESIS_SEED=… pytest …` asks the same again.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import schemathesis

from content_factories import an_experience
from factories import LogMaker
from node.api.operations import OPERATIONS
from protocol.content import Comment, Helped, Interest, Profile, Use
from protocol.content.experience import Cost, Product, Timeline
from storage.api_token_store import Scope
from web_site import Site, open_site, write

EXAMPLES = 50
"""Cases for an operation; both runs together take some twenty seconds."""
DOCUMENT = "/api/v1/openapi.json"


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A served node with records, answers and a neighbour."""
    async with open_site(tmp_path) as opened:
        hjo = LogMaker(2, code="1497", name="Hjo kommun")
        for number in range(25):
            content = an_experience(
                title=f"Exempel {number}",
                cost=Cost(one_off_sek=number),
                timeline=Timeline(started="2024"),
                products=(Product(name="Lås", call_off_until="2028-01-31"),),
                visibility="federation" if number % 5 == 0 else "public",
            )
            write(hjo, "experience", content)
        write(hjo, "profile", Profile(name="Hjo kommun", code="1497", domain="hjo.se"))
        own = await opened.publish(title="Exempel: egen")
        write(hjo, "use", Use(record=own, since_year=2024, note="Exempel."))
        write(hjo, "interest", Interest(record=own, interest="samverka"))
        write(hjo, "helped", Helped(record=own, reused="Mallen."))
        write(hjo, "comment", Comment(record=own, kind="question", text="Hur gick det?"))
        await opened.receive(hjo)
        await opened.served.node.operations.add_neighbour(hjo.log.hex(), "http://127.0.0.1:9")
        yield opened


async def token_of(site: Site) -> str:
    """A token that may read everything."""
    made = await site.served.node.api_tokens.make("Exempel", Scope.ADMIN, "test")
    return made.text


@pytest.mark.parametrize("with_token", [True, False], ids=["with a token", "without"])
async def test_schemathesis_finds_nothing(site: Site, tmp_path: Path, with_token: bool) -> None:
    """Whatever is asked, valid or not, the answer is one that the document promises."""
    seed = int(os.environ.get("SCHEMATHESIS_SEED", random.randrange(2**32)))
    print(f"seed={seed}")
    header = ("--header", f"Authorization: Bearer {await token_of(site)}")
    arguments = [
        *("--seed", str(seed), "--max-examples", str(EXAMPLES), "--checks", "all"),
        *("--phases", "examples,coverage,fuzzing", "--warnings", "off"),
        *(header if with_token else ()),
    ]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "schemathesis.cli", "run", *arguments),
        site.served.url + DOCUMENT,
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said = (await process.communicate())[0].decode("utf-8", "replace")
    ran = re.search(r"(\d+) generated", said)

    assert process.returncode == 0, said
    assert ran is not None, said
    assert int(ran[1]) > 100
    assert "Traceback" not in site.served.log_lines.getvalue()


async def test_what_is_there_is_as_the_document_says(site: Site) -> None:
    """Each operation answers for things that are there, and the answer fits its schema."""
    headers = {"Authorization": f"Bearer {await token_of(site)}"}
    (record,) = await site.served.node.queries.newest(1)
    there = {"id": record.record_id.hex(), "code": "1497", "log": site.served.log}

    def ask() -> list[int]:
        schema = schemathesis.openapi.from_url(site.served.url + DOCUMENT)
        statuses = []
        for operation in OPERATIONS:
            wanted = {name: there[name] for name in operation.path_parameters}
            case = schema[operation.template]["GET"].Case(path_parameters=wanted, headers=headers)
            statuses.append(case.call_and_validate().status_code)
        return statuses

    assert await asyncio.to_thread(ask) == [200] * len(OPERATIONS)
