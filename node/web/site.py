"""What pages share about the site itself: whose node it is, and what day it is."""

from __future__ import annotations

from aiohttp import web

from node.municipal import municipalities
from node.municipal.signed_names import signed_name
from node.operations.node import Node
from node.web.message import Message
from node.web.swedish import possessive, short_date

NODE = web.AppKey("node", Node)


class OwnMunicipality:
    """The municipality whose node this is; read from the log's first entry once that is here."""

    def __init__(self, log: bytes) -> None:
        self.log = log
        self.code = ""
        self._first_name: str = Message("okänd kommun")

    async def learn(self, node: Node) -> None:
        """Read code and name unless they are known; a node that lost its log learns them later."""
        if self.code:
            return
        row = await node.log_store.log(self.log)
        if row is not None and row.code:
            self.code = row.code
            self._first_name = row.name

    @property
    def name(self) -> str:
        """The name in short."""
        return short_name(self.code, self._first_name)

    @property
    def official_name(self) -> str:
        """The name with "kommun", as it signs."""
        return official_name(self.code, self.name)


OWN = web.AppKey("own_municipality", OwnMunicipality)


def today(request: web.Request) -> str:
    """Today in Sweden, YYYY-MM-DD."""
    return short_date(request.app[NODE].clock.time_ms())


def whole_address(request: web.Request, path: str) -> str:
    """A path of ours as others can follow it."""
    origin = request.app[NODE].settings.public_url or f"{request.scheme}://{request.host}"
    return f"{origin}{path}"


def official_name(code: str, name: str) -> str:
    """The name that the municipality has signed; else "Tidaholms kommun" for a known kommunkod, and
    for another the name the log gave."""
    if (signed := signed_name(code)) is not None:
        return signed.official
    known = municipalities.by_code(code)
    if known:
        return known.official_name
    return name if "kommun" in name.lower() else f"{possessive(name)} kommun"


def short_name(code: str, name: str) -> str:
    """The same without "kommun": "Tidaholm"; what is no usual name stays whole."""
    if (signed := signed_name(code)) is not None:
        return signed.short
    known = municipalities.by_code(code)
    return known.name if known else name


def read_id(text: str) -> bytes:
    """An id from an address. Raises 404 for anything but 64 lower-case hexadecimal digits."""
    if len(text) != 64 or text.strip("0123456789abcdef"):
        raise web.HTTPNotFound
    return bytes.fromhex(text)


def see_other(address: str) -> web.HTTPSeeOther:
    """Redirect after an act, so that a reload repeats nothing."""
    return web.HTTPSeeOther(address)
