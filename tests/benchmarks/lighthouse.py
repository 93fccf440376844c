"""`make lighthouse`: Lighthouse's marks for what staff open most, on a node with much in it.

Lighthouse loads each page in Chromium as on a slow telephone (its own default: four times slower a
processor, and a mobile line) and marks it out of 100. Somebody is signed in, so that pages have all
there is. Marks of performance move with the machine; what lowers them is printed below the table.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, CookieJar
from yarl import URL

from tests.benchmarks.databases import Databases
from tests.benchmarks.figures import Figure, Target, described, machine_line, table, write
from tests.benchmarks.foreign_logs import OWN_CODE
from tests.benchmarks.pages import Pages
from tests.benchmarks.processes import ROOT, node_process

LIGHTHOUSE = ROOT / ".lighthouse" / "node_modules" / "lighthouse" / "cli" / "index.js"
CHROME_FLAGS = "--headless=new --no-sandbox --disable-gpu"
PASSED = 0.9
RECORDS = 100_000
HELD_TO = {
    "performance": Target(95, at_least=True, entries=RECORDS),
    "accessibility": Target(100, at_least=True, entries=RECORDS),
    "best-practices": Target(100, at_least=True, entries=RECORDS),
}
SEARCH = "/erfarenheter?q=larm"


def arguments() -> argparse.Namespace:
    """Sizes; every default is what the project's figures are stated for."""
    parser = argparse.ArgumentParser(prog="make lighthouse ARGS=…", description=__doc__)
    parser.add_argument("--records", type=int, default=RECORDS, help="records in the node")
    parser.add_argument("--logs", type=int, default=290, help="municipalities that wrote them")
    parser.add_argument("--size-bytes", type=int, default=1_000, help="content of each record")
    parser.add_argument("--rounds", type=int, default=3, help="marks of each page")
    parser.add_argument("--quick", action="store_true", help="few records, to see that it works")
    parser.add_argument("--folder", type=Path, help="where the data lies; decides which disk")
    parser.add_argument("--output", type=Path, default=Path("bench-results"))
    options = parser.parse_args()
    if options.quick:
        options.records, options.logs, options.rounds = 2_000, 20, 1
    return options


async def judge(url: str, cookie: str) -> dict[str, Any]:
    """One report of one page."""
    chromium = shutil.which("chromium")
    if chromium is None:
        raise SystemExit("Chromium is not installed; install the package chromium")
    process = await asyncio.create_subprocess_exec(
        *("node", str(LIGHTHOUSE), url, "--quiet", "--output=json", "--output-path=stdout"),
        f"--only-categories={','.join(HELD_TO)}",
        f"--chrome-flags={CHROME_FLAGS}",
        f"--extra-headers={json.dumps({'Cookie': cookie})}",
        env=os.environ | {"CHROME_PATH": chromium},
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"Lighthouse ended with {process.returncode} for {url}")
    report: dict[str, Any] = json.loads(output)
    if "runtimeError" in report:
        raise RuntimeError(report["runtimeError"]["message"])
    return report


def lowered(report: dict[str, Any]) -> set[str]:
    """What lowered a mark, in Lighthouse's words."""
    weighed = {
        reference["id"]
        for category in report["categories"].values()
        for reference in category["auditRefs"]
        if reference["weight"]
    }
    found = (report["audits"][name] for name in weighed)
    return {
        f"{audit['title']}: {audit.get('displayValue', 'not passed')}"
        for audit in found
        if audit["score"] is not None and audit["score"] < PASSED
    }


async def collect(options: argparse.Namespace, folder: Path) -> tuple[list[Figure], set[str]]:
    """Marks of every page, and what lowered them."""
    filled = Pages(Databases("SQLite"), options.logs, options.records, options.size_bytes, 1, 1)
    marks: dict[tuple[str, str], list[float]] = defaultdict(list)
    causes: set[str] = set()
    async with (
        node_process(folder, "", code=OWN_CODE) as node,
        ClientSession(node.url, cookie_jar=CookieJar(unsafe=True)) as client,
    ):
        signed_in = await node.ask("sign_in", name="benchmark")
        client.cookie_jar.update_cookies({signed_in["name"]: signed_in["token"]}, URL(node.url))
        paths = await filled.fill(node, client)
        shown = {"start": "/", "search": SEARCH, "record": paths["record"], "form": "/skriv"}
        for _ in range(options.rounds):
            for name, path in shown.items():
                print(f"{name} …", flush=True)
                cookie = f"{signed_in['name']}={signed_in['token']}"
                report = await judge(node.url + path, cookie)
                causes |= {f"{name}: {cause}" for cause in lowered(report)}
                for category in HELD_TO:
                    score = report["categories"][category]["score"]
                    marks[name, category].append(score * 100)
    setting = f"{options.records} records of {options.logs} logs"
    figures = [
        Figure(
            f"{name}, {category}",
            setting,
            "of 100",
            tuple(runs),
            target=HELD_TO[category],
            entries=options.records,
        )
        for (name, category), runs in marks.items()
    ]
    return figures, causes


def main() -> None:
    """Measure, print, write."""
    options = arguments()
    with tempfile.TemporaryDirectory(prefix="tidan-lighthouse-", dir=options.folder) as folder:
        figures, causes = asyncio.run(collect(options, Path(folder)))
    lines = sorted(causes) or ["Nothing lowered a mark."]
    results = {"figures": [described(figure) for figure in figures], "lowered": lines}
    path = write(options.output, "lighthouse", vars(options), results)
    print("\n".join((f"\n{machine_line()}\n", table(figures), "", *lines, f"\nWritten to {path}")))


if __name__ == "__main__":
    main()
