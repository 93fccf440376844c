"""Callers that break off, lie or send junk are answered as what they are, not as our fault."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from node.wanted import PARAMETERS
from web_site import SAME_ORIGIN, Site, open_site

UPGRADE = (
    "GET /sync/v1 HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: Upgrade\r\n"
    "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
HALF_A_FORM = (
    "POST /skriv HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nSec-Fetch-Site: same-origin\r\n"
    "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\ntitle=a"
)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A served node of Tidaholm."""
    async with open_site(tmp_path) as opened:
        yield opened


def cut_off(port: int, request: str, *, reset: bool) -> None:
    """Send a request and break the connection at once, with or without a word."""
    with socket.create_connection(("127.0.0.1", port)) as caller:
        caller.sendall(request.format(port=port).encode())
        if reset:
            caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize("request_text", [UPGRADE, HALF_A_FORM], ids=["upgrade", "form"])
async def test_a_caller_that_breaks_off_is_no_fault_of_ours(
    site: Site, request_text: str, reset: bool
) -> None:
    """A connection cut in the middle is noted quietly; the next caller is served."""
    for _ in range(5):
        await asyncio.to_thread(cut_off, site.served.port, request_text, reset=reset)
        assert (await site.get("/healthz")).status == 200

    assert "page failed" not in site.served.log_lines.getvalue()


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/x-www-form-urlencoded; charset=nosuch", b"title=a"),
        ("application/x-www-form-urlencoded", b"title=\xff"),
        ("multipart/form-data; boundary=x", b"no parts at all"),
        ("multipart/form-data", b"no boundary"),
    ],
)
async def test_a_form_that_cannot_be_read_is_the_senders_fault(
    site: Site, kind: str, body: bytes
) -> None:
    """It is answered as a bad request, with a page that helps, and is no error in our log."""
    headers = {**SAME_ORIGIN, "Content-Type": kind}
    answer = await site.post("/skriv", body, headers)

    assert answer.status == 400
    assert "page failed" not in site.served.log_lines.getvalue()


async def test_what_is_not_http_leaves_no_address_in_any_log(
    site: Site, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Junk on the port is answered and noted in one line, without the caller's address."""

    def send_junk() -> bytes:
        with socket.create_connection(("127.0.0.1", site.served.port)) as caller:
            caller.sendall(b"GET / HTTP/1.1\r\nX: \x00<script>\r\n\r\n")
            return caller.recv(100)

    answer = await asyncio.to_thread(send_junk)

    assert answer.startswith(b"HTTP/1.0 400")
    assert "127.0.0.1" not in capfd.readouterr().err + caplog.text
    assert "a request that is not HTTP" in site.served.log_lines.getvalue()
    assert (
        "127.0.0.1" not in site.served.log_lines.getvalue().split("serving")[1].partition("\n")[2]
    )


STRANGE = ["%00", "a%00b", "%e2%80%ae", "9" * 400, "-1", "%ff%fe", "%20a" * 1_000, "%ed%a0%80"]


async def test_strange_addresses_are_answered(tmp_path: Path) -> None:
    """Whatever stands in a query, a page answers and no fault is logged."""
    await ask_strange_addresses(tmp_path)


async def test_strange_addresses_are_answered_from_postgresql(
    tmp_path: Path, postgresql_url: str
) -> None:
    """The same with a database that takes fewer characters."""
    await ask_strange_addresses(tmp_path, database_url=postgresql_url)


async def ask_strange_addresses(folder: Path, **flags: object) -> None:
    """Ask for every page that reads its query, with each strange value."""
    async with open_site(folder, **flags) as site:
        record = await site.publish(title="Exempel: egen")
        pages = ["/sok?q=", *(f"/erfarenheter?{name}=" for name in (*PARAMETERS, "sida"))]
        pages += ["/?klart=", "/skriv?typ=", f"/erfarenheter/{record}?version="]
        for page in pages:
            for value in STRANGE:
                assert (await site.get(page + value)).status < 500, (page, value)

        assert "page failed" not in site.served.log_lines.getvalue()


@pytest.mark.parametrize("reason", ["\x00", "\u202ebaklänges", "\ufeff.", "x" * 3_000])
async def test_a_reason_that_cannot_be_published_is_said_on_the_page(
    site: Site, reason: str
) -> None:
    """A withdrawal whose reason holds characters nobody may publish is shown again, unsigned."""
    record = await site.publish(title="Exempel: egen")
    before = await site.own_sequence()
    answer = await site.post(f"/erfarenheter/{record}/aterkalla", {"reason": reason})

    assert answer.status == 422
    assert await site.own_sequence() == before
