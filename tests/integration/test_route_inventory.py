"""All that is served, asked of the router: route by origin, by method, and by whose object it is.

Role by route is test_web_access.py. Addresses lead to things that exist, so that what is refused is
refused for who asks and not because nothing is there.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import aiohttp
import pytest

from factories import LogMaker
from node.process.server import application
from node.web.access import NEEDS, Needs, Open
from picture_factories import png
from storage.account_views import Role
from storage.api_token_store import Scope
from web_site import CONFIRMED, FORM, SAME_ORIGIN, Answer, Site, open_site, with_hjo

PUBLIC_URL = "https://tidan.tidaholm.se"
MARKED_BY_READING = {"web_sessions", "news_seen", "api_tokens", "neighbour_sightings", "alerts"}
"""Tables in which reading leaves a mark of who reads, and nothing that others see."""
FOREIGN = {
    "another site": {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    "a sibling name": {"Sec-Fetch-Site": "same-site", "Origin": "https://annan.tidaholm.se"},
    "a sibling without metadata": {"Origin": "https://annan.tidaholm.se"},
    "a name that begins like ours": {"Origin": "https://tidan.tidaholm.se.evil.example"},
    "our name without its s": {"Origin": "http://tidan.tidaholm.se"},
    "our name at another port": {"Origin": "https://tidan.tidaholm.se:8443"},
    "a page without an origin": {"Origin": "null"},
    "nobody": {},
}
SYNC = "/sync/v1"


class Inventory:
    """The routes of a served node, and what to put in their places."""

    def __init__(self, site: Site, names: dict[str, str]) -> None:
        self.site = site
        self.names = names
        app = application(site.served.node, None)
        self.needs: dict[tuple[str, str], Needs] = app[NEEDS]
        self.routes = [
            (route.method, route.resource.canonical)
            for route in app.router.routes()
            if route.resource is not None and route.method != "HEAD"
        ]

    def address(self, place: str) -> str:
        """An address of a route, about things that exist."""
        return re.sub(r"\{(\w+)\}", lambda found: self.names[found[1]], place)

    def places(self, method: str) -> list[str]:
        """The routes of a method."""
        found = [place for known, place in self.routes if known == method]
        assert len(found) > 40
        return found


@pytest.fixture
async def inventory(tmp_path: Path) -> AsyncIterator[Inventory]:
    """A served node with one of everything that an address can name."""
    async with open_site(tmp_path, public_url=PUBLIC_URL) as site:
        yield Inventory(site, await one_of_everything(site))


async def one_of_everything(site: Site) -> dict[str, str]:
    """Make what addresses name, as an author and an operator would; returns their ids."""
    node = site.served.node
    foreign = await with_hjo(site)
    own = await site.publish(title="Exempel: bara för medlemmar", visibility="federation")
    anna = await site.signed_in(Role.AUTHOR, "anna")
    editor = await site.signed_in(Role.EDITOR, "elin")
    sent = {"kind": "question", "text": "Hur gick det?"}
    comment = (await anna.post(f"/erfarenheter/{own}/kommentarer", sent)).location
    draft = "a" * 32
    assert (await anna.post(f"/utkast/{draft}", FORM)).status == 200
    begun = await editor.upload("/importera", {}, ("a.md", b"# Exempel\n\nText."))
    growing = node.blob_files.upload("test")
    growing.append(png(4, 4))
    blob = await node.sync.blobs.hold(growing)
    await node.operations.make_invite("Hjo")
    await node.operations.make_api_token("Exempel", Scope.ADMIN.value)
    invited = await node.accounts.invite("bo", "Bo Exempel", Role.READER, "test")
    return {
        "id": own, "foreign": foreign, "log": LogMaker(2, code="1497", name="Hjo kommun").log.hex(),
        "comment": comment.partition("#k-")[2], "draft": draft,
        "import": begun.location.rpartition("/")[2].partition("?")[0],
        "sha256": blob.digest.hex(), "name": "exempel.png", "interest": "samverka", "code": "1498",
        "words": "", "area": "aldre", "table": "amnen", "number": "1", "digest": "ab" * 32,
        "token": invited.path.rpartition("/")[2], "tail": "",
    }  # fmt: skip


def dump(site: Site) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table that is not a mark of who has read what."""
    with closing(sqlite3.connect(site.served.folder / "tidan.sqlite")) as database:
        query = "SELECT name FROM sqlite_master WHERE type = 'table'"
        names = {name for (name,) in database.execute(query)} - MARKED_BY_READING
        assert len(names) > 20
        return {name: sorted(map(repr, database.execute(f'SELECT * FROM "{name}"')))
                for name in names}  # fmt: skip


def differing(before: dict[str, list[object]], after: dict[str, list[object]]) -> set[str]:
    """The tables that have changed."""
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


async def test_what_changes_something_comes_from_our_own_pages(inventory: Inventory) -> None:
    """GHSA-2vfc-3h43-vghh, and ASVS V3.5.1: each POST route, asked with an operator's own session
    and form key from elsewhere, is refused and changes no row. Links in letters, whose secret says
    who may, are the only ones that are taken from anywhere.
    """
    site = inventory.site
    host = {"Host": "tidan.tidaholm.se"}
    before = dump(site)
    wrong = []
    for place in inventory.places("POST"):
        if inventory.needs["POST", place] is Open.LINK:
            assert place.startswith("/utskick/"), place
            continue
        for sender, headers in FOREIGN.items():
            form = FORM | {"steg": "publicera"}
            answer = await site.post(inventory.address(place), form, headers | host)
            if answer.status != 403 or "Inget är ändrat" not in answer.text:
                wrong.append((place, sender, answer.status))

    assert wrong == []
    assert differing(before, dump(site)) == set()


async def test_reading_changes_no_row(inventory: Inventory) -> None:
    """ASVS V3.5.3: each GET route, asked by an operator with a token of the API, leaves the
    database as it was, but for the marks of who has read what.
    """
    site = inventory.site
    token = (await site.served.node.api_tokens.make("Exempel", Scope.ADMIN, "test")).text
    before = dump(site)
    answered = 0
    for place in inventory.places("GET"):
        bearer = {"Authorization": f"Bearer {token}"}
        answer = await ask(site, "GET", inventory.address(place), bearer)
        assert answer.status < 500, place
        answered += answer.status == 200

    assert answered > 50
    assert differing(before, dump(site)) == set()


async def ask(site: Site, method: str, path: str, headers: dict[str, str]) -> Answer:
    """Ask with any method; the answer is read as text, whatever it is."""
    given = headers | ({"Cookie": site.cookie} if site.cookie else {})
    async with site._session.request(
        method, site.base + path, headers=given, allow_redirects=False
    ) as answer:
        data = await answer.read()
        return Answer(answer.status, data.decode(errors="replace"), answer.headers)


async def test_no_other_method_does_anything(inventory: Inventory) -> None:
    """ASVS V13.4.4: of every address, API and sync included, only GET, HEAD and POST are known."""
    before = dump(inventory.site)
    for place in sorted({place for _, place in inventory.routes}):
        path = inventory.address(place)
        for method in ("DELETE", "TRACE"):
            answer = await ask(inventory.site, method, path, dict(SAME_ORIGIN))
            assert answer.status in (403, 404, 405), (method, place, answer.status)

    assert differing(before, dump(inventory.site)) == set()


async def test_nothing_but_pages_takes_a_post(inventory: Inventory) -> None:
    """The API, the feeds, the exports, the probes and the sync address are read and nothing else,
    whatever session or token comes along.
    """
    reading = set(inventory.places("GET")) - set(inventory.places("POST"))
    token = (await inventory.site.served.node.api_tokens.make("Ex", Scope.ADMIN, "test")).text
    for place in sorted(reading):
        headers = SAME_ORIGIN | {"Authorization": f"Bearer {token}"}
        answer = await inventory.site.post(inventory.address(place), {}, headers)
        assert answer.status in (403, 404, 405), (place, answer.status)


async def test_no_page_opens_the_sync_address(inventory: Inventory) -> None:
    """GHSA-2vfc-3h43-vghh: a browser says an origin, and none opens the WebSocket, not even ours;
    a session cookie makes no difference.
    """
    siblings = ("https://evil.example", "https://annan.tidaholm.se", PUBLIC_URL, "null", "")
    async with aiohttp.ClientSession() as session:
        for origin in siblings:
            headers = {"Origin": origin, "Cookie": inventory.site.cookie}
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await session.ws_connect(inventory.site.base + SYNC, headers=headers)
            assert refused.value.status == 403, origin


async def test_ghsa_r64r_5h43_26qv_nobody_gets_at_what_is_anothers(inventory: Inventory) -> None:
    """GHSA-r64r-5h43-26qv, CVE-2024-25108, CVE-2026-93960: each route that names a draft, an import
    or a record for members, asked by who may use the route but not that object, shows and changes
    nothing of it; also a token, a feed and the API.
    """
    site = inventory.site
    author = await site.signed_in(Role.AUTHOR, "stina")
    editor = await site.signed_in(Role.EDITOR, "esa")
    public = site.signed_out()
    others = {"{draft}": author, "{import}": editor, "{id}": public, "{sha256}": public}
    before = dump(site)
    wrong, asked = [], 0
    for method, place in inventory.routes:
        who = next((client for name, client in others.items() if name in place), None)
        if who is None:
            continue
        path, asked = inventory.address(place), asked + 1
        sent = FORM | dict(CONFIRMED) | {"version": "1"}
        answer = await (who.get(path) if method == "GET" else who.post(path, sent))
        signed_out = answer.status == 303 and answer.location.startswith("/logga-in")
        nothing_done = method == "POST" and answer.status in (303, 409)
        shown = "Exempel: bara för medlemmar" in answer.text or FORM["title"] in answer.text
        if shown or not (answer.status in (403, 404, 405, 422) or signed_out or nothing_done):
            wrong.append((method, place, answer.status))

    assert wrong == []
    assert asked > 25
    assert differing(before, dump(site)) == set()


async def test_each_scope_reads_what_it_is_for(inventory: Inventory) -> None:
    """CVE-2024-25108: each route of the API by each scope: nobody, members' reader, administrator;
    what is for members is in no answer to nobody, and neighbours only in the administrator's.
    """
    site = inventory.site.signed_out()
    tokens = site.served.node.api_tokens
    headers: dict[str, dict[str, str]] = {
        "nobody": {},
        "a session": {"Cookie": inventory.site.cookie},
    }
    for scope in Scope:
        text = (await tokens.make(scope.value, scope, "test")).text
        headers[scope.value] = {"Authorization": f"Bearer {text}"}
    seen: dict[str, set[str]] = {who: set() for who in headers}
    for place in inventory.places("GET"):
        if place.startswith(("/api/v1", "/dcat", "/erfarenheter/export", "/statistik/")):
            for who, given in headers.items():
                answer = await ask(site, "GET", inventory.address(place), given)
                secret = "bara för medlemmar" in answer.text and "/api/" in place
                seen[who] |= {place} if secret else set()
                is_allowed = who == Scope.ADMIN.value or not place.endswith("/neighbours")
                assert (answer.status != 200) or is_allowed, (place, who)

    assert seen["nobody"] == seen["a session"] == set()
    assert seen[Scope.READ_FEDERATION.value]
    assert seen[Scope.READ_FEDERATION.value] <= seen[Scope.ADMIN.value]
