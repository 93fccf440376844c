"""Everything that can be asked of a node about moving, leaving and going on for others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from factories import LogMaker
from protocol.content import Address
from protocol.identity import SigningKey, next_key_digest
from web_site import Site, write

if TYPE_CHECKING:
    from whole_use import Visitor


async def go_one_s_ways(visitor: Visitor, site: Site, seed: bytes) -> None:
    """Move, go on for another, leave, and come back with the key on paper, which is `seed`."""
    skara = LogMaker(5, code="1495", name="Skara kommun")
    write(skara, "address", Address(url="http://127.0.0.1:9"))
    await site.receive(skara)
    log = skara.log.hex()
    await visitor.ask("add_neighbour", log=log, url="http://127.0.0.1:8")
    await visitor.post(f"/grannar/{log}/adress", ("adress", "http://fel.exempel.se"))
    await visitor.ask("use_new_address", log=log, url="http://127.0.0.1:9")
    await visitor.ask("remove_neighbour", log=log)
    for path in ("/flytta", "/flytta/lamna"):
        await visitor.get(path)
    await visitor.post("/flytta", ("adress", ""))
    await visitor.ask("publish_address", url=site.served.url)
    await visitor.post("/flytta/namn", ("namn", "Tidaholms stad"), ("skal", "Exempel"))
    await visitor.ask("rename", name="Tidaholms kommun", reason="Exempel")
    await visitor.post("/flytta/fortsatt", ("kommun", log))
    await visitor.ask("stop_continuing", log=log, reason="Exempel")
    await visitor.ask("continue_log", log=log)
    await visitor.post(f"/flytta/fortsatt/{log}/ta-tillbaka", ("skal", "Exempel"))
    await visitor.post("/flytta/lamna", ("skal", "Exempel"), status=422)
    await visitor.ask("leave", reason="Exempel", successor=log)
    await visitor.ask("lifecycle")
    for path in ("/flytta", "/kommuner/1498", "/kommuner"):
        await visitor.get(path)
    following = next_key_digest(SigningKey(bytes(32)).public_key).hex()
    await visitor.ask("rotate_key", seed=seed.hex(), next_digest=following)
