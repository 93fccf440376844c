"""Keys for other systems: made, shown once, listed and ended, on the page and the command line."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from command_line import document, run
from storage.account_views import Role
from storage.api_token_store import TOKENS_MAX, Scope
from storage.errors import TooManyTokensError
from web_site import Site, assert_sound, open_site

PAGE = "/anvandare/nycklar"
WISHED = {"system": "Ärendesystemet", "ratt": "read-federation"}


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A served node, and its operator."""
    async with open_site(tmp_path) as opened:
        yield opened


async def test_a_key_is_shown_once_and_ended(site: Site) -> None:
    """Made on the page, it works; its page never shows it again; ended, it works no more."""
    made = await site.post(PAGE, WISHED)
    assert_sound(made)
    (key,) = re.findall(r">(tidan_[\w-]{43})<", made.text)
    header = {"Authorization": f"Bearer {key}"}
    assert (await site.signed_out().get("/api/v1/records", **header)).status == 200
    page = await site.get(PAGE)
    (form,) = re.findall(rf'action="({PAGE}/\d+/avsluta)"', page.text)
    ended = await site.post(form)
    again = await site.post(form)

    assert made.headers["Cache-Control"] == "no-store"
    assert_sound(page)
    assert key not in page.text
    assert "Ärendesystemet" in page.text
    assert ended.location == f"{PAGE}?klart=nyckel-slut"
    assert again.status == 303
    assert (await site.signed_out().get("/api/v1/records", **header)).status == 401
    assert "Avslutade nycklar" in (await site.get(PAGE)).text
    trail = (await site.get("/anvandare/handelser")).text
    assert "jorde en nyckel för Ärendesystemet" in trail
    assert "vslutade nyckeln för Ärendesystemet" in trail


async def test_only_operators_make_keys(site: Site) -> None:
    """Nobody else sees the page or makes a key, whatever they send."""
    for role in (Role.READER, Role.EDITOR, Role.FEDERATION_ADMIN):
        other = await site.signed_in(role)
        assert (await other.get(PAGE)).status == 403
        assert (await other.post(PAGE, WISHED)).status == 403
    assert (await site.signed_out().get(PAGE)).status == 303
    assert await site.served.node.api_tokens.all() == []


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "a\x07b"])
async def test_a_key_needs_a_name(site: Site, name: str) -> None:
    """A form without a usable name comes back with what is wrong, and no key is made."""
    answer = await site.post(PAGE, WISHED | {"system": name})

    assert answer.status == 422
    assert answer.title.startswith("Fel: ")
    assert await site.served.node.api_tokens.all() == []
    assert (await site.post(PAGE, WISHED | {"ratt": "allt"})).status == 400


async def test_there_is_a_bound(site: Site) -> None:
    """So many keys work at a time; ended ones do not count."""
    tokens = site.served.node.api_tokens
    for number in range(TOKENS_MAX):
        made = await tokens.make(f"Exempel {number}", Scope.ADMIN, "test")
    with pytest.raises(TooManyTokensError):
        await tokens.make("Exempel", Scope.ADMIN, "test")
    assert (await site.post(PAGE, WISHED)).status == 422
    await tokens.revoke(made.number, "test")

    assert (await site.post(PAGE, WISHED)).status == 200


async def test_the_page_is_in_english_too(site: Site) -> None:
    """Whoever reads English gets the page of keys and that of the API in English."""
    for path in (PAGE, "/api"):
        answer = await site.get(f"{path}?sprak=en")
        assert_sound(answer, "en")
        assert "Keys" in answer.text


def test_from_the_command_line(tmp_path: Path) -> None:
    """Made, listed and revoked by number; a number that is none is refused with advice."""
    data = tmp_path / "nod"
    document("--data", data, "init", "--code", "1498")
    assert "No tokens" in run("--data", data, "token", "list").stdout
    made = document("--data", data, "token", "add", "Övervakning", "--scope", "admin")
    shown = run("--data", data, "token", "list").stdout
    (listed,) = document("--data", data, "token", "list")
    ended = document("--data", data, "token", "revoke", str(made["number"]))
    refused = run("--data", data, "token", "revoke", str(made["number"]))

    assert re.fullmatch(r"tidan_[\w-]{43}", made["token"])
    assert made["token"] not in shown
    assert (listed["name"], listed["scope"], listed["works"]) == ("Övervakning", "admin", True)
    assert ended["works"] is False
    assert refused.exit_code == 1
    assert "What to do:" in refused.stderr
