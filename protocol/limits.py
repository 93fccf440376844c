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
"""Of entries and of the least that two nodes speak."""
BLOBS_VERSION = 2
"""The version of the session protocol in which files travel; the rest is as in version 1."""
INVITES_VERSION = 3
"""The version in which a dialer may show an invite; the rest is as in version 2."""
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
STRANGER_KEY_EVENTS_MAX = 100
"""Key events checked of a party that nobody approved: each costs two signatures' time."""

# --- canonical decoding --------------------------------------------------------------------
CBOR_DEPTH_MAX = 8
CBOR_ITEMS_MAX = 50_000
"""Data items decoded at once, above the 40,000 of the largest RECONCILE message.

Without it, a frame of four million empty arrays would cost seconds and hundreds of megabytes.
"""
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
NAME_CHARS_MAX = 100
"""A municipality's name in a first entry."""
AREA_CHARS_MAX = 80
EMAIL_CHARS_MAX = 254
PHONE_CHARS_MAX = 40
DOMAIN_CHARS_MAX = 253
LANGUAGE_CHARS_MAX = 35
FILE_NAME_CHARS_MAX = 120
FINGERPRINT_CHARS_MAX = 100
LIST_ITEMS_MAX = 30
TAGS_MAX = 10
TAG_CHARS_MAX = 60
AMOUNT_SEK_MAX = 10**12
OWN_HOURS_MAX = 10**7
YEAR_MIN, YEAR_MAX = 1900, 2200

# --- attachments ---------------------------------------------------------------------------
BLOB_BYTES_MAX = 25 * 1024 * 1024
"""Largest file a record may name."""
BLOB_PIECE_BYTES_MAX = 256 * 1024
"""Largest part of a file in one message: what an entry may have to wait for."""
BLOB_PIECES_WAITING_MAX = 8
"""Pieces a neighbour may have asked for at once."""
BLOB_PIECES_UNDER_WAY = 4
"""Pieces asked of a neighbour at once."""
BLOBS_UNDER_WAY_MAX = 8
"""Neighbours asked for files at once, so that what waits for the disk is bounded."""
BLOBS_IN_VAIN_MAX = 1_000
"""Files remembered that a neighbour asked for in vain, the oldest forgotten first."""
BLOB_TIMEOUT_MS = 30_000
"""Without an answer of a neighbour, the file is asked of another."""
BLOB_RETRY_MS = 300_000
"""Before a neighbour that did not have a file is asked for it again."""

# --- fork proofs ---------------------------------------------------------------------------
FORK_PROOF_BYTES_MAX = 1_000_000
BRANCH_ENTRIES_MAX = 100_000
"""Entries kept aside of a branch that settles a fork, until the rotation at its end has come."""
BRANCH_BYTES_MAX = 32 * 1024 * 1024
"""The same, in bytes as they travel."""
BRANCH_UNFOLDED_BYTES_MAX = 100 * RUN_BYTES_MAX
"""The same, in bytes unfolded; a run that does not say its size counts as the largest."""
ROTATIONS_TOLD_MAX = 4
"""Times a session shows the rotations of one log to a neighbour on another branch."""

# --- sync sessions -------------------------------------------------------------------------
FRAME_BYTES_MAX = 4 * 1024 * 1024
"""Largest binary message; one that is larger ends the session."""
HANDSHAKE_FRAME_BYTES_MAX = 1_000_000
"""Largest message from a party that has not proved who it is."""
RECOVERY_VERSION = 3
"""The version in which a log's owner that has lost the log proves itself by its key alone."""
NONCE_BYTES = 32
EPOCH_BYTES = 16
ORIGIN_CHARS_MAX = 300
VERSIONS_MAX = 16
CODE_CHARS_MAX = 32
REASON_CHARS_MAX = 200
HAVE_ITEMS_MAX = 1_000
RUN_FRAME_BYTES_MAX = RUN_BYTES_MAX + 16 * 1024
"""A RUN frame: payload that would not compress, and the fields around it."""
CREDIT_BYTES = 8 * 1024 * 1024
"""RUN frames under way in one direction and not yet answered."""
REMOTE_LOGS_MAX = 20_000
"""Logs one neighbour may speak of in one session: each costs a third of a kilobyte for as long."""
WANTS_WAITING_MAX = 1_000
"""Logs a neighbour may have asked for at once."""
FORK_FRAMES_MAX = 1_000
"""FORK messages accepted in one session."""

# --- invites -------------------------------------------------------------------------------
INVITE_SECRET_BYTES = 16
INVITE_CODE_CHARS_MAX = 2_000
"""Of the text that people hand over: an address of full length, four bytes a character."""

# --- reconciliation ------------------------------------------------------------------------
RANGE_FINGERPRINT_BYTES = 16
RANGE_SPLIT = 16
"""Parts a differing range is split into; ranges of at most so many items are listed."""
RECONCILE_PARTS_MAX = 10_000
"""Ranges and items together in one RECONCILE message."""
RECONCILE_ROUNDS_MAX = 100
"""RECONCILE messages accepted in one session."""

# --- time-outs -----------------------------------------------------------------------------
HANDSHAKE_TIMEOUT_MS = 10_000
RECONCILE_TIMEOUT_MS = 30_000
FETCH_TIMEOUT_MS = 15_000
"""Without any progress of a neighbour, what was asked of it is asked of another."""
FETCH_STARVED_TIMEOUT_MS = 120_000
"""The same for one log, however busy the neighbour is with others."""
FETCH_RETRY_MS = 30_000
"""Before a neighbour that failed to deliver a log is asked for it again."""
FETCHES_PER_LINK_MAX = 64
"""Logs under way from one neighbour at once."""
