"""Errors of our own disk and database, all of them local: no neighbour can cause one.

::

    LocalError
    └── StorageError
        ├── DatabaseFailedError   the database refused or could not be reached
        ├── DurabilityError       the database would not keep what it acknowledges
        ├── SchemaError           tables of an unknown or newer version
        ├── DamagedLogError       a stored entry is not what was verified when it arrived
        ├── AppendError           entries that do not continue what is stored
        ├── StandingError         a decision about a log that may not be made
        ├── NameTakenError        somebody has that user name already
        ├── UnknownUserError      there is no such user, or no longer an active one
        ├── LastOperatorError     the last operator would be gone
        ├── TooManyFollowsError   a user follows as much as one user can
        ├── TooManyTokensError    as many tokens of the API work as may
        ├── UnknownTokenError     there is no such token, or it works no more
        ├── UnknownInviteError    there is no such invite between municipalities, or no longer
        ├── UnknownKnockError     nobody with that id knocks
        ├── LinkSpentError        a link that was used, replaced or withdrawn, or is too old
        ├── DraftChangedError     somebody saved another text in the draft meanwhile
        ├── DraftGoneError        a draft that was published or thrown away
        ├── TooManyDraftsError    a user has as many drafts as one may have
        ├── TooManyImportsError   a user has as many imports as one may have
        ├── IndexingError         the search index could not be filled
        ├── BlobFileError         a file that a record names cannot be kept
        ├── KeyFileError          the signing key is missing, open to others or unreadable
        └── FolderLockedError     another node runs on the same data folder
"""

from __future__ import annotations

from protocol.errors import LocalError


class StorageError(LocalError):
    """Base of what storage itself can raise."""

    code = "storage"


class DatabaseFailedError(StorageError):
    """The database refused a statement or could not be reached."""

    code = "database_failed"
    advice = (
        "Check that the database is running, and that its disk has free space and can be written, "
        "then retry."
    )


class DurabilityError(StorageError):
    """The database is set up so that acknowledged entries could be lost in a power cut."""

    code = "not_durable"
    advice = "Turn on full synchronisation in the database's settings; nothing was written."


class SchemaError(StorageError):
    """The tables belong to a version this program does not know."""

    code = "schema_unknown"
    advice = "Start the version of Tidan that last used this database, or a newer one."


class DamagedLogError(StorageError):
    """A stored entry is no longer what was verified when it arrived."""

    code = "damaged_log"
    advice = (
        "The disk or the database has changed stored bytes. A running node asks its neighbours for "
        "what was there; `tidan doctor` says how far it has come. Check the disk."
    )

    def __init__(self, message: str, log: bytes = b"", sequence: int = 0) -> None:
        """``sequence`` is the first entry of ``log`` that cannot be read; 0 when it is not that."""
        super().__init__(message)
        self.log = log
        self.sequence = sequence


class AppendError(StorageError):
    """Entries that do not continue what is stored; nothing of them was written."""

    code = "append_refused"
    advice = "Another program has written to this database. Make sure that one node alone uses it."


class StandingError(StorageError):
    """A decision about a log that may not be made."""

    code = "standing_refused"
    advice = "Look at `tidan member list` and decide again."


class NameTakenError(StorageError):
    """Somebody has that user name already."""

    code = "name_taken"
    advice = "Choose another user name, or look at `tidan user list`."


class UnknownUserError(StorageError):
    """There is no such user, or no longer an active one."""

    code = "unknown_user"
    advice = "Look at `tidan user list`; a deactivated user has to be activated first."


class LastOperatorError(StorageError):
    """The last operator would be gone, and nobody could manage users any more."""

    code = "last_operator"
    advice = "Make somebody else an operator first."


class LinkSpentError(StorageError):
    """A link that was used, replaced or withdrawn, or is too old."""

    code = "link_spent"
    advice = "Ask whoever gave it for a new one; an operator makes it."


class DraftChangedError(StorageError):
    """Somebody saved another text in the draft meanwhile; nothing was overwritten."""

    code = "draft_changed"
    advice = "Look at both texts and choose one; the other becomes a draft of its own."


class DraftGoneError(StorageError):
    """The draft was published or thrown away, perhaps in another window."""

    code = "draft_gone"
    advice = "Look under Erfarenheter whether it was published; what was written can be kept anew."


class TooManyDraftsError(StorageError):
    """A user has as many drafts as one may have."""

    code = "too_many_drafts"
    advice = "Publish or throw away some of the drafts first."


class TooManyImportsError(StorageError):
    """A user has as many imports waiting as one may have."""

    code = "too_many_imports"
    advice = "Throw away imports that are done with; what was made of them stays."


class TooManyFollowsError(StorageError):
    """A user follows as much as one user can."""

    code = "too_many_follows"
    advice = "End one of those on the page of what you follow; a search can stand for many."


class TooManyTokensError(StorageError):
    """As many tokens of the API work as may at one time."""

    code = "too_many_tokens"
    advice = "Revoke those that nothing uses any more; `tidan token list` says when each was used."


class UnknownTokenError(StorageError):
    """There is no such token of the API, or it was revoked before."""

    code = "unknown_token"
    advice = "Look at `tidan token list`."


class UnknownInviteError(StorageError):
    """There is no such invite between municipalities: used, taken back, or too old."""

    code = "unknown_invite"
    advice = "Look at `tidan peer invites`, or make a new one with `tidan peer invite`."


class UnknownKnockError(StorageError):
    """No node with that log id asks to become a neighbour."""

    code = "unknown_knock"
    advice = "Look at `tidan peer knocks`; it may have been dealt with meanwhile."


class IndexingError(StorageError):
    """The search index could not be filled."""

    code = "indexing_failed"
    advice = (
        "Look in the node's log and at the free space, then run `tidan rebuild`; nothing but "
        "searching is affected."
    )


class BlobFileError(StorageError):
    """A file that a record names cannot be written, read or removed."""

    code = "blob_file"
    advice = "Check that the data folder's disk has free space and that the node may write to it."


class KeyFileError(StorageError):
    """The signing key is missing, readable by others, or not a key."""

    code = "key_file"
    advice = "Restore the key file from your backup, owned by the node's user and with mode 0600."


class FolderLockedError(StorageError):
    """Another node runs on the same data folder."""

    code = "folder_locked"
    advice = "Stop the other node first, or choose another folder with --data."
