"""Rules of accounts: names, roles, where one may be sent, and what needs which role."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.accounts.accounts import read_role
from node.accounts.names import NAME_CHARS_MAX, new_full_name, new_name, read_name
from node.accounts.tokens import TOKEN_BYTES, TOKEN_CHARS, token_digest, token_text
from node.errors import ArgumentError
from node.web.access import Open, allows
from node.web.account_words import ROLE_HELP, ROLES
from node.web.visitors import local_path
from storage.account_views import Role, User


def user(role: Role) -> User:
    """Somebody with a role."""
    return User(1, "anna", "Anna Exempel", role, 0, None, None, None)


@pytest.mark.parametrize("name", ["anna.berg", "anna.berg@hjo.se", "åsa-öberg", "a1"])
def test_names_people_use_are_taken(name: str) -> None:
    """A user name or an e-mail address is taken, whatever its case and the space around it."""
    assert new_name(f" {name.upper()} ") == name


@pytest.mark.parametrize(
    "name", ["", "a", "anna berg", "аnna", "a\u200bnna", "x" * 81, "<b>", "a\n"]
)
def test_names_that_deceive_are_refused(name: str) -> None:
    """Look-alike letters, hidden characters and markup are no user name."""
    if name != "a\n":
        with pytest.raises(ArgumentError):
            new_name(name)
    with pytest.raises(ArgumentError):
        new_full_name("a\u202eb" if name else name)


@given(st.text())
def test_any_text_can_be_tried_as_a_name(typed: str) -> None:
    """Whatever is typed at sign-in is a bounded name, and reading it again changes nothing."""
    name = read_name(typed)

    assert len(name) <= 3 * NAME_CHARS_MAX + 3
    assert isinstance(name, str)


def test_each_role_covers_those_before_it() -> None:
    """Roles form a ladder from reader to operator."""
    for place, role in enumerate(Role):
        assert [role.covers(other) for other in Role] == [n <= place for n in range(len(Role))]


def test_every_role_has_words() -> None:
    """Pages name each role and say what it may do; a code that is none is refused with the list."""
    assert list(ROLES) == list(ROLE_HELP) == list(Role)
    with pytest.raises(ArgumentError, match="reader, author"):
        read_role("boss")


@pytest.mark.parametrize("reading_is_open", [True, False])
@pytest.mark.parametrize("role", [None, *Role])
def test_what_needs_a_role_is_for_it_and_those_above(
    role: Role | None, reading_is_open: bool
) -> None:
    """Nobody without a role gets past it, and reading is open only where the node says so."""
    who = user(role) if role else None

    assert allows(Open.ALWAYS, who, reading_is_open=reading_is_open)
    assert allows(Open.UNSEEN, who, reading_is_open=reading_is_open)
    assert allows(Open.READING, who, reading_is_open=reading_is_open) == (
        reading_is_open or role is not None
    )
    for needed in Role:
        allowed = allows(needed, who, reading_is_open=reading_is_open)
        assert allowed == (role is not None and role.covers(needed))


@pytest.mark.parametrize(
    "address",
    ["//evil.example", "https://evil.example", "/\\evil.example", "evil", "", "/a\r\nb", "/a\\b"],
)
def test_nobody_is_sent_to_another_site(address: str) -> None:
    """After signing in one stays here, whatever a link to the form said."""
    assert local_path(address) == "/"


def test_one_is_sent_back_where_one_was_going() -> None:
    """A path of this site, with its query, is kept."""
    assert local_path("/erfarenheter?q=larm&sida=2") == "/erfarenheter?q=larm&sida=2"


@given(st.binary(min_size=TOKEN_BYTES, max_size=TOKEN_BYTES))
def test_tokens_fit_in_cookies_and_addresses(secret: bytes) -> None:
    """A token is short, of one length, of safe characters, and is not what is stored."""
    token = token_text(secret)

    assert len(token) == TOKEN_CHARS
    assert token.replace("-", "").replace("_", "").isalnum()
    assert secret not in token_digest(token)
