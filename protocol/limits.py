"""Every bound of the protocol, in one place (docs/protocol.md §10).

A bound that is exceeded raises :class:`protocol.errors.LimitError`. Units come last in each
name. Raising a bound is a change of the protocol; lowering one breaks logs already written.
"""

from __future__ import annotations

# --- numbers -------------------------------------------------------------------------------
INTEGER_MAX = 2**53 - 1
"""Largest integer anywhere, so that every JSON and CBOR library can carry it."""

# --- entries -------------------------------------------------------------------------------
PROTOCOL_VERSION = 1
ID_BYTES = 32
KEY_BYTES = 32
SIGNATURE_BYTES = 64
SALT_BYTES = 32
COMMITMENT_BYTES = 32
KIND_CHARS_MAX = 32
HEADER_BYTES_MAX = 255
"""Header length; keeps the COSE payload's length prefix at two bytes (docs/protocol.md §3)."""
ENTRY_BYTES_MAX = HEADER_BYTES_MAX + 100
CONTENT_BYTES_MAX = 64 * 1024
KEY_EVENTS_MAX = 1_000
"""Rotations one log may hold; a municipality that rotates monthly needs 83 years for it."""

# --- canonical decoding --------------------------------------------------------------------
CBOR_DEPTH_MAX = 8
JSON_DEPTH_MAX = 32

# --- runs ----------------------------------------------------------------------------------
RUN_ENTRIES_MAX = 1_000
RUN_BYTES_TARGET = 1_000_000
"""Uncompressed size at which a sender closes a batch."""
RUN_BYTES_MAX = 2 * RUN_BYTES_TARGET + CONTENT_BYTES_MAX
"""Uncompressed size a receiver accepts; bounds what decompression may produce."""
RUN_WINDOW_LOG_MAX = 22
"""Largest zstd window a receiver sets up: 4 MiB, above what a whole run needs."""
PENDING_ENTRIES_MAX = RUN_ENTRIES_MAX
"""Entries kept while waiting for a later signature to cover them."""
SIGNATURE_RETRIES_MAX = 8
"""Signatures tried backwards from the newest entry of a segment."""

# --- fields of records (protocol/content/), in characters unless the name says otherwise ------
TITLE_CHARS_MAX = 150
SUMMARY_CHARS_MAX = 400
TEXT_CHARS_MAX = 10_000
COMMENT_CHARS_MAX = 8_000
NOTE_CHARS_MAX = 2_000
LINE_CHARS_MAX = 200
URL_CHARS_MAX = 2_000
LIST_ITEMS_MAX = 30
TAGS_MAX = 10
TAG_CHARS_MAX = 60
AMOUNT_SEK_MAX = 10**12

# --- fork proofs ---------------------------------------------------------------------------
FORK_PROOF_BYTES_MAX = 1_000_000
