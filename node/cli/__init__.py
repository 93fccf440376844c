"""The command line for operators: short English, ``--json`` for scripts, one file a subject."""
