"""Web servers on loopback with certificates of our own making, as `localhost`."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from node.alerts.guarded_fetch import Guard
from tests.free_ports import free_port

Answer = Callable[[web.Request], web.StreamResponse]


class Authority:
    """Somebody who signs certificates, and whom a test trusts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Exempel")])
        now = datetime.now(UTC)
        span = (now - timedelta(days=400), now + timedelta(days=400))
        self._own = self._sign(self._name, self._key.public_key(), span, is_authority=True)

    def trust(self) -> ssl.SSLContext:
        """What a client needs that trusts this authority and no other."""
        text = self._own.public_bytes(serialization.Encoding.PEM).decode()
        return ssl.create_default_context(cadata=text)

    def server(self, begins_days: int = -1, ends_days: int = 90) -> ssl.SSLContext:
        """What a server needs to be `localhost` for so many days from now on."""
        key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
        span = (now + timedelta(days=begins_days), now + timedelta(days=ends_days))
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
        certificate = self._sign(name, key.public_key(), span)
        path = self._folder / f"{certificate.serial_number}.pem"
        pem = serialization.Encoding.PEM
        plain = serialization.NoEncryption()
        path.write_bytes(
            key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
            + certificate.public_bytes(pem)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def _sign(
        self,
        name: x509.Name,
        key: ec.EllipticCurvePublicKey,
        span: tuple[datetime, datetime],
        *,
        is_authority: bool = False,
    ) -> x509.Certificate:
        names: list[x509.GeneralName] = [x509.DNSName("localhost")]
        names.append(x509.IPAddress(ip_address("127.0.0.1")))
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(span[0])
            .not_valid_after(span[1])
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()),
                critical=False,
            )
        )
        return builder.sign(self._key, hashes.SHA256())


class WebServer:
    """A server whose answers a test chooses; `asked` are the paths that came, and `bodies` what
    came with them.
    """

    def __init__(self, port: int, answer: Answer) -> None:
        self.port = port
        self.answer = answer
        self.asked: list[str] = []
        self.bodies: list[bytes] = []

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        self.asked.append(request.path)
        self.bodies.append(await request.read())
        return self.answer(request)


@asynccontextmanager
async def web_server(answer: Answer, tls: ssl.SSLContext | None = None) -> AsyncIterator[WebServer]:
    """Run a server on loopback."""
    server = WebServer(free_port(), answer)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", server.port, ssl_context=tls).start()
    try:
        yield server
    finally:
        await runner.cleanup()


def guard_for(server: WebServer, authority: Authority) -> Guard:
    """What lets a test ask its own server, on loopback and its own port."""
    return Guard((ip_network("127.0.0.1/32"),), server.port, authority.trust())
