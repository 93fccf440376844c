"""Steps that bring a database from any earlier version to the present one.

Rules: a step never imports storage/schema.py (that describes the present, a step describes its own
time); it works on SQLite (batch mode) and PostgreSQL; it runs inside the one transaction that
:meth:`storage.database.Database.open` holds, so it happens wholly or not at all.
"""
