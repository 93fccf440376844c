"""Settings: which source wins, and what a mistake says."""

from __future__ import annotations

import io
import json
import os
from contextlib import suppress
from pathlib import Path

import pytest
from pydantic import BaseModel

from node.accessibility import Accessibility, Shortcoming
from node.config import Settings, load_settings, write_settings_file
from node.errors import SettingsError
from node.look import Look
from node.observability import LEFT_OUT, make_logger


@pytest.fixture(autouse=True)
def _no_settings_around(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("TIDAN_")]:
        monkeypatch.delenv(name)


def test_defaults_listen_on_this_machine_only() -> None:
    """A node without any settings is reachable from its own machine alone."""
    settings = load_settings()

    assert (settings.host, settings.port, settings.introductions) == ("127.0.0.1", 8480, "manual")


def test_flag_beats_environment_beats_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defaults < file < environment < flag, setting by setting."""
    write_settings_file(tmp_path, {"port": 9001, "log_level": "error", "log_format": "json"})
    monkeypatch.setenv("TIDAN_DATA", str(tmp_path))
    monkeypatch.setenv("TIDAN_PORT", "9002")
    monkeypatch.setenv("TIDAN_LOG_LEVEL", "debug")

    settings = load_settings(port=9003)

    assert (settings.port, settings.log_level, settings.log_format) == (9003, "debug", "json")


def test_secret_is_read_from_a_file_and_never_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database URL with a password may live in a file, and no print-out of settings shows it."""
    secret = tmp_path / "database_url"
    secret.write_text("postgresql+asyncpg://tidan:hemligt@db/tidan\n", encoding="utf-8")
    monkeypatch.setenv("TIDAN_DATABASE_URL_FILE", str(secret))

    settings = load_settings(data=tmp_path)

    assert settings.database == "postgresql+asyncpg://tidan:hemligt@db/tidan"
    assert "hemligt" not in repr(settings)


def test_secret_given_twice_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret in a variable and in a file is a mistake to point out, not to guess about."""
    monkeypatch.setenv("TIDAN_DATABASE_URL", "postgresql+asyncpg://a")
    monkeypatch.setenv("TIDAN_DATABASE_URL_FILE", str(tmp_path / "x"))

    with pytest.raises(SettingsError, match="Both TIDAN_DATABASE_URL_FILE"):
        load_settings(data=tmp_path)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("prot = 9000", "prot"),
        ("port = 0", "port"),
        ("introductions = 'auto-0'", "introductions"),
        ("public_url = 'tidan.hjo.se'", "public_url"),
        ("data = '/elsewhere'", "data"),
        ("port = = 1", "TOML"),
        ('accessibility.complience = "full"', "accessibility.complience"),
        ('accessibility.compliance = "full"', "assessed"),
        ('accessibility.compliance = "partial"\naccessibility.assessed = 2026-11-20', "list the"),
        ("accessibility.shortcomings = [{ what = '' }]", "accessibility.shortcomings.0.what"),
        ('accessibility.email = "växeln"', "accessibility.email"),
        ('look.colour = "#ffcc00"', r"look.colour: .* is #806600"),
        ('look.colour = "rött"', "look.colour"),
        ('look = { colour = "#0b5563", colour_dark = "#0b5563" }', r"look.colour_dark: .* is #"),
        ('look.colour_dark = "#7cc4cf"', "needs `colour`"),
        ('look.logo = "../../etc/passwd.svg"', "look.logo"),
        ('look.logo = "logotyp.gif"', "look.logo"),
    ],
)
def test_a_mistake_in_the_file_is_named(tmp_path: Path, line: str, said: str) -> None:
    """A misspelt or malformed setting stops the start and says which one it is."""
    (tmp_path / "tidan.toml").write_text(line + "\n", encoding="utf-8")

    with pytest.raises(SettingsError, match=said):
        load_settings(data=tmp_path)


def test_origins_are_what_a_neighbour_may_have_dialled() -> None:
    """Public address, further addresses and the loopback names count as our own."""
    settings = load_settings(
        port=8481, public_url="https://tidan.hjo.se:443/", other_origins="http://hjo:8480"
    )

    assert settings.origins == {
        "https://tidan.hjo.se",
        "http://hjo:8480",
        "http://127.0.0.1:8481",
        "http://localhost:8481",
        "http://[::1]:8481",
    }


def test_a_table_is_put_together_from_file_and_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One setting of a table can be changed in the environment; the rest of the table stays."""
    (tmp_path / "tidan.toml").write_text(
        '[accessibility]\nactor = "Hjo kommun"\nphone = "0503-1"\n', encoding="utf-8"
    )
    monkeypatch.setenv("TIDAN_ACCESSIBILITY__PHONE", "0503-2")

    statement = load_settings(data=tmp_path).accessibility

    assert (statement.actor, statement.phone) == ("Hjo kommun", "0503-2")


@pytest.mark.parametrize("model", [Settings, Accessibility, Shortcoming, Look])
def test_every_setting_is_explained(model: type[BaseModel]) -> None:
    """Each setting carries a sentence for the documentation."""
    unexplained = [name for name, field in model.model_fields.items() if not field.description]

    assert unexplained == []


def test_log_lines_hold_known_fields_only() -> None:
    """A value under an unknown name is left out, and nothing can forge a second line."""
    stream = io.StringIO()
    logger = make_logger(load_settings(log_format="json"), "hjo", stream)

    logger.info("neighbour left", code="a\r\nb\x1b[2J", person="Anna Exempel")

    lines = stream.getvalue().splitlines()
    assert len(lines) == 1
    line = json.loads(lines[0])
    assert line["person"] == LEFT_OUT
    assert "\x1b" not in line["code"]
    assert "\n" not in line["code"]


def test_a_log_that_cannot_be_written_stops_nothing() -> None:
    """On a full disk lines are lost; whatever was to be logged, errors too, goes on."""
    full = Path("/dev/full").open("w", encoding="utf-8")  # noqa: SIM115  # closing it fails
    logger = make_logger(load_settings(), "hjo", full)

    logger.info("Exempel")
    logger.error("Exempel", exc_info=OSError("full"))

    with suppress(OSError):
        full.close()
