"""Everything that whoever looks after a node can ask of it: alerts, the audit, decisions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from web_site import Site

if TYPE_CHECKING:
    from whole_use import Visitor


async def look_after(visitor: Visitor, site: Site) -> None:
    """Look at what needs a person and at who has done what, and decide by a file."""
    for path in ("/atgarda", "/.well-known/tidan"):
        await visitor.get(path)
    await visitor.post("/atgarda")
    await visitor.post("/konto/larm", ("brev", "ja"))
    await visitor.ask("examine")
    await _decide_by_file(visitor, site)
    events = "/anvandare/handelser"
    for query in ("", "?fore=9", "?fore=9&om=hjo&vem=admin", ".csv?till=2030-01-01", ".jsonl"):
        await visitor.get(events + query)
    await visitor.ask("audit_lines", what="member member", text="exempel", since="2026-01-01")


async def _decide_by_file(visitor: Visitor, site: Site) -> None:
    """Decisions as a file: out, looked at, and carried out."""
    for path in ("/grannar/beslut", "/grannar/beslut.csv"):
        await visitor.get(path)
    text = f"id,beslut,skäl\n{'ab' * 32},blockerad,Exempel\n"
    looked = await site.upload("/grannar/beslut", {}, ("beslut.csv", text.encode()))
    assert looked.status == 200, looked.text[:500]
    visitor.asked.add("POST /grannar/beslut")
    hidden = re.findall(r'name="(fil|sigill)" value="([^"]+)"', looked.text)
    await visitor.post("/grannar/beslut/genomfor", *hidden)
    await visitor.ask("decisions")
    await visitor.ask("import_decisions", text=text)
