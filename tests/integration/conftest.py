"""What several kinds of tests with real sockets start."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mail_server import MailServer, mail_server


@pytest.fixture
def mail() -> Iterator[MailServer]:
    """A mail server that takes everything."""
    with mail_server() as running:
        yield running
