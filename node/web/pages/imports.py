"""Imports: files are brought, looked through, and become drafts. Nothing is published here.

Each step is a form of its own and ends in a redirect, so that a reload repeats nothing. An import's
page always shows how things stand: what is a draft already is not offered again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from aiohttp import web

from node.importers.csv_columns import LEFT_OUT, VALUES, WORDS, Columns
from node.importers.csv_table import SEPARATORS, TABLE_BYTES_MAX, Table
from node.importers.result import BrokenFileError
from node.importers.texts import ENCODINGS, FILE_BYTES_MAX
from node.municipal import taxonomy
from node.operations.draft_importing import TABLE, columns_of, format_of, table_of
from node.web.import_view import column_rows, draft_values, view_of
from node.web.import_words import SEPARATOR_WORDS, TARGETS, said
from node.web.message import Message
from node.web.posted import INVALID, Posted, read_posted
from node.web.render import RENDERER
from node.web.site import NODE, see_other
from node.web.uploads import WAITING, Waiting
from node.web.visitors import user_of
from storage.errors import TooManyImportsError
from storage.import_store import Import, ImportFile

FILES_FIELD = "fil"
NAME_CHARS_MAX = 200
NONE_CHOSEN = Message("Välj en fil först")
UNKNOWN_KIND = Message(
    "%(name)s går inte att importera. Välj CSV (.csv), Markdown (.md) eller publiccode.yml (.yml)"
)
TOO_LARGE = Message("%(name)s är för stor. Dela den i flera")
TABLE_ALONE = Message("Välj en CSV-fil åt gången, och inga andra filer samtidigt")
TOO_MANY = Message("Det får plats tio påbörjade importer. Kasta någon som är klar först")
NOTHING_CHOSEN = Message("Kryssa i minst en rad först")
LOOK_AGAIN = Message("Kolumnerna är ändrade. Se efter att det blev rätt, och gör sedan utkasten")


async def imports_page(request: web.Request) -> web.Response:
    """GET /importera"""
    return await _begin_page(request)


async def begin(request: web.Request) -> web.Response:
    """POST /importera: keep what was chosen and lead to its page."""
    await read_posted(request)
    node, user = request.app[NODE], user_of(request)
    files = request.get(WAITING, [])
    error = _refusal(files)
    if error is not None:
        return await _begin_page(request, error)
    kept = [
        ImportFile(_name(file), await asyncio.to_thread(file.growing.path.read_bytes))
        for file in files
    ]
    try:
        import_id = await node.imports.begin(user, kept)
    except TooManyImportsError:
        return await _begin_page(request, TOO_MANY)
    raise see_other(f"/importera/{import_id.hex()}")


async def import_page(request: web.Request) -> web.Response:
    """GET /importera/{import}: the columns, what each row or file becomes, what is wrong."""
    return await _show(request, await _found(request))


async def step(request: web.Request) -> web.Response:
    """POST /importera/{import}: take over the columns, or make drafts of what is ticked."""
    found, posted = await _found(request), await read_posted(request)
    node, user = request.app[NODE], user_of(request)
    address = f"/importera/{found.import_id.hex()}"
    wants_drafts = posted.get("steg") == "utkast"
    table = _table(found)
    if table is not None:
        columns = _posted_columns(posted, table, columns_of(found))
        is_changed = columns.as_plain() != _whole(columns_of(found), table).as_plain()
        await node.imports.set_columns(found, columns)
        if not wants_drafts:
            raise see_other(f"{address}#forhandsvisning")
        if is_changed:
            return await _show(request, await _found(request), LOOK_AGAIN)
    chosen = frozenset(_digests(posted))
    if not chosen:
        return await _show(request, found, NOTHING_CHOSEN)
    made = await node.imports.make_drafts(user, found, chosen, draft_values)
    receipt = "importerat-fullt" if made.is_full else "importerat"
    raise see_other(f"{address}?klart={receipt}")


async def throw_away(request: web.Request) -> web.Response:
    """POST /importera/{import}/kasta"""
    await request.app[NODE].imports.throw_away(user_of(request), _import_id(request))
    raise see_other("/importera?klart=import-kastad")


async def _begin_page(request: web.Request, error: Message | None = None) -> web.Response:
    node, user = request.app[NODE], user_of(request)
    return request.app[RENDERER].page(
        request,
        "imports.html",
        status=INVALID if error else 200,
        error=error,
        begun=await node.imports.of_user(user),
    )


async def _show(request: web.Request, found: Import, error: Message | None = None) -> web.Response:
    node = request.app[NODE]
    columns, table = columns_of(found), _table(found)
    plans = await node.imports.plans(found)
    return request.app[RENDERER].page(
        request,
        "import.html",
        status=INVALID if error else 200,
        error=error,
        found=found,
        import_id=found.import_id.hex(),
        columns=column_rows(table, columns) if table else [],
        mistakes=[said(note) for note in columns.problems(table.headings)] if table else [],
        values=columns.values,
        encoding=table.encoding if table else "",
        separator=table.separator if table else "",
        encodings=list(ENCODINGS),
        separators=SEPARATOR_WORDS,
        targets=TARGETS,
        areas=taxonomy.areas(),
        view=view_of(plans),
    )


def _refusal(files: list[Waiting]) -> Message | None:
    """Why the chosen files cannot be looked through; None when they can."""
    if not files:
        return NONE_CHOSEN
    kinds = [format_of(file.given_name) for file in files]
    for file, kind in zip(files, kinds, strict=True):
        most = TABLE_BYTES_MAX if kind == TABLE else FILE_BYTES_MAX
        if not kind:
            return Message(UNKNOWN_KIND.template, name=_name(file))
        if file.problem or file.growing.size_bytes > most:
            return Message(TOO_LARGE.template, name=_name(file))
    return TABLE_ALONE if TABLE in kinds and len(kinds) > 1 else None


def _name(file: Waiting) -> str:
    """The name of a file, without folders and what cannot be shown."""
    name = file.given_name.replace("\\", "/").rpartition("/")[2]
    return "".join(sign for sign in name if sign.isprintable())[-NAME_CHARS_MAX:]


def _import_id(request: web.Request) -> bytes:
    return bytes.fromhex(request.match_info["import"])


async def _found(request: web.Request) -> Import:
    found = await request.app[NODE].imports.open(user_of(request), _import_id(request))
    if found is None:
        raise web.HTTPNotFound
    return found


def _table(found: Import) -> Table | None:
    """The table of an import; None when it has none or it cannot be read, which its plan says."""
    try:
        return table_of(found)
    except BrokenFileError:
        return None


def _whole(columns: Columns, table: Table) -> Columns:
    """A mapping with everything that was guessed written out, as the page's form sends it."""
    values = {name: value for name, value in columns.values.items() if value}
    return Columns(columns.of(table.headings), values, table.encoding, table.separator)


def _posted_columns(posted: Posted, table: Table, before: Columns) -> Columns:
    """The mapping that a form holds. Read another way the table has other headings: guess anew."""
    encoding, separator = str(posted.get("kodning", "")), str(posted.get("skiljetecken", ""))
    encoding = encoding if encoding in ENCODINGS else table.encoding
    separator = separator if separator in SEPARATORS else table.separator
    values = _posted_values(posted)
    if (encoding, separator) != (table.encoding, table.separator):
        return Columns({}, values, encoding, separator)
    known = _whole(before, table).fields
    fields = {}
    for number, heading in enumerate(table.headings, 1):
        wanted = str(posted.get(f"kolumn-{number}", known[heading]))
        fields[heading] = wanted if wanted in WORDS else LEFT_OUT
    return Columns(fields, values, encoding, separator)


def _posted_values(posted: Mapping[str, object]) -> dict[str, str]:
    given = {name: " ".join(str(posted.get(f"alla-{name}", "")).split()) for name in VALUES}
    return {name: value[:NAME_CHARS_MAX] for name, value in given.items() if value}


def _digests(posted: Posted) -> list[bytes]:
    """The things that are ticked."""
    found = []
    for value in posted.getall("ta-med", []):
        text = str(value)
        if len(text) == 64 and not text.strip("0123456789abcdef"):
            found.append(bytes.fromhex(text))
    return found
