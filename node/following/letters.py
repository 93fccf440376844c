"""Letters: what one holds, what its message looks like, and handing it to the mail server.

Sending has two parts. Until the server is given the letter itself, a fault means that it was not
taken, and it may be tried again. From then on only an answer tells; without one nobody knows, and
it is not tried again, since nobody is to get a letter twice.
"""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from typing import NamedTuple

import aiosmtplib

from node.config import SMTP_TLS_PORT, Settings
from node.errors import MailError, MailUncertainError

STEP_SECONDS_MAX = 15.0
LETTER_SECONDS_MAX = 45.0
STOP_HEADER = "List-Unsubscribe"


class _MailPolicy(EmailPolicy):
    """Leaves the address that ends letters in one piece: mail programs look for it as it is, and
    the library would turn what is longer than a line into encoded words.
    """

    def fold_binary(self, name: str, value: str) -> bytes:
        if name == STOP_HEADER:
            return f"{name}: {value}{self.linesep}".encode("ascii")
        return super().fold_binary(name, value)


MAIL_POLICY = _MailPolicy(linesep="\r\n")


class Letter(NamedTuple):
    """One letter in both forms and its language; `stop_url` ends all letters of its kind, when
    there are more.
    """

    subject: str
    text: str
    html: str
    language: str
    stop_url: str = ""


def problem_with(settings: Settings) -> str | None:
    """The setting without which no letter can be sent; None when all are there."""
    for name in ("smtp_host", "smtp_sender", "public_url"):
        if not getattr(settings, name):
            return name
    return None


def make_message(
    letter: Letter, *, sender: str, address: str, now_ms: int, unique: str
) -> EmailMessage:
    """The message for one address; `unique` makes its id."""
    message = EmailMessage(MAIL_POLICY)
    message["From"] = sender
    message["To"] = address
    message["Subject"] = " ".join(letter.subject.split())
    message["Date"] = format_datetime(datetime.fromtimestamp(now_ms // 1000, UTC))
    message["Message-ID"] = f"<{unique}@{sender.partition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    if letter.stop_url:
        message[STOP_HEADER] = f"<{letter.stop_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(letter.text, cte="quoted-printable")
    message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    message["Content-Language"] = letter.language  # after the content, which would take it away
    return message


async def send(settings: Settings, message: EmailMessage, address: str) -> None:
    """Hand a message to the mail server; raises `MailError`."""
    content = message.as_bytes()
    client = aiosmtplib.SMTP(
        hostname=settings.smtp_host,
        port=settings.smtp_port,
        use_tls=settings.smtp_port == SMTP_TLS_PORT,
        start_tls=settings.smtp_starttls and settings.smtp_port != SMTP_TLS_PORT,
        local_hostname=settings.smtp_sender.partition("@")[2],
        timeout=STEP_SECONDS_MAX,
    )
    try:
        async with asyncio.timeout(LETTER_SECONDS_MAX):
            await _open(client, settings)
            await _address(client, settings.smtp_sender, address)
    except TimeoutError as error:
        client.close()
        raise MailError("no answer in time", may_try_again=True, is_about_server=True) from error
    except BaseException:
        client.close()
        raise
    try:
        await _hand_over(client, content)
        with contextlib.suppress(aiosmtplib.SMTPException, OSError):
            await client.quit()
    finally:
        client.close()


async def _open(client: aiosmtplib.SMTP, settings: Settings) -> None:
    try:
        await client.connect()
        if settings.smtp_user:
            secret = settings.smtp_password
            await client.login(settings.smtp_user, secret.get_secret_value() if secret else "")
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        status = error.code if isinstance(error, aiosmtplib.SMTPResponseException) else 0
        raise MailError(
            _words(error), may_try_again=True, is_about_server=True, status=status
        ) from error


async def _address(client: aiosmtplib.SMTP, sender: str, address: str) -> None:
    try:
        await client.mail(sender)
        await client.rcpt(address)
    except aiosmtplib.SMTPResponseException as error:
        about_sender = isinstance(error, aiosmtplib.SMTPSenderRefused)
        raise MailError(
            _words(error),
            may_try_again=about_sender or error.code < 500,
            is_about_server=about_sender,
            status=error.code,
        ) from error
    except (aiosmtplib.SMTPException, OSError) as error:
        raise MailError(_words(error), may_try_again=True, is_about_server=True) from error


async def _hand_over(client: aiosmtplib.SMTP, content: bytes) -> None:
    try:
        async with asyncio.timeout(LETTER_SECONDS_MAX):
            await client.data(content)
    except aiosmtplib.SMTPResponseException as error:
        again = error.code < 500
        raise MailError(_words(error), may_try_again=again, status=error.code) from error
    except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
        raise MailUncertainError(_words(error)) from error


def _words(error: Exception) -> str:
    """What the server said, for the operator."""
    text = str(error) or type(error).__name__
    return " ".join(text.split())[:300]
