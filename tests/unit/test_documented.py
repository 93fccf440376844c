"""What an operator can set, type or meet in an error is written down, or the build fails.

Reads `docs/` as plain text: a setting as its variable, a command as it is typed, an error as its
code. Versions and locks that must agree with each other are compared here too.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import yaml
from pydantic import BaseModel

import reliability_page
from errors_page import PAGE, error_classes, page
from node.cli.root import main
from node.config import ENVIRONMENT_PREFIX, Settings, is_table

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


def commands(group: click.Group, prefix: str) -> Iterator[str]:
    """Every command that does something, as a person types it."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, f"{prefix} {name}")
        elif not command.hidden:
            yield f"{prefix} {name}"


def setting_names(model: type[BaseModel], prefix: str) -> Iterator[str]:
    """Every setting as its variable; of a table also each setting in it."""
    for name, field in model.model_fields.items():
        yield f"{prefix}{name.upper()}"
        if is_table(field.annotation):
            yield from setting_names(field.annotation, f"{prefix}{name.upper()}__")


def test_every_setting_is_in_the_operator_guide() -> None:
    """A setting nobody can read about does not exist for an operator."""
    text = (DOCS / "operating.md").read_text("utf-8")
    names = setting_names(Settings, ENVIRONMENT_PREFIX)

    assert [name for name in names if f"`{name}`" not in text] == []


def test_the_operator_guide_names_no_setting_that_is_gone() -> None:
    """A documented setting that has no effect is worse than none."""
    text = (DOCS / "operating.md").read_text("utf-8")
    known = set(setting_names(Settings, ENVIRONMENT_PREFIX))
    named = set(re.findall(rf"{ENVIRONMENT_PREFIX}[A-Z_]*[A-Z]", text))

    assert {name.removesuffix("_FILE") for name in named} - known == set()


def test_every_command_is_in_the_operator_guide() -> None:
    """Every command appears in the guide as it is typed."""
    text = (DOCS / "operating.md").read_text("utf-8")

    assert [name for name in commands(main, "tidan") if name not in text] == []


def test_the_page_of_errors_is_what_the_program_says() -> None:
    """Every code can be looked up; `make docs` writes the page anew."""
    assert PAGE.read_text("utf-8") == page()


def test_figures_of_reliability_are_what_the_programmes_wrote() -> None:
    """No figure is typed: the page says what the result files say; `make docs` writes it anew."""
    assert reliability_page.PAGE.read_text("utf-8") == reliability_page.page()


def test_errors_have_codes_of_their_own() -> None:
    """Every error says what it is and what to do, and no two leaves share a code."""
    leaves = [error for error in error_classes() if not error.__subclasses__()]
    codes = [error.code for error in leaves]

    assert sorted(codes) == sorted(set(codes))
    assert [error.__name__ for error in leaves if not error.advice] == []


def test_links_between_documents_lead_somewhere() -> None:
    """A link from one document to another file of the tree is never broken."""
    documents = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
    broken = [
        f"{path.relative_to(ROOT)}: {target}"
        for path in documents
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", path.read_text("utf-8"))
        if not (path.parent / target).exists()
    ]

    assert broken == []


def test_one_version_everywhere() -> None:
    """The package, the changelog and publiccode.yml tell of the same version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    catalogue = yaml.safe_load((ROOT / "publiccode.yml").read_text("utf-8"))
    changelog = (DOCS / "CHANGELOG.md").read_text("utf-8")

    assert catalogue["softwareVersion"] == project["version"]
    assert catalogue["legal"]["license"] == project["license"]
    assert f"## [{project['version']}]" in changelog


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_locks_pin_content_and_name_no_address(name: str) -> None:
    """Every pinned file has a hash, and a lock works wherever the packages come from."""
    text = (ROOT / name).read_text("utf-8")
    pinned = re.findall(r"^([a-z0-9-]+)==\S+([^\\\n]*(?:\\\n[^\\\n]*)*)", text, flags=re.MULTILINE)

    assert len(pinned) > 20
    assert [package for package, rest in pinned if "--hash=sha256:" not in rest] == []
    assert "://" not in text
