"""The running program: settings, sync over sockets, ingest, web view and commands."""
