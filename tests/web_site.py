"""A served node as a browser without scripts meets it, for tests of pages."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

import aiohttp
from multidict import CIMultiDictProxy
from yarl import URL

from content_factories import an_experience
from factories import LogMaker
from node.accounts.accounts import LINK_PATH
from node.intake.step import Arrival, Outcome
from node.operations.node import Node
from node.web.form_fields import CHECKLIST
from node.web.middleware import CONTENT_SECURITY_POLICY
from node.web.visitors import KEY_FIELD
from node_factories import TestNode
from protocol import strict_json
from protocol.content import RootContent
from protocol.directory import Standing
from protocol.limits import RUN_ENTRIES_MAX
from protocol.run import encode_run
from storage.account_store import Secrets
from storage.account_views import Role, User

SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
FORM = {
    "type": "erfarenhet",
    "title": "Exempel: bytte trygghetslarm på åtta månader",
    "summary": "Vi bytte 240 larm. Täckningen behövde mätas först.",
    "area": "aldre.valfardsteknik",
    "status": "drift",
    "contact_role": "Enheten för välfärdsteknik",
}
CONFIRMED = [("intygar", str(number)) for number in range(1, len(CHECKLIST) + 1)]


class Answer(NamedTuple):
    """What the node answered; redirects are not followed."""

    status: int
    text: str
    headers: CIMultiDictProxy[str]

    @property
    def location(self) -> str:
        """Where a redirect leads."""
        return self.headers["Location"]

    @property
    def title(self) -> str:
        """The page's title."""
        found = re.search(r"<title>(.*?)</title>", self.text, re.DOTALL)
        return found.group(1) if found else ""


class Site:
    """One served node and a client without scripts, signed in or not."""

    def __init__(
        self, served: TestNode, session: aiohttp.ClientSession, cookie: str = "", key: str = ""
    ) -> None:
        self.served = served
        self.base = served.url
        self.cookie = cookie
        self.key = key
        self._session = session

    async def signed_in(self, role: Role, name: str = "") -> Site:
        """The same node, as somebody with a role sees it; the account is made if need be."""
        node, name = self.served.node, name or f"{role}.exempel"
        user = await user_with(node, role, name)
        token = await node.sessions.begin(user)
        visitor = await node.sessions.visitor(token)
        assert visitor is not None
        cookie = f"tidan-{self.served.log[:8]}={token}"
        return Site(self.served, self._session, cookie, visitor.form_key.hex())

    def signed_out(self) -> Site:
        """The same node, as the public sees it."""
        return Site(self.served, self._session).at(self.base)

    def with_cookie(self, cookie: str) -> Site:
        """The same node and visitor with one more cookie."""
        both = f"{self.cookie}; {cookie}" if self.cookie else cookie
        return Site(self.served, self._session, both, self.key)

    def at(self, base: str) -> Site:
        """The same node and visitor at another address."""
        other = Site(self.served, self._session, self.cookie, self.key)
        other.base = base
        return other

    async def get(self, path: str, **headers: str) -> Answer:
        """Ask for a page; header names are written with underscores."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        given |= {"Cookie": self.cookie} if self.cookie else {}
        url = self.base + path
        async with self._session.get(url, headers=given, allow_redirects=False) as answer:
            return Answer(answer.status, await answer.text(errors="replace"), answer.headers)

    async def post(
        self,
        path: str,
        data: Mapping[str, str] | list[tuple[str, str]] | bytes | None = None,
        headers: Mapping[str, str] = SAME_ORIGIN,
    ) -> Answer:
        """Send a form, as our own page unless told otherwise; it carries the user's key."""
        url = self.base + path
        given = {**headers, **({"Cookie": self.cookie} if self.cookie else {})}
        if self.key and not isinstance(data, bytes):
            pairs = list(data.items()) if isinstance(data, Mapping) else list(data or [])
            data = [*pairs, (KEY_FIELD, self.key)]
        async with self._session.post(
            url, data=data, headers=given, allow_redirects=False
        ) as answer:
            return Answer(answer.status, await answer.text(), answer.headers)

    async def upload(
        self,
        path: str,
        fields: Mapping[str, str],
        *files: tuple[str, bytes],
        headers: Mapping[str, str] = SAME_ORIGIN,
    ) -> Answer:
        """Send a form with files, each a name and its bytes; the key stands first, as on pages."""
        form = aiohttp.FormData(quote_fields=False, default_to_multipart=True)
        form.add_field(KEY_FIELD, self.key)
        for name, value in fields.items():
            form.add_field(name, value)
        for name, data in files:
            form.add_field("fil", data, filename=name)
        given = {**headers, "Cookie": self.cookie}
        async with self._session.post(
            self.served.url + path, data=form, headers=given, allow_redirects=False
        ) as answer:
            return Answer(answer.status, await answer.text(), answer.headers)

    async def download(self, path: str, **headers: str) -> tuple[Answer, bytes]:
        """Ask for a file: the answer, its text left empty, and the bytes."""
        given = {**headers, **({"Cookie": self.cookie} if self.cookie else {})}
        url = URL(self.served.url + path, encoded=True)
        async with self._session.get(url, headers=given, allow_redirects=False) as answer:
            return Answer(answer.status, "", answer.headers), await answer.read()

    async def receive(self, maker: LogMaker, standing: Standing = Standing.MEMBER) -> None:
        """Take in another municipality's log, as if a neighbour had sent it."""
        node = self.served.node
        await node.standings.decide(maker.log, standing, "exempel")
        for first in range(0, len(maker.envelopes), RUN_ENTRIES_MAX):
            run = encode_run(maker.envelopes[first : first + RUN_ENTRIES_MAX])
            answered: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
            node.ingest.arrive(Arrival(1, maker.log, run, answered.set_result))
            outcome = await answered
            assert outcome.error is None, outcome
        await node.projector.settled()
        await node.indexer.settled()

    async def own_sequence(self) -> int:
        """How many entries the own log has."""
        return await self.served.head(self.served.log_id)

    async def publish(self, **changes: object) -> str:
        """Publish an own record; returns its id."""
        node = self.served.node
        record = (await node.publisher.publish("experience", an_experience(**changes))).record
        await node.indexer.settled()
        return record


@asynccontextmanager
async def open_site(folder: Path, **flags: object) -> AsyncIterator[Site]:
    """Serve a new node of Tidaholm, and give a client who is signed in as its operator."""
    served = await TestNode(folder, "1498", "Tidaholms kommun", **flags).start()
    try:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
            yield await Site(served, session).signed_in(Role.OPERATOR)
    finally:
        await served.stop()


async def with_hjo(site: Site, **changes: object) -> str:
    """Let Hjo share one record; returns its id."""
    hjo = LogMaker(2, code="1497", name="Hjo kommun")
    record = write(hjo, "experience", an_experience(**changes))
    await site.receive(hjo)
    return record


async def user_with(node: Node, role: Role, name: str) -> User:
    """The user with this name, made now, without a password, unless it is there."""
    found = await node.account_store.by_name(name)
    if found is not None:
        return found[0]
    link = await node.accounts.invite(name, name.title(), role, "test")
    invitation = await node.accounts.open_link(link.path.removeprefix(LINK_PATH))
    secrets = Secrets("no password", name.encode().ljust(32, b"."))
    return await node.account_store.accept(
        invitation.digest, name, name.title(), secrets, invitation.created_ms
    )


def assert_sound(answer: Answer, language: str = "sv") -> None:
    """Check what must hold for every page, whatever it shows."""
    page = Page(answer.text)

    assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert "Server" not in answer.headers
    assert page.inline == []
    assert page.foreign == []
    assert page.unlabelled == set()
    assert page.tags.count("h1") == 1
    assert sorted(set(page.ids)) == sorted(page.ids)
    assert f'<html lang="{language}">' in answer.text
    assert answer.title.endswith("– Tidan, Tidaholm")
    assert answer.text.index('class="skip"') < answer.text.index("<header")


def write(maker: LogMaker, kind: str, content: RootContent) -> str:
    """Append content to a foreign log; returns the entry's id."""
    return maker.append(kind, strict_json.dumps(content)).entry.id.hex()


class Page(HTMLParser):
    """What tests look at in a page: ids, headings, links, forms, and anything inline."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.tags: list[str] = []
        self.links: list[str] = []
        self.post_actions: list[str] = []
        self.inline: list[str] = []
        self.foreign: list[str] = []
        self.unlabelled: set[str] = set()
        self._labelled: set[str] = set()
        self.feed(text)
        self.unlabelled -= self._labelled

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note one tag."""
        given = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        self.ids += [given["id"]] if "id" in given else []
        self.links += [given["href"]] if tag == "a" and "href" in given else []
        if tag == "label":
            self._labelled.add(given.get("for", ""))
        hidden = given.get("type") in ("hidden", "submit")
        if tag in ("input", "select", "textarea") and not hidden:
            self.unlabelled.add(given.get("id", "without id"))
        if tag == "form" and given.get("method") == "post":
            self.post_actions.append(given.get("action", ""))
        self.inline += [f"{tag} {name}" for name in given if name.startswith("on")]
        self.inline += [f"{tag} style"] if "style" in given or tag == "style" else []
        self.inline += ["script"] if tag == "script" and not given.get("src") else []
        for name in ("src", "action") if tag != "a" else ():
            self.foreign += [given[name]] if "//" in given.get(name, "") else []
        self.foreign += [given["href"]] if tag == "link" and "//" in given["href"] else []
