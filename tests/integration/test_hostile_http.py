"""Requests that break HTTP's own rules, over bare sockets: refused, bounded, and others served.

Named by the advisories of other programs that they come from (docs/advisories.md).
"""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import sys
import zlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from node_factories import WAIT_SECONDS_MAX
from web_site import SAME_ORIGIN, Site, open_site

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

UNFOLDED = bytes(16 * 1024 * 1024)
BOMBS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "zstd": zstd.compress,
}


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A served node of Tidaholm, and its operator."""
    async with open_site(tmp_path) as opened:
        yield opened


async def raw(site: Site, data: bytes, *, bytes_max: int = 1_000_000) -> bytes:
    """Send bytes to the port of a node; returns what comes back until it hangs up or is silent."""
    reader, writer = await asyncio.open_connection("127.0.0.1", site.served.port)
    answer = b""
    try:
        try:
            writer.write(data)
            await writer.drain()
            async with asyncio.timeout(WAIT_SECONDS_MAX):
                while len(answer) < bytes_max and (piece := await reader.read(65_536)):
                    answer += piece
        except (ConnectionError, TimeoutError):
            pass  # cut while we still sent, which is an answer too
    finally:
        writer.close()
    return answer


def status_of(answer: bytes) -> int:
    """The status of the first answer; 0 for a connection that was cut."""
    found = re.match(rb"HTTP/1\.[01] (\d{3})", answer)
    return int(found[1]) if found else 0


def head(site: Site, line: str, *fields: str) -> bytes:
    """The head of a request that asks for the connection to end after it."""
    host = f"Host: 127.0.0.1:{site.served.port}"
    return "\r\n".join([line, host, "Connection: close", *fields, "", ""]).encode("latin-1")


async def assert_serves(site: Site) -> None:
    """Others are served as before, and nothing was taken for a fault of ours."""
    assert (await site.get("/hjalp")).status == 200
    assert "page failed" not in site.served.log_lines.getvalue()


async def test_cve_2025_69223_no_body_unfolds_without_bound(site: Site) -> None:
    """CVE-2025-69223, CVE-2026-54278: 16 MB packed into a few kilobytes are refused as a form, as
    texts of a form with files, and where no body is expected.
    """
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    part = b'--x\r\nContent-Disposition: form-data; name="title"\r\nContent-Encoding: %b\r\n\r\n'
    for coding, pack in BOMBS.items():
        packed = pack(b"title=" + UNFOLDED)
        for path in ("/logga-in", "/skriv"):
            headers = {**SAME_ORIGIN, **kind, "Content-Encoding": coding}
            assert (await site.post(path, packed, headers)).status in (400, 413), (coding, path)
        body = part % coding.encode() + packed + b"\r\n--x--\r\n"
        headers = {**SAME_ORIGIN, "Content-Type": "multipart/form-data; boundary=x"}
        assert (await site.post("/skriv", body, headers)).status in (400, 403, 413), coding

    await assert_serves(site)


async def test_cve_2025_69228_forms_are_bounded_however_they_are_cut(site: Site) -> None:
    """CVE-2025-69228, CVE-2025-69229, CVE-2026-34517, CVE-2026-22815: a form in chunks of one byte
    is read, one that is longer than a form can be is refused, and so are endless trailers.
    """
    form = ("Content-Type: application/x-www-form-urlencoded", "Sec-Fetch-Site: same-origin")
    chunked = head(site, "POST /logga-in HTTP/1.1", *form, "Transfer-Encoding: chunked")
    small = b"".join(b"1\r\n%c\r\n" % byte for byte in b"namn=anna&losenord=fel") + b"0\r\n\r\n"
    large = b"".join(b"1000\r\n" + b"a" * 4_096 + b"\r\n" for _ in range(200)) + b"0\r\n\r\n"
    trailers = b"0\r\n" + b"X-Trailer: exempel\r\n" * 100_000 + b"\r\n"
    parts = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + b"a" * 700_000
    many = head(
        site,
        "POST /logga-in HTTP/1.1",
        "Content-Type: multipart/form-data; boundary=x",
        "Sec-Fetch-Site: same-origin",
        f"Content-Length: {len(parts)}",
    )

    assert status_of(await raw(site, chunked + small)) in (200, 422)
    assert status_of(await raw(site, chunked + large)) in (0, 413)
    assert status_of(await raw(site, chunked + trailers)) in (0, 400)
    assert status_of(await raw(site, many + parts)) in (0, 400, 413)
    await assert_serves(site)


async def test_cve_2026_54273_requests_sent_ahead_are_bounded(site: Site) -> None:
    """CVE-2026-54273: 10,000 requests in one go, answered by a caller that reads nothing, hold up
    nobody; the node reads no further than it answers.
    """
    one = f"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:{site.served.port}\r\n\r\n".encode()
    _, writer = await asyncio.open_connection("127.0.0.1", site.served.port)
    writer.write(one * 10_000)

    await assert_serves(site)
    writer.transport.abort()
    await assert_serves(site)


SMUGGLED = {
    "two lengths": ("POST / HTTP/1.1", "Content-Length: 4", "Content-Length: 9"),
    "length and chunks": ("POST / HTTP/1.1", "Content-Length: 4", "Transfer-Encoding: chunked"),
    "chunked twice": ("POST / HTTP/1.1", "Transfer-Encoding: chunked, chunked"),
    "chunked in disguise": ("POST / HTTP/1.1", "Transfer-Encoding: \x0bchunked"),
    "a length with a sign": ("POST / HTTP/1.1", "Content-Length: +4"),
    "a length in another script": ("POST / HTTP/1.1", "Content-Length: \xb2"),
    "a space before the colon": ("GET / HTTP/1.1", "Content-Length : 4"),
    "a folded header": ("GET / HTTP/1.1", "X-A: 1\r\n Content-Length: 4"),
    "a bare line end": ("GET / HTTP/1.1", "X-A: 1\nContent-Length: 4"),
    "a second host": ("GET / HTTP/1.1", "Host: evil.example"),
    "another version": ("GET / HTTP/3.9",),
    "no method": (" / HTTP/1.1",),
}


async def test_cve_2025_69224_no_request_has_two_readings(site: Site) -> None:
    """CVE-2025-69224, CVE-2026-69243, CVE-2026-34525: a request that two programs could read in two
    ways is refused, and nothing that follows it on the connection is answered.
    """
    hidden = f"GET /om HTTP/1.1\r\nHost: 127.0.0.1:{site.served.port}\r\n\r\n".encode()
    for what, (line, *fields) in SMUGGLED.items():
        answer = await raw(site, head(site, line, *fields) + b"0\r\n\r\n" + hidden)

        assert status_of(answer) in (0, 400, 403, 421), (what, answer[:80])
        assert len(re.findall(rb"HTTP/1\.[01] \d{3} ", answer)) <= 1, what
    await assert_serves(site)


async def test_cve_2026_34525_an_upgrade_is_no_way_around_the_door(site: Site) -> None:
    """A page that needs a role needs it also of a request that asks for a WebSocket or for h2c."""
    for wanted in ("websocket", "h2c", "TLS/1.3"):
        fields = (f"Upgrade: {wanted}", "HTTP2-Settings: AAMAAABkAAQAAP__")
        answer = await raw(site, head(site, "GET /anvandare HTTP/1.1", *fields))
        assert status_of(answer) == 303, wanted
        assert b"/logga-in" in answer


async def test_cve_2026_59881_a_packed_frame_is_refused(site: Site) -> None:
    """CVE-2026-59881, CVE-2018-1000518: compression that was never agreed to ends the socket."""
    fields = (
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
    )
    request = head(site, "GET /sync/v1 HTTP/1.1", *fields)
    request = request.replace(b"Connection: close", b"Connection: Upgrade")
    packed_frame = b"\xc2\x84\x00\x00\x00\x00abcd"  # final, RSV1, binary, masked with zeros
    answer = await raw(site, request + packed_frame)

    opening, _, frames = answer.partition(b"\r\n\r\n")
    assert status_of(opening) == 101
    assert b"permessage-deflate" not in opening.lower()
    assert frames[:1] == b"\x88"  # a close
    assert int.from_bytes(frames[2:4], "big") == 1002
    await assert_serves(site)


TRAVERSALS = (
    "/static/x/../../../../etc/passwd", "/static/x/..%2f..%2fapp.py", "/static/x/%2e%2e/app.py",
    "/static/x/..%5c..%5capp.py", "/static/x/%252e%252e%252fapp.py", "/static/%2e%2e/%2e%2e",
    "/static//etc/passwd", "/static/x//etc/passwd", "/static/x/tokens.css%00.html",
    "/static/x/....//app.py", "/filer/{sha}/..%2f..%2ftidan.toml", "/filer/../tidan.toml",
    "/filer/{sha}/%2fetc%2fpasswd", "/bilder/{sha}/..%2f..%2fkey", "/bilder/{sha}/../../key",
    "/hjalp/..%2f..%2fbase.html", "/hjalp/%2e%2e", "/%2e%2e/%2e%2e/etc/passwd", "/../key",
    "/statistik/..%2fx.csv",
)  # fmt: skip


async def test_cve_2024_23334_no_address_leads_out_of_its_folder(site: Site) -> None:
    """CVE-2024-23334, CVE-2025-69226: dots, slashes and their codings find no file."""
    for path in TRAVERSALS:
        line = f"GET {path.format(sha='0' * 64)} HTTP/1.1"
        answer = await raw(site, head(site, line))

        assert status_of(answer) in (400, 403, 404), (path, answer[:80])
        for secret in (b"root:", b"public_url", b"def ", b"{% extends"):
            assert secret not in answer, path


ELSEWHERE = (
    "//evil.example", "//evil.example/", "/%2f/evil.example", "/\\evil.example",
    "///evil.example/..", "/%5c%5cevil.example", "http://evil.example/", "/.//evil.example",
    "//evil.example/%2e%2e",
)  # fmt: skip


async def test_cve_2021_21330_no_address_redirects_elsewhere(site: Site) -> None:
    """CVE-2021-21330: an address that begins like another host is never sent on to it."""
    for path in ELSEWHERE:
        answer = await raw(site, head(site, f"GET {path} HTTP/1.1"))
        location = re.search(rb"\r\nLocation: ([^\r]*)", answer)
        leads_to = location[1] if location else b"/"

        assert status_of(answer) in (200, 303, 400, 403, 404, 421), (path, answer[:80])
        assert re.match(rb"/(?![/\\])", leads_to + b" "), (path, leads_to)


async def test_cve_2025_69230_log_lines_stay_lines(tmp_path: Path) -> None:
    """CVE-2025-69230: line ends, escapes and 900 bad cookies of a request make no line of their
    own in the log, and none that a terminal would carry out; no secret stands there.
    """
    async with open_site(tmp_path, log_format="json") as site:
        before = len(site.served.log_lines.getvalue().splitlines())
        nasty = '%0d%0a{"event":"forged"}%1b[2J%e2%80%ae'
        await raw(site, head(site, f"GET /{nasty} HTTP/1.1", "Cookie: " + "a=\x7f;" * 900))
        await site.post(f"/{nasty}", {"namn": "\r\n\x1b[2J"}, {"Origin": "http://evil.example"})
        await site.post("/logga-in", {"namn": "a\r\nforged", "losenord": "hemligt-ord"})
        for _ in range(50):
            await raw(site, head(site, "GET / HTTP/1.1", "Cookie: \x00"))
        lines = site.served.log_lines.getvalue().splitlines()[before:]

    assert all(isinstance(json.loads(line), dict) for line in lines)
    text = "".join(lines)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202e]", text)
    assert "hemligt-ord" not in text
    assert '"event": "forged"' not in text
    assert len(lines) <= 53  # one for a request, however many of its cookies are bad
