"""Settings about mail are refused when they would give a password away."""

from __future__ import annotations

from pathlib import Path

import pytest

from node.config import load_settings
from node.errors import SettingsError


def test_a_password_never_travels_readable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings that would send it without TLS to another machine are refused; it can be a file."""
    secret = tmp_path / "smtp"
    secret.write_text("hemligt\n", "utf-8")
    monkeypatch.setenv("TIDAN_SMTP_PASSWORD_FILE", str(secret))
    given: dict[str, object] = {"data": tmp_path, "smtp_host": "mail.exempel.se", "smtp_user": "a"}
    with pytest.raises(SettingsError, match="smtp_starttls"):
        load_settings(**given, smtp_starttls=False)
    for flags in ({}, {"smtp_starttls": False, "smtp_port": 465}):
        password = load_settings(**given, **flags).smtp_password
        assert password is not None
        assert password.get_secret_value() == "hemligt"
    with pytest.raises(SettingsError, match="smtp_sender"):
        load_settings(data=tmp_path, smtp_sender="Tidan <tidan>")
