"""Copy what Tidan needs of the base image to an empty root, and make the whole of it small.

    python3 docker/assemble.py /opt/tidan /image

Run in the build stage by the base's own Python. The image then has the interpreter, its library and
the shared objects that something in it loads, without shell, package manager or set-uid program
(docs/adr/0039). Everything is compiled here, since nothing can be written where it runs.
"""

from __future__ import annotations

import compileall
import ctypes
import json
import os
import platform
import py_compile
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
# Found by name while the program runs, so that no list of what is linked shows them.
LOADED_LATER = ("libgcc_s.so.1", "libresolv.so.2", "libnss_dns.so.2", "libnss_files.so.2")
# Parts of the standard library for developers, and for screens that are not there.
NOT_SERVED = (
    "test idlelib tkinter turtledemo ensurepip lib2to3 pydoc_data config-* site-packages"
    " dist-packages __pycache__ _tkinter*.so _test*.so xx*.so readline*.so _curses*.so *dbm*.so"
    " nis*.so"
).split()
SOURCES_OF_WHEELS = ("*.c", "*.h", "*.pyx", "*.pxd", "*.pyi", "*.a")
LOCALES = ("root", "sv", "en")  # the languages of the pages (node/web/language.py)
DATA_OWNER = 10480
PACKAGES_FILE = Path("base-packages.json")


def main(environment: Path, root: Path) -> None:
    """Make ``environment`` small, and ``root`` from what the base has."""
    packages = next(environment.glob("lib/python*/site-packages"))
    slim(packages)
    objects = sorted(packages.rglob("*.so"))
    strip(objects)
    merge_folders(root)
    program = Path(sys.executable)
    copy_interpreter(program, root)
    library = copy_library(Path(sysconfig.get_path("stdlib")), root)
    linked = libraries([program, *objects, *library.rglob("*.so")])
    linked = [path for path in linked if not path.is_relative_to(environment)]
    for path in linked:
        copy(path, root)
    surroundings(root)
    compile_sources(packages)
    compile_sources(library, built_in=root)
    PACKAGES_FILE.write_text(json.dumps(base_packages(linked)), "utf-8")


def slim(packages: Path) -> None:
    """Remove what only builds and tests of the dependencies use, and languages without pages."""
    for folder in [path for path in packages.rglob("tests") if path.is_dir()]:
        shutil.rmtree(folder)
    for pattern in SOURCES_OF_WHEELS:
        for path in packages.rglob(pattern):
            path.unlink()
    for path in packages.glob("babel/locale-data/*.dat"):
        if path.stem.split("_")[0] not in LOCALES:
            path.unlink()


def strip(objects: Iterable[Path]) -> None:
    """Remove debug symbols, in some wheels most of the file; each must still load afterwards."""
    subprocess.run(["strip", "--strip-unneeded", *map(str, objects)], check=True)
    for path in objects:
        ctypes.CDLL(str(path), mode=os.RTLD_NOW)


def merge_folders(root: Path) -> None:
    """The same links from /lib and its like to /usr as the base has, so that paths stay valid."""
    for name in ("bin", "lib", "lib64"):
        if (link := Path("/") / name).is_symlink():
            target = root / link.readlink().as_posix().lstrip("/")
            target.mkdir(parents=True, exist_ok=True)
            (root / name).symlink_to(link.readlink())


def copy_interpreter(program: Path, root: Path) -> None:
    """The program under each of the names that lead to it."""
    while program.is_symlink():
        link = below(root, program)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(program.readlink())
        program = program.parent / program.readlink()
    copy(program, root)


def copy_library(library: Path, root: Path) -> Path:
    """The standard library, and where it is now."""
    target = below(root, library)
    shutil.copytree(
        library,
        target,
        ignore=shutil.ignore_patterns(*NOT_SERVED),
        ignore_dangling_symlinks=True,
    )
    return target


def libraries(programs: Iterable[Path]) -> list[Path]:
    """The base's shared objects that these load, the loader itself included."""
    asked = said("ldd", *map(str, programs))
    if missing := re.findall(r"(\S+) => not found", asked):
        sys.exit(f"The base image lacks {', '.join(sorted(set(missing)))}.")
    found = {Path(path) for path in re.findall(r"(/\S+) \(0x", asked)}
    places = {path.parent for path in found if path.name.startswith("libc.so")}
    found |= {place / name for place in places for name in LOADED_LATER}
    return sorted(path for path in found if path.exists())


def surroundings(root: Path) -> None:
    """What the C library and TLS read, and the folders that are written to."""
    if not CERTIFICATES.exists():
        sys.exit("The base image has no authorities' certificates; install ca-certificates.")
    for path in (CERTIFICATES, Path("/etc/ld.so.cache"), Path("/etc/os-release")):
        copy(path, root)
    # Without it names are asked of the network first, also those in /etc/hosts.
    (root / "etc/nsswitch.conf").write_text("hosts: files dns\n", "utf-8")
    (root / "tmp").mkdir(mode=0o1777)
    (root / "tmp").chmod(0o1777)
    # The volume belongs to the image's user from the start.
    (root / "data").mkdir(mode=0o700)
    os.chown(root / "data", DATA_OWNER, DATA_OWNER)


def compile_sources(folder: Path, *, built_in: Path | None = None) -> None:
    """Compile all below; valid by content and not by time, so that two builds give equal bytes."""
    compileall.compile_dir(
        folder,
        quiet=1,
        workers=0,
        force=True,
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        stripdir=built_in and str(built_in),
        prependdir=built_in and "/",
    )


def base_packages(linked: Iterable[Path]) -> list[dict[str, str]]:
    """The interpreter, and where there is dpkg the packages that the shared objects come from."""
    found = {("interpreter", "cpython", platform.python_version())}
    if shutil.which("dpkg-query"):
        distribution = platform.freedesktop_os_release()["ID"]
        for path in linked:
            for package in owners(path):
                version = said("dpkg-query", "--show", "--showformat", "${Version}", package)
                found.add((f"deb/{distribution}", package.partition(":")[0], version))
    return [dict(zip(("kind", "name", "version"), row, strict=True)) for row in sorted(found)]


def owners(path: Path) -> set[str]:
    """The Debian packages that say this file is theirs, under whichever of its folders' names."""
    lines = said("dpkg-query", "--search", f"*/{path.name}").splitlines()
    rows = (line.partition(": ") for line in lines)
    return {name for name, _, file in rows if Path(file).resolve() == path.resolve()}


def said(*command: str) -> str:
    """What a program that must succeed prints."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def copy(path: Path, root: Path) -> None:
    """One file, links followed, to the same place below ``root``."""
    target = below(root, path)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(path, target)


def below(root: Path, path: Path) -> Path:
    """Where a path of the base lies in the new root, folders' links resolved."""
    return root / (path.parent.resolve() / path.name).relative_to("/")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
