"""Every state and every error that a neighbour can be in is produced, and read on its page."""

from __future__ import annotations

from contextlib import AsyncExitStack
from html import unescape
from pathlib import Path

import pytest

import neighbour_cases
import neighbour_faults
from neighbour_stage import CASES, EVERYTHING, TOLD_NOTHING, Stage
from node.sync import words
from node_factories import until
from web_site import assert_sound, open_site

MADE_IN = (neighbour_cases, neighbour_faults)
"""Importing them fills the table."""


def test_nothing_is_said_that_is_not_tested() -> None:
    """A new state, code or sentence without a case fails here, and so does a case of none."""
    assert CASES.keys() == EVERYTHING
    assert TOLD_NOTHING.keys() <= words.WORDS.keys()


@pytest.mark.parametrize("name", sorted(CASES))
async def test_it_is_said_on_the_page(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The word for the state, its cause, and the error among the last ones stand on the page."""
    async with open_site(tmp_path / "tidaholm") as site, AsyncExitStack() as stack:
        expected = await CASES[name](Stage(site, stack, tmp_path, monkeypatch))

        async def said() -> bool:
            answer = await site.get(f"/grannar/{expected.log}")
            assert answer.status == 200
            return all(text in unescape(answer.text) for text in expected.texts)

        await until(said, f"the page said {expected.texts}")
        assert_sound(await site.get(f"/grannar/{expected.log}"))
