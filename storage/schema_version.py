"""Which version the tables have, and how they get to the present one.

A database of a version this program does not know (a newer one, or somebody else's) is refused
before anything in it is touched. Alembic is loaded only when there is something to do.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from storage.errors import SchemaError

if TYPE_CHECKING:
    from alembic.config import Config

PRESENT_REVISION = "0023"
_MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(connection: Connection) -> None:
    """Bring the tables to the present version, inside the caller's transaction.

    Raises :class:`SchemaError` when they are of an unknown version or not Tidan's.
    """
    found = found_revision(connection)
    if found == PRESENT_REVISION:
        return
    from alembic import command  # noqa: PLC0415  # takes a tenth of a second, seldom needed
    from alembic.script import ScriptDirectory  # noqa: PLC0415  # likewise

    configuration = alembic_config(connection)
    steps = ScriptDirectory.from_config(configuration).walk_revisions()
    known = {step.revision for step in steps}
    if found is not None and found not in known:
        raise SchemaError(
            f"the database has version {found}, this program knows up to {PRESENT_REVISION}"
        )
    command.upgrade(configuration, "head")


def found_revision(connection: Connection) -> str | None:
    """Return the version the tables have; None for an empty database.

    Raises :class:`SchemaError` when there are tables but no version.
    """
    names = inspect(connection).get_table_names()
    if not names:
        return None
    if "alembic_version" not in names:
        raise SchemaError("the database holds tables that are not Tidan's")
    revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if revision is None:
        raise SchemaError("the database has lost its version number")
    return str(revision)


def alembic_config(connection: Connection) -> Config:
    """Return the configuration under which Alembic works on ``connection``."""
    from alembic.config import Config  # noqa: PLC0415  # see upgrade

    configuration = Config()
    configuration.set_main_option("script_location", str(_MIGRATIONS))
    configuration.set_main_option("path_separator", "os")
    configuration.attributes["connection"] = connection
    return configuration
