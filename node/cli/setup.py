"""`tidan init`: a new node, its recovery sheet, and what to do next."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from node.cli.command import Console, TidanCommand, pass_console
from node.cli.paper import sheet_file, sheet_lines
from node.config import SETTINGS_FILE_NAME, Settings, bracketed, write_settings_file
from node.errors import ArgumentError
from node.municipal import municipalities
from node.origins import host_here
from node.process.initialise import Created, create_node


@click.command(
    cls=TidanCommand,
    examples=[
        "tidan --data /srv/tidan init --code 1497 --port 8480",
        'tidan init --name "Hjo kommun" --code 1497 --recovery-sheet /media/usb/hjo.html',
    ],
)
@click.option("--code", required=True, metavar="NNNN", help="The municipality's kommunkod.")
@click.option("--name", help="Its name; else the official name that belongs to the code.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to serve on; 8480 if not given.")
@click.option("--host", help="Address to listen on; 127.0.0.1 if not given.")
@click.option("--public-url", metavar="URL", help="Address at which neighbours reach the node.")
@click.option(
    "--recovery-sheet",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the recovery sheet to a new file (mode 0600) instead of showing it: a page to"
    " print with a QR code when its name ends in .html, else text.",
)
@pass_console
def init(
    console: Console,
    code: str,
    name: str | None,
    port: int | None,
    host: str | None,
    public_url: str | None,
    recovery_sheet: Path | None,
) -> None:
    """Make a node: signing key, first entry of the log, recovery sheet.

    The recovery sheet holds the next key. It is shown once and never kept on the node: print it and
    lock it away.
    """
    given = {"port": port, "host": host, "public_url": public_url}
    settings = console.settings(**given)
    name = _fitting_name(code, name) if name else _official_name(code)
    with sheet_file(recovery_sheet, settings.data) as file:
        created = asyncio.run(create_node(settings, code=code, name=name))
        if file is not None and recovery_sheet is not None:
            file.write(created.sheet.for_file(recovery_sheet))
    values = {key: value for key, value in given.items() if value is not None}
    document = {
        "log": created.log,
        "fingerprint": created.fingerprint,
        "code": created.code,
        "name": created.name,
        "recovery_key": None if recovery_sheet else " ".join(created.sheet.key.split()),
        "recovery_sheet": None if recovery_sheet else created.sheet.text(),
        "data": str(settings.data),
        "port": settings.port,
    }
    if recovery_sheet is not None:
        document["recovery_sheet_file"] = str(recovery_sheet)
    console.show(document, _report(settings, created, recovery_sheet))
    # Only now: the recovery key has been handed over, whatever becomes of the settings.
    if not _write_settings(settings, values) and values:
        click.echo(f"Kept {SETTINGS_FILE_NAME} as it was; add there: {values}", err=True)


def _official_name(code: str) -> str:
    municipality = municipalities.by_code(code)
    if municipality is None:
        raise ArgumentError(f"No municipality has the code {code}; give its name with --name.")
    return municipality.official_name


def _fitting_name(code: str, name: str) -> str:
    """The name, unless it is another municipality's: the first entry can never be changed."""
    for other in municipalities.all_municipalities():
        if name in (other.name, other.official_name) and other.code != code:
            raise ArgumentError(f"{other.official_name} has the code {other.code}, not {code}.")
    return name


def _write_settings(settings: Settings, values: dict[str, str | int]) -> bool:
    try:
        write_settings_file(settings.data, {"port": settings.port} | values)
    except FileExistsError:
        return False
    return True


def _report(settings: Settings, created: Created, sheet_path: Path | None) -> list[str]:
    data = settings.data
    address = f"http://{bracketed(host_here(settings.host))}:{settings.port}"
    return [
        f"Made a node for {created.name} ({created.code}) in {data}.",
        f"  Log          {created.log}",
        f"  Fingerprint  {created.fingerprint}",
        "",
        *sheet_lines(created.sheet, sheet_path),
        "",
        "What comes next:",
        "  1. Lock the recovery sheet away. It is not kept here. Try it: tidan key rehearse",
        f"  2. tidan --data {data} serve",
        f"     It prints a link: open it to become the first operator. The pages: {address}",
        f"  3. tidan --data {data} peer invite WHOM   (or join LINK)",
        "     Compare fingerprints by telephone before you join or approve.",
        f"  4. tidan --data {data} publish FILE.md",
        "     or write on the page.",
    ]
