"""One file a step; the number in front gives the order for people, ``down_revision`` for Alembic."""
