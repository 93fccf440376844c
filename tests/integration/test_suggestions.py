"""Words to go on with in the search box."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.account_views import Role
from web_site import Site, open_site


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A served node with records about alarms, one of them for members."""
    async with open_site(tmp_path) as opened:
        await opened.publish(title="Trygghetslarm i Hjo", summary="Exempel på trygghet.")
        await opened.publish(title="Trygghetslarm på natten", summary="Exempel.")
        hidden = {"title": "Trygghetsronder", "summary": "Exempel.", "visibility": "federation"}
        await opened.publish(**hidden)
        yield opened


async def test_the_last_word_is_completed_from_what_a_reader_may_see(site: Site) -> None:
    """The commonest come first, what stands before stays, and members' words stay with them."""
    public = (await site.signed_out().get("/sok/forslag?q=nya%20trygg")).text
    member = (await (await site.signed_in(Role.READER)).get("/sok/forslag?q=trygg")).text

    assert public.index('"nya trygghetslarm"') < public.index('"nya trygghet"')
    assert "ronder" not in public
    assert "trygghetsronder" in member


async def test_what_completes_nothing_is_empty(site: Site) -> None:
    """Signs, nothing and words that nobody uses give no options, and no error."""
    for asked in ("", "%20", "%22%3Cb%3E", "xyzzy", "a" * 5000):
        answer = await site.get(f"/sok/forslag?q={asked}")
        assert (answer.status, answer.text) == (200, "")
