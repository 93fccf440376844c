"""One file a step; the number is for people, ``down_revision`` gives Alembic the order."""
