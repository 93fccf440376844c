"""Errors of our own side while a node runs; each says what to do.

::

    LocalError (protocol.errors)
    ├── SettingsError       the settings contradict themselves or cannot be read
    ├── NotCreatedError     the data folder holds no node yet
    ├── AlreadyCreatedError the data folder holds a node already
    ├── LogMismatchError    data folder and database belong to different nodes
    ├── ServeError          the address cannot be listened on
    ├── RecoveringError     the node may not sign until its own log is back
    ├── FrozenError         the node's own log has a fork
    ├── LeftError           the municipality has left the network
    ├── ArgumentError       an operation was given something it cannot use
    ├── ReviewNeededError   a second person has to look at the text first
    ├── OverloadedError     too much is waiting already
    ├── SignInError         the user name or the password is not right
    ├── TooManyGuessesError too many wrong passwords, from an address or for an account
    ├── TooManyInvitesError as many invites to other municipalities as may be open are
    ├── WeakPasswordError   a new password is too short or too obvious
    ├── MailError           the mail server refused a letter or could not be reached
    │   └── MailUncertainError  it was given a letter and did not answer
    ├── UnreachedError      a neighbour did not give our log back
    ├── NotRunningError     only a running node can do this, and none runs
    └── ControlError        the running node could not be asked
"""

from __future__ import annotations

from protocol.errors import LocalError


class SettingsError(LocalError):
    """A setting is unknown, malformed or contradicts another."""

    code = "settings"
    advice = "Correct the named setting (flag, TIDAN_… variable or tidan.toml) and start again."


class NotCreatedError(LocalError):
    """There is no node in the data folder."""

    code = "not_created"
    advice = "Run `tidan init --name … --code …` with this data folder first."


class AlreadyCreatedError(LocalError):
    """There is a node in the data folder already."""

    code = "already_created"
    advice = "Choose another folder with --data, or start the node with `tidan serve`."


class LogMismatchError(LocalError):
    """The data folder and the database belong to different nodes."""

    code = "log_mismatch"
    advice = "Correct database_url, or the data folder; each node has one of each."


class ServeError(LocalError):
    """The address cannot be listened on."""

    code = "cannot_listen"
    advice = "Choose another port with --port, or stop the program that uses this one."


class RecoveringError(LocalError):
    """The node reads and syncs, but signs nothing until its own log is back."""

    code = "recovering"
    advice = (
        "Let the node reach its neighbours and wait; `tidan key status` says what is missing, and "
        "how to go on without it."
    )


class NewKeyNeededError(RecoveringError):
    """The guard file was gone, so nobody knows what the present key has signed."""

    code = "new_key_needed"
    advice = (
        "Bring the recovery sheet's key in force: `tidan key rotate`. `tidan key status` says "
        "which neighbours have been heard."
    )


class NotAllHeardError(RecoveringError):
    """The node was off for longer than a restart takes, so it may be an old copy; it signs nothing
    before all its neighbours have compared logs with it."""

    code = "not_all_heard"
    advice = (
        "Let the node reach its neighbours; `tidan status` names those that have not answered. If "
        "it was not put back from a copy, pause them (`tidan peer pause`), or go on at once: "
        "`tidan recover --override --reason …`."
    )


class FrozenError(LocalError):
    """Two different entries were signed at one place of the node's own log."""

    code = "frozen"
    advice = "Find out whether the node was copied or restored; `tidan key rotate` repairs it."


class StoppingError(RecoveringError):
    """The node is being stopped while it waits for its neighbours; what waited was not signed."""

    code = "stopping"
    advice = "Do it again once the node runs: nothing of it was stored."


class LeftError(LocalError):
    """The municipality has left the network: its log's last entry says so."""

    code = "has_left"
    advice = (
        "Nothing more is signed. If leaving was a mistake, the key on the recovery sheet opens "
        "the log again: `tidan key rotate`."
    )


class ArgumentError(LocalError):
    """An operation was given something it cannot use."""

    code = "bad_argument"
    advice = "Correct the named value and try again."


class ReviewNeededError(LocalError):
    """A second person has to look at the text before it is published."""

    code = "review_needed"
    advice = "Hand the draft in; an editor other than its author publishes it or sends it back."


class OverloadedError(LocalError):
    """Too much is waiting to be written already."""

    code = "overloaded"
    advice = "Wait a moment and try again."


class SignInError(LocalError):
    """The user name or the password is not right, or the user may not sign in."""

    code = "sign_in_refused"
    advice = "Try again, or ask an operator for a link to a new password (`tidan user reset`)."


class TooManyGuessesError(LocalError):
    """Too many wrong passwords, from one address or for one account; `wait_ms` says how long."""

    code = "too_many_guesses"
    advice = "Wait, or ask an operator for a link to a new password (`tidan user reset`)."

    def __init__(self, wait_ms: int) -> None:
        super().__init__("Too many wrong passwords.")
        self.wait_ms = wait_ms


class TooManyInvitesError(LocalError):
    """As many invites to other municipalities are open as may be at one time."""

    code = "too_many_invites"
    advice = "Take back those that nobody will use; `tidan peer invites` lists them."


class WeakPasswordError(LocalError):
    """A new password is too short, too long or too obvious; `weakness` says which."""

    code = "weak_password"
    advice = "Choose another password: at least 12 characters, several words that do not belong."

    def __init__(self, weakness: str) -> None:
        super().__init__(f"The password is refused: {weakness}.")
        self.weakness = weakness


class MailError(LocalError):
    """The mail server refused a letter or could not be reached.

    `may_try_again`: the letter was certainly not taken, and another time it may be.
    `is_about_server`: the next letter would fare the same.
    """

    code = "mail_failed"
    advice = "Check the smtp_ settings and the mail server; the page Utskick has its answer."

    def __init__(
        self, text: str, *, may_try_again: bool, is_about_server: bool = False, status: int = 0
    ) -> None:
        super().__init__(text)
        self.may_try_again = may_try_again
        self.is_about_server = is_about_server
        self.status = status


class MailUncertainError(MailError):
    """The mail server was given a letter and did not answer; it may have been taken."""

    code = "mail_uncertain"
    advice = "Look whether the letter came; it is not sent again, the next one tells what is new."

    def __init__(self, text: str) -> None:
        super().__init__(text, may_try_again=False, is_about_server=True)


class UnreachedError(LocalError):
    """A neighbour could not be reached, or did not give our log back."""

    code = "log_not_fetched"
    advice = (
        "Ask the neighbour whether its node runs, has this log and still has you as a neighbour; "
        "check address, log id and key, and run the command again: it goes on where it stopped."
    )


class NotRunningError(LocalError):
    """Only a running node can do this, and none runs on the data folder."""

    code = "not_running"
    advice = "Start the node with `tidan serve`, or name its folder with --data."


class ControlError(LocalError):
    """The running node could not be asked over its control socket."""

    code = "control"
    advice = "See whether the node answers at /healthz; restart it if it does not."
