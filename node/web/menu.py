"""The main menu: where it leads, for whom, and which of it one is in. Pure."""

from __future__ import annotations

from typing import Final, NamedTuple

from node.web.access import Needs, Open
from node.web.message import Message
from storage.account_views import Role


class MenuItem(NamedTuple):
    """One entry; `also` are pages under it whose addresses do not begin with its own, with all that
    lies below them, and `also_alone` such pages without that."""

    address: str
    words: Message
    needs: Needs
    also: tuple[str, ...] = ()
    also_alone: tuple[str, ...] = ()

    def marked_at(self, path: str) -> str:
        """What `aria-current` says on a page: "page" on its own, "true" under it, else ""."""
        if path == self.address:
            return "page"
        is_under = any(_is_at(path, place) for place in (self.address, *self.also))
        return "true" if is_under or path in self.also_alone else ""


def _is_at(path: str, place: str) -> bool:
    return path == place or path.startswith(f"{place}/")


MENU: Final = (
    MenuItem("/erfarenheter", Message("Erfarenheter"), Open.READING),
    MenuItem("/amnen", Message("Ämnen"), Open.READING),
    MenuItem("/kommuner", Message("Kommuner"), Open.READING),
    MenuItem(
        "/grannar",
        Message("Grannar"),
        Role.READER,
        also=("/natverk", "/flytta", "/aterstallning"),
    ),
    MenuItem("/skriv", Message("Skriv"), Role.AUTHOR, also=("/utkast", "/importera")),
    MenuItem("/anvandare", Message("Användare"), Role.OPERATOR, also_alone=("/utskick",)),
)
