"""Where alerts may be posted to, and what a shared secret looks like."""

from __future__ import annotations

import base64

import pytest

from node.webhook_address import read_webhook_key, read_webhook_url


@pytest.mark.parametrize(
    "text", ["https://larm.hjo.se/tidan?a=1", "http://127.0.0.1:9000/", "http://localhost/x"]
)
def test_an_address_nobody_can_listen_in_on_is_taken(text: str) -> None:
    """https anywhere, http within this machine."""
    assert read_webhook_url(text) == text


@pytest.mark.parametrize(
    "text",
    ["http://larm.hjo.se/", "ftp://127.0.0.1/", "larm.hjo.se", "https://", "https://a:b@hjo.se/",
     "https://hjo.se/#x", "file:///etc/passwd", "http://127.0.0.1.hjo.se/"],
)  # fmt: skip
def test_any_other_address_is_refused(text: str) -> None:
    """What would travel readably, or is no address."""
    with pytest.raises(ValueError, match="must"):
        read_webhook_url(text)


def test_a_secret_is_base64_of_enough_bytes() -> None:
    """With or without the prefix of the standard; the error never repeats it."""
    key = bytes(range(32))
    text = base64.b64encode(key).decode()

    assert read_webhook_key(text) == read_webhook_key(f"whsec_{text}") == key
    for wrong in ("åäö", "hemligt!", base64.b64encode(b"kort").decode(), "A" * 200):
        with pytest.raises(ValueError, match="must") as refused:
            read_webhook_key(wrong)
        assert wrong not in str(refused.value)
