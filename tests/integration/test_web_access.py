"""Each route and each role, asked of the router itself: who is let in, and who is not."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from node.process.server import application
from node.web.access import NEEDS, Needs, Open
from storage.account_views import Role
from web_site import Answer, Site, assert_sound, open_site

NOBODY = "nobody"
EXAMPLES = {
    "id": "0" * 64,
    "sha256": "0" * 64,
    "log": "0" * 64,
    "comment": "0" * 64,
    "draft": "0" * 32,
    "import": "0" * 32,
    "digest": "0" * 64,
    "token": "A" * 43,
    "interest": "samverka",
    "code": "1498",
    "words": "",
    "table": "amnen",
    "number": "999",
    "name": "tokens.css",
}


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A served node of Tidaholm, open for reading."""
    async with open_site(tmp_path) as opened:
        yield opened


def routes(site: Site) -> dict[tuple[str, str], Needs | None]:
    """What the served application's router knows, with the declarations."""
    app = application(site.served.node, None)
    found = {
        (route.method, route.resource.canonical): route
        for route in app.router.routes()
        if route.resource is not None and route.method != "HEAD"
    }
    assert len(found) > 40
    assert all(isinstance(route, web.AbstractRoute) for route in found.values())
    return {place: app[NEEDS].get(place) for place in found}


def address(place: str) -> str:
    """An address of a route, about things that do not exist."""
    return re.sub(r"\{(\w+)\}", lambda found: EXAMPLES.get(found[1], "x"), place)


def was_refused(answer: Answer) -> bool:
    """Whether somebody was turned away at the door."""
    if answer.status == 303:
        return answer.location.startswith("/logga-in?till=")
    return answer.status == 403


def expected(needs: Needs | None, who: str, *, reading_is_open: bool) -> bool:
    """Whether somebody is let in, worked out from the ladder of roles alone."""
    ladder = [NOBODY, "reader", "author", "editor", "federation-admin", "operator"]
    first = {
        Open.ALWAYS: NOBODY,
        Open.UNSEEN: NOBODY,
        Open.LINK: NOBODY,
        Open.READING: NOBODY if reading_is_open else "reader",
    }
    assert needs is not None
    lowest = first[needs] if isinstance(needs, Open) else needs.value
    return ladder.index(who) >= ladder.index(lowest)


async def test_no_route_is_without_a_declaration(site: Site) -> None:
    """Whatever is served says what it needs, and nothing is declared that is not served."""
    undeclared = [place for place, needs in routes(site).items() if needs is None]

    assert undeclared == []
    assert set(application(site.served.node, None)[NEEDS]) == set(routes(site))


async def ask_everything(site: Site, who: str, *, reading_is_open: bool) -> list[str]:
    """Ask for each route as somebody; returns where the answer was not the declared one."""
    wrong = []
    for (method, place), needs in routes(site).items():
        client = site.signed_out() if who == NOBODY else await site.signed_in(Role(who))
        path = address(place)
        answer = await (client.get(path) if method == "GET" else client.post(path, {}))
        let_in = expected(needs, who, reading_is_open=reading_is_open)
        if was_refused(answer) == let_in or answer.status >= 500:
            wrong.append(f"{method} {place}: {answer.status}")
        if not let_in and answer.status == 403:
            assert_sound(answer)
    return wrong


@pytest.mark.parametrize("who", [NOBODY, *(role.value for role in Role)])
async def test_each_role_gets_what_is_declared(site: Site, who: str) -> None:
    """Every route answers those it is declared for, and refuses everybody else."""
    before = await site.own_sequence()

    assert await ask_everything(site, who, reading_is_open=True) == []
    assert await site.own_sequence() == before


async def test_a_closed_node_shows_the_way_in_and_nothing_else(tmp_path: Path) -> None:
    """With read_access = signed-in, the public reaches only what needs no role."""
    async with open_site(tmp_path, read_access="signed-in") as site:
        await site.publish(title="Exempel: öppen")

        assert await ask_everything(site, NOBODY, reading_is_open=False) == []
        assert await ask_everything(site, "reader", reading_is_open=False) == []
        shown = await site.signed_out().get("/logga-in")
        assert_sound(shown)
        assert "Exempel: öppen" not in shown.text
        assert 'href="/erfarenheter"' not in shown.text


async def test_a_form_without_the_users_key_is_refused(site: Site) -> None:
    """Every form of somebody signed in needs the key of that user, not another's."""
    other = await site.signed_in(Role.READER)
    for key in ("", "ab" * 32, other.key, "å"):
        forged = Site(site.served, site._session, site.cookie, key)
        for (method, place), needs in routes(site).items():
            if method == "POST" and needs not in (Open.ALWAYS, Open.LINK):
                answer = await forged.post(address(place), {"nyckel": key})
                assert answer.status == 403, (place, key)
                assert "Inget är ändrat" in answer.text


async def test_every_form_on_every_page_carries_the_key(site: Site) -> None:
    """No page holds a posting form that would be refused."""
    record = await site.publish(title="Exempel: egen")
    pages = ["/", "/skriv", "/grannar", "/konto", "/anvandare", f"/erfarenheter/{record}/andra"]
    pages += [f"/erfarenheter/{record}/aterkalla", f"/erfarenheter/{record}/exempel-egen"]
    for path in pages:
        text = (await site.get(path)).text
        forms = re.findall(r"<form[^>]*method=\"post\".*?</form>", text, re.DOTALL)
        assert forms, path
        assert [form for form in forms if f'name="nyckel" value="{site.key}"' not in form] == []


async def test_a_head_request_is_judged_like_the_page(site: Site) -> None:
    """Asking for the head of a page lets nobody past what the page needs."""
    url = site.served.url + "/anvandare"
    async with site._session.head(url, allow_redirects=False) as answer:
        assert answer.status == 303


async def test_authors_change_their_own_and_editors_everybodys(site: Site) -> None:
    """An author may change and take back what that author published, and nothing else."""
    first, second = (
        await site.signed_in(Role.AUTHOR, "forst"),
        await site.signed_in(Role.AUTHOR, "andra"),
    )
    editor = await site.signed_in(Role.EDITOR)
    record = await site.publish(title="Exempel: gammal")
    sent = {"kind": "question", "text": "Hur gick det?"}
    comment = (await first.post(f"/erfarenheter/{record}/kommentarer", sent)).location
    undo = f"/erfarenheter/{record}/kommentarer/{comment.partition('#k-')[2]}/angra"

    assert (await first.get(f"/erfarenheter/{record}/andra")).status == 403
    assert (await editor.get(f"/erfarenheter/{record}/andra")).status == 200
    assert "Ta tillbaka" not in (await second.get(comment.partition("?")[0])).text
    assert (await second.post(undo)).status == 403
    assert "Ta tillbaka" in (await first.get(comment.partition("?")[0])).text
    assert (await first.post(undo)).status == 303
