"""The pure core of Tidan: entries, chains, identity, records and the sync session.

Rules of this package: bytes and ``now_ms`` go in, values and effects come out. No I/O, no
clock, no randomness, no asyncio, no threads and no logging. The wire format is described for
other implementations in ``docs/protocol.md``; the code cites its sections.
"""
