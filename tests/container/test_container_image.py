"""The image: small, without anything to gain privilege with, and it says what is in it."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

from container_engine import IMAGE, ROOT, STAGE, Engine, pip_settings
from container_figures import SIZE_MB_MAX, Figures
from packaging.requirements import Requirement
from pip._internal.models.index import PyPI

from node.web.language import languages

SBOM = "/opt/tidan/sbom.cdx.json"
# Run in the image: every file that may be run with another's rights or written by anybody, every
# source without its compiled form, and the bill of materials.
LOOK = """
import importlib.util, json, os, pathlib, stat, sys
kernel = {"/proc", "/sys", "/dev"}
found = {"special": [], "writable": [], "bare": [], "programs": []}
for folder, folders, files in os.walk("/"):
    folders[:] = [name for name in folders if os.path.join(folder, name) not in kernel]
    for name in folders + files:
        path = os.path.join(folder, name)
        mode = os.lstat(path).st_mode
        if stat.S_ISLNK(mode):
            continue
        if mode & (stat.S_ISUID | stat.S_ISGID):
            found["special"].append(path)
        if mode & stat.S_IWOTH and path != "/tmp":
            found["writable"].append(path)
        if stat.S_ISREG(mode) and mode & 0o111 and ".so" not in name and not path.endswith(".py"):
            found["programs"].append(path)
        if path.endswith(".py") and not os.path.exists(importlib.util.cache_from_source(path)):
            found["bare"].append(path)
print(json.dumps(found))
"""


def test_it_is_small(engine: Engine, figures: Figures, tmp_path: Path) -> None:
    """The whole image is at most 200 MB, uncompressed, as it lies on a server's disk."""
    (found,) = json.loads(engine("image", "inspect", IMAGE))
    figures.size_bytes = found["Size"]
    figures.packed_bytes = compressed(engine, tmp_path)

    assert figures.size_bytes <= SIZE_MB_MAX * 1_000_000


def compressed(engine: Engine, folder: Path) -> int:
    """Bytes of the layers as a registry would keep them."""
    engine("push", "--quiet", "--compress", IMAGE, f"dir:{folder}/pushed")
    manifest = json.loads((folder / "pushed/manifest.json").read_text("utf-8"))
    return sum(layer["size"] for layer in manifest["layers"])


def test_it_asks_for_no_privilege(engine: Engine) -> None:
    """It runs as a user with a number alone, and its settings are those of the Dockerfile: nothing
    of the machine that built it has come along."""
    (found,) = json.loads(engine("image", "inspect", IMAGE))
    settings = found["Config"]
    names = {setting.partition("=")[0] for setting in settings["Env"]}

    assert settings["User"] == "10480:10480"
    assert settings["Entrypoint"] == ["tidan"]
    assert list(settings["Volumes"]) == ["/data"]
    assert names == {
        *("PATH", "LANG", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"),
        *("SSL_CERT_FILE", "TIDAN_DATA", "TIDAN_LOG_FORMAT"),
    }


def test_nothing_in_it_gives_privilege(engine: Engine) -> None:
    """No file is set-uid or writable by anybody, no shell is there, and all is compiled: nothing
    has to be at a start."""
    found = json.loads(looked(engine, IMAGE, LOOK))

    assert found["special"] == []
    assert found["writable"] == []
    assert found["bare"] == []
    outside = [path for path in found["programs"] if not path.startswith("/opt/tidan/bin/")]
    assert {Path(path).name.rstrip("0123456789.") for path in outside} <= {"python"}


def test_it_says_what_is_in_it(engine: Engine, figures: Figures) -> None:
    """The bill of materials names every pinned package in its version, the interpreter and the
    libraries of the base, and not where the builder's pip had them from."""
    text = looked(engine, IMAGE, f"print(open({SBOM!r}).read())")
    document = json.loads(text)
    parts = {part["name"]: part["version"] for part in document["components"]}
    figures.parts = len(parts)
    pinned = {name: version for name, version in locked().items() if name != "setuptools"}

    assert pinned.items() <= {canonical(name): v for name, v in parts.items()}.items()
    assert document["metadata"]["component"]["name"] == "tidan"
    assert "cpython" in parts
    assert "pip" not in parts
    assert "libc6" in parts
    assert not [host for host in index_hosts() if host in text]


def locked() -> dict[str, str]:
    """What requirements.lock pins for the Python of the image, by canonical name."""
    lines = (ROOT / "requirements.lock").read_text("utf-8").splitlines()
    wanted = [Requirement(line.removesuffix(" \\")) for line in lines if line[:1].isalnum()]
    here = [item for item in wanted if item.marker is None or item.marker.evaluate()]
    return {canonical(item.name): str(item.specifier).removeprefix("==") for item in here}


def canonical(name: str) -> str:
    """A distribution's name as indexes compare it."""
    return name.lower().replace("_", "-").replace(".", "-")


def index_hosts() -> set[str]:
    """Hosts that pip here asks instead of the public index."""
    words = " ".join(pip_settings().values()).split()
    return {host for word in words if (host := urlsplit(word).hostname)} - {PyPI.netloc}


def test_the_same_contents_give_the_same_bill(engine: Engine) -> None:
    """Written once more, the bill of materials is the same to the byte."""
    words = ("sbom.py", "/opt/tidan", "base-packages.json", "/tmp/again.json")
    again = (
        "import subprocess, sys\n"
        f"subprocess.run(['/opt/tools/bin/python', *{words!r}], check=True)\n"
        "print(open('/tmp/again.json').read())"
    )

    assert looked(engine, STAGE, again) == looked(engine, IMAGE, f"print(open({SBOM!r}).read())")


def test_each_language_of_the_pages_is_in_it(engine: Engine) -> None:
    """Dates and numbers can be written in every language that pages are served in."""
    program = "import sys, babel.dates, datetime\nfor name in sys.argv[1:]:\n"
    program += "    print(babel.dates.format_date(datetime.date(2026, 5, 1), 'MMMM', locale=name))"

    assert looked(engine, IMAGE, program, *languages()).split() == ["maj", "May"]


def looked(engine: Engine, image: str, program: str, *words: str) -> str:
    """What a Python program prints in an image, cut off from every network."""
    return engine(
        *("run", "--rm", "--no-healthcheck", "--network", "none", "--entrypoint", "python3"),
        *(image, "-c", program, *words),
    )
