"""One spelling of a node's address, so that both sides sign the same text."""

from __future__ import annotations

import pytest

from node.origins import host_here, is_loopback, normalise_origin, sync_url


@pytest.mark.parametrize(
    ("typed", "origin"),
    [
        ("https://Tidan.Hjo.se", "https://tidan.hjo.se"),
        ("https://tidan.hjo.se:443/", "https://tidan.hjo.se"),
        ("http://127.0.0.1:8480/sync/v1", "http://127.0.0.1:8480"),
        (" http://[::1]:8480 ", "http://[::1]:8480"),
        ("https://tidan.hjö.se", "https://tidan.xn--hj-gka.se"),
        ("http://tidan_hjo:8480", "http://tidan_hjo:8480"),
    ],
)
def test_every_spelling_becomes_one_origin(typed: str, origin: str) -> None:
    """Case, default port and the path of the sync address make no difference."""
    assert normalise_origin(typed) == origin
    assert normalise_origin(origin) == origin


@pytest.mark.parametrize(
    "typed",
    [
        "", "hjo", "ftp://hjo.se", "ws://hjo.se", "https://", "https://user:word@hjo.se",
        "https://hjo.se/other", "https://hjo.se?x=1", "https://hjo.se#x", "https://hjo.se:99999",
        "https://hjo.se; reboot", "https://hjo se", "https://hjo..se", "https://$(id).se",
        "https://" + "a" * 400 + ".se", "javascript:alert(1)", "file:///etc/passwd",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_in_words(typed: str) -> None:
    """Anything but scheme, host and port of http or https is refused with an explanation."""
    with pytest.raises(ValueError, match="address"):
        normalise_origin(typed)


def test_dialling_uses_the_websocket_scheme() -> None:
    """Secure addresses are dialled securely, and the path is always the same."""
    assert sync_url("https://tidan.hjo.se") == "wss://tidan.hjo.se/sync/v1"
    assert sync_url("http://127.0.0.1:8481") == "ws://127.0.0.1:8481/sync/v1"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "localhost"])
def test_loopback_is_recognised(host: str) -> None:
    """Only this machine reaches these hosts."""
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "tidan", "localhost.evil.se"])
def test_everything_else_is_beyond_loopback(host: str) -> None:
    """A host that others may reach is never taken for loopback."""
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("host", "here"),
    [("0.0.0.0", "127.0.0.1"), ("::", "::1"), ("192.0.2.1", "192.0.2.1"), ("hjo.se", "hjo.se")],
)
def test_a_node_that_listens_everywhere_is_reached_here(host: str, here: str) -> None:
    """An address that means all of them is none that anybody could open."""
    assert host_here(host) == here
