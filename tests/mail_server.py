"""A mail server on loopback within the test process, which takes letters or refuses them."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.free_ports import free_port

USER, PASSWORD = "tidan", "trut harv kaffe sjö"


class MailServer:
    """What was taken, and what the server answers; `answer` is for the letter itself."""

    def __init__(self, port: int = 0) -> None:
        self.port = port or free_port()
        self.letters: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.logins: list[str] = []
        self.answer = "250 OK"
        self.answer_to_recipient = "250 OK"
        self.hangs_up = False

    async def handle_RCPT(  # noqa: N802  # the library's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """A recipient is named."""
        if self.answer_to_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer_to_recipient

    async def handle_DATA(  # noqa: N802  # the library's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """A letter was sent."""
        content = envelope.content
        assert isinstance(content, bytes)
        if self.answer.startswith("250"):
            message = email.message_from_bytes(content, policy=email.policy.default)
            self.letters.append(message)
            self.recipients += envelope.rcpt_tos
        if self.hangs_up:
            assert server.transport is not None
            server.transport.abort()
        return self.answer

    def link(self, pattern: str) -> str:
        """The path of the link in the newest letter."""
        found = re.search(rf"https?://[^/\s]+({pattern}[\w-]+)", text_of(self.letters[-1]))
        assert found is not None
        return found[1]

    def flags(self, **changes: object) -> dict[str, object]:
        """Settings of a node that sends by this server."""
        return {
            "smtp_host": "127.0.0.1",
            "smtp_port": self.port,
            "smtp_sender": "tidan@tidaholm.exempel.se",
            "smtp_starttls": False,
            "public_url": "https://tidan.exempel.se",
        } | changes

    def check(
        self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any
    ) -> AuthResult:
        """Whether somebody may send."""
        assert isinstance(data, LoginPassword)
        self.logins.append(data.login.decode())
        right = data.login == USER.encode() and data.password == PASSWORD.encode()
        return AuthResult(success=right, handled=False)


def text_of(message: EmailMessage) -> str:
    """The plain text of a letter."""
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def html_of(message: EmailMessage) -> str:
    """The same as HTML."""
    part = message.get_body(("html",))
    assert part is not None
    return str(part.get_content())


@contextmanager
def mail_server(*, asks_for_password: bool = False, port: int = 0) -> Iterator[MailServer]:
    """Run a server in a thread of its own."""
    server = MailServer(port)
    asked = {
        "authenticator": server.check,
        "auth_required": True,
        "auth_require_tls": False,
    }
    controller = Controller(
        server, hostname="127.0.0.1", port=server.port, **(asked if asks_for_password else {})
    )
    controller.start()
    try:
        yield server
    finally:
        controller.stop()
