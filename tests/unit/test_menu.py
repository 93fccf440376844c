"""The main menu marks where one is, also on pages whose addresses do not tell."""

from __future__ import annotations

import pytest

from node.web.menu import MENU


@pytest.mark.parametrize(
    ("path", "marked"),
    [
        ("/grannar", {"/grannar": "page"}),
        ("/grannar/anslut", {"/grannar": "true"}),
        ("/natverk", {"/grannar": "true"}),
        ("/flytta", {"/grannar": "true"}),
        ("/flytta/lamna", {"/grannar": "true"}),
        ("/aterstallning", {"/grannar": "true"}),
        ("/skriv/klart/x", {"/skriv": "true"}),
        ("/utkast", {"/skriv": "true"}),
        ("/utkast/x/skicka-tillbaka", {"/skriv": "true"}),
        ("/importera", {"/skriv": "true"}),
        ("/utskick", {"/anvandare": "true"}),
        ("/utskick/bekrafta/x", {}),  # whoever asked for letters, and not the operator, is there
        ("/grannarna", {}),
        ("/flyttat", {}),
        ("/", {}),
    ],
)
def test_one_entry_is_marked_where_one_is(path: str, marked: dict[str, str]) -> None:
    """The page itself is told from pages under it, and no more than one entry is marked."""
    assert {item.address: at for item in MENU if (at := item.marked_at(path))} == marked
