"""Every error the protocol can raise, as one small tree.

::

    TidanError
    ├── LocalError              our own side asked for something impossible
    │   └── InviteCodeError     what a person pasted is no invite, or not the whole of one
    └── RemoteError             the only errors a neighbour's bytes can raise
        ├── MalformedError      not the bytes docs/protocol.md describes
        │   └── LimitError      well-formed, but larger than any bound allows
        ├── KeyRefusedError     a public key or R value no honest author uses
        ├── SignatureError      the signature does not match
        ├── LinkError           a sequence number or a link back does not fit
        ├── WrongLogError       the entry belongs to another log
        ├── CommitmentError     the content is not what the header commits to
        ├── KeyEventError       a key event breaks the rules of rotation
        ├── ForkError           two signed entries at one sequence number
        ├── ContentError        the content cannot be read by this version
        └── SessionError        ends one session, never more
            ├── VersionError    no protocol version in common
            ├── HandshakeError  the transcript or its signature is wrong
            │   ├── WrongOriginError
            │   └── WrongNeighbourError
            ├── NotNeighbourError
            │   ├── AwaitingApprovalError
            │   └── InviteRefusedError
            ├── StateError      a message that may not come now
            ├── CreditError     more bytes than were granted
            └── TimeoutRemoteError

``code`` is stable and travels on the wire (docs/protocol.md §9); ``advice`` says to a person
what to do about it.
"""

from __future__ import annotations


class TidanError(Exception):
    """Base of all of Tidan's errors: a stable code, a message and advice for a person."""

    code: str = "error"
    advice: str = "Look in the node's log for what happened before."


class LocalError(TidanError):
    """Our own side asked for something that cannot be done."""

    code = "local"


class InviteCodeError(LocalError):
    """What was pasted is no invite, or not the whole of one."""

    code = "bad_invite"
    advice = "Copy the whole invite again, or ask whoever made it for a new one."


class RemoteError(TidanError):
    """What a neighbour's bytes can raise; never a reason to stop anything else."""

    code = "remote"
    advice = "Tell the neighbour's administrator; their node sent something it should not."


class MalformedError(RemoteError):
    """The bytes are not what the protocol describes."""

    code = "malformed"
    advice = "The sender runs broken or foreign software; ask them to upgrade."


class LimitError(MalformedError):
    """Well-formed, but larger than a bound allows."""

    code = "limit"
    advice = "The sender exceeds the protocol's bounds; ask them to upgrade."


class KeyRefusedError(RemoteError):
    """A public key or a signature's R value of low order or in a non-canonical encoding."""

    code = "key_refused"
    advice = "No honest node makes such a key. Do not trust whoever sent it."


class SignatureError(RemoteError):
    """A signature does not match the bytes it is said to cover."""

    code = "bad_signature"
    advice = "The entry is not from the municipality it names. Nothing of it was stored."


class LinkError(RemoteError):
    """A sequence number or a link to the entry before does not fit."""

    code = "broken_link"
    advice = "The neighbour's copy of this log has a gap or was changed; it is fetched elsewhere."


class WrongLogError(RemoteError):
    """The entry belongs to another log than the one it was sent for."""

    code = "wrong_log"
    advice = "The neighbour mixed up two logs. Nothing of it was stored."


class CommitmentError(RemoteError):
    """The content is not what the signed header commits to."""

    code = "wrong_commitment"
    advice = "The content was changed on the way. It is fetched from another neighbour."


class KeyEventError(RemoteError):
    """A key event that is not signed by the key committed to before."""

    code = "bad_key_event"
    advice = "Ask the municipality, by telephone, whether it has changed its key."


class ForkError(RemoteError):
    """Two validly signed entries at one sequence number of one log."""

    code = "fork"
    advice = "The log is frozen. Ask the municipality whether its node was restored or copied."


class ContentError(RemoteError):
    """Content that this version cannot read; it is stored and passed on all the same."""

    code = "unreadable"
    advice = "Upgrade this node; until then the entry is kept but not shown."


class SessionError(RemoteError):
    """Ends one session; logs and other sessions go on."""

    code = "session"


class VersionError(SessionError):
    """The two nodes have no protocol version in common."""

    code = "no_common_version"
    advice = "Upgrade the older of the two nodes."


class HandshakeError(SessionError):
    """The handshake's transcript or signature does not hold."""

    code = "bad_handshake"
    advice = "Someone may stand between the two nodes, or the neighbour lost its key. Ask them."


class WrongOriginError(HandshakeError):
    """The caller dialled another address than ours."""

    code = "wrong_origin"
    advice = "Check public_url here, and the address the neighbour has entered for this node."


class WrongNeighbourError(HandshakeError):
    """The node that answered is not the one that was dialled."""

    code = "wrong_neighbour"
    advice = "Check the neighbour's address and log id; compare fingerprints with them."


class NotNeighbourError(SessionError):
    """The other side is not an approved neighbour."""

    code = "not_a_neighbour"
    advice = "The other side's administrator has to add this node as a neighbour."


class AwaitingApprovalError(NotNeighbourError):
    """The invite holds; the other side's administrator has to compare fingerprints."""

    code = "awaiting_approval"
    advice = "Call the other side; both compare fingerprints, then they approve on their page."


class InviteRefusedError(NotNeighbourError):
    """The invite is unknown to the other side: used by another, too old, or taken back."""

    code = "invite_refused"
    advice = "Ask the other side's administrator for a new invite."


class StateError(SessionError):
    """A message that may not come in this state of the session."""

    code = "wrong_state"
    advice = "The sender runs broken or foreign software; ask them to upgrade."


class CreditError(SessionError):
    """More bytes were sent than had been granted."""

    code = "no_credit"
    advice = "The sender ignores flow control; ask them to upgrade."


class TimeoutRemoteError(SessionError):
    """The other side did not answer in time."""

    code = "timeout"
    advice = "The neighbour is slow or cut off; this node tries again by itself."
