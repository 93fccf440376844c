"""Whatever goes wrong, the page says what happened, what is unharmed, and what to do next."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from node.errors import FrozenError, OverloadedError, RecoveringError
from node.web.access import Open, add_routes, get, post
from node.web.app import build_app
from node.web.pages.help_pages import PAGES
from storage.account_views import Role
from web_site import SAME_ORIGIN, Page, Site, assert_sound, open_site

STATUSES = {
    400: web.HTTPBadRequest,
    401: web.HTTPUnauthorized,
    403: web.HTTPForbidden,
    404: web.HTTPNotFound,
    408: web.HTTPRequestTimeout,
    422: web.HTTPUnprocessableEntity,
    429: web.HTTPTooManyRequests,
    500: web.HTTPInternalServerError,
    503: web.HTTPServiceUnavailable,
}
OURS = {409: FrozenError, 503: RecoveringError, 500: RuntimeError}


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A served node."""
    async with open_site(tmp_path) as opened:
        yield opened


@pytest.fixture
async def failing(site: Site) -> AsyncIterator[Site]:
    """The same node with addresses that fail in every way there is."""
    app = build_app(site.served.node)

    async def raise_status(request: web.Request) -> web.Response:
        raise STATUSES[int(request.match_info["status"])]

    async def raise_ours(request: web.Request) -> web.Response:
        raise OURS[int(request.match_info["status"])]("Exempel.")

    async def overloaded(_request: web.Request) -> web.Response:
        raise OverloadedError("Exempel.")

    add_routes(
        app,
        [
            get("/fel/{status}", raise_status, Open.ALWAYS),
            post("/fel/{status}", raise_ours, Open.ALWAYS),
            get("/upptagen", overloaded, Open.ALWAYS),
        ],
    )
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    yield site.at(f"http://{host}:{port}")
    await runner.cleanup()


def next_steps(text: str) -> list[str]:
    """Where the page itself, without its frame, leads; a form counts as well."""
    main = text[text.index("<main") : text.index("</main>")]
    return [*Page(main).links, *(["search"] if 'role="search"' in main else [])]


@pytest.mark.parametrize("status", sorted(STATUSES))
async def test_every_status_has_a_page_that_helps(failing: Site, status: int) -> None:
    """Each status keeps its number and gets a heading of its own and an instruction."""
    answer = await failing.signed_out().get(f"/fel/{status}")
    main = answer.text[answer.text.index("<main") :]

    assert answer.status == status
    assert_sound(answer)
    assert next_steps(answer.text) or any(
        word in main for word in ("Vänta", "Försök igen", "Gå tillbaka")
    )
    assert ("Retry-After" in answer.headers) == (status in (429, 503))


@pytest.mark.parametrize("status", sorted(OURS))
async def test_what_we_refuse_ourselves_says_what_is_unharmed(failing: Site, status: int) -> None:
    """A refused act is told apart from a fault; what passes by itself says so to machines too."""
    answer = await failing.post(f"/fel/{status}", {"text": "x"}, SAME_ORIGIN)

    assert answer.status == status
    assert_sound(answer)
    assert "Inget är ändrat" in answer.text or "är kvar" in answer.text
    assert ("Retry-After" in answer.headers) == (status == 503)


async def test_a_fault_tells_its_cause_to_the_log_alone(failing: Site) -> None:
    """The page says that something went wrong; what it was stands in the node's log."""
    answer = await failing.post("/fel/500", {"text": "x"}, SAME_ORIGIN)
    lines = failing.served.log_lines.getvalue()

    assert answer.status == 500
    for inside in ("RuntimeError", "Traceback", "node/", ".py"):
        assert inside not in answer.text
    assert "page failed" in lines
    assert "RuntimeError" in lines


async def test_a_page_that_cannot_be_made_now_asks_to_wait(failing: Site) -> None:
    """Too much at once is no fault of the page: wait, and load it again."""
    answer = await failing.get("/upptagen")

    assert answer.status == 503
    assert "Vänta en minut" in answer.text


@pytest.mark.parametrize(
    "address",
    ["/", "/erfarenheter", "/erfarenheter?q=finnsinte", "/kommuner/1499-falkoping", "/grannar"],
)
async def test_empty_pages_say_what_comes_next(site: Site, address: str) -> None:
    """A new node has nothing to show, and each page says how that changes, to each role."""
    for visitor in (site, await site.signed_in(Role.READER)):
        text = (await visitor.get(address)).text
        empty = text[text.index('<div class="empty">') :].partition("</div>")[0]

        assert Page(empty).links or "<pre" in empty, address


async def test_help_is_open_and_every_page_leads_to_it(tmp_path: Path) -> None:
    """Help needs no account, also where reading does; the form for writing links its own page."""
    async with open_site(tmp_path, read_access="signed-in") as site:
        for address in ("/hjalp", *(page.url for page in PAGES)):
            answer = await site.signed_out().get(address)
            assert answer.status == 200, address
            assert_sound(answer)
            assert "/hjalp" in Page(answer.text).links
        assert "/hjalp/skriva" in Page((await site.get("/skriv")).text).links
        assert (await site.get("/hjalp/finns-inte")).status == 404


async def test_the_help_for_writing_shows_a_whole_example(site: Site) -> None:
    """The example is marked as one, and has every part that the form asks for."""
    text = (await site.get("/hjalp/skriva")).text

    assert '<span class="tag example">Exempel</span>' in text
    for part in ("Läget", "Vad vi gjorde", "Resultat", "Lärdomar", "Råd till andra", "Kostnad"):
        assert f">{part}<" in text, part
