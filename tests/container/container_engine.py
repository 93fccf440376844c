"""podman with storage and networks of its own, and the images that are built with it.

The base image is Debian as this machine has it, by mmdebstrap, unless `BASE_IMAGE` names another.
pip inside asks what pip here asks: its settings are mounted while the image is built, not copied.
"""

from __future__ import annotations

import ast
import configparser
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STORE = ROOT / ".container"
IMAGE = "localhost/tidan"
STAGE = "localhost/tidan-build"
BASE = "localhost/tidan-base"
PROGRAMS = ("podman", "buildah", "runc", "iptables", "mmdebstrap")
BASE_PACKAGES = ("python3", "python3-venv", "ca-certificates", "binutils")
PIP_SETTINGS = ("-url", "-host", "-links", "proxy", "cert", "timeout")
"""How the names of pip's settings end that say where packages are and how to get there."""
SECONDS_MAX = 600


class Engine:
    """All that podman is asked; ``folder`` holds images, containers and networks."""

    def __init__(self, folder: Path) -> None:
        lacking = [name for name in PROGRAMS if shutil.which(name) is None]
        if lacking or os.geteuid() != 0:
            message = f"Building and running containers needs root and {', '.join(PROGRAMS)}"
            raise RuntimeError(f"{message}; missing: {', '.join(lacking) or 'root'}.")
        self.folder = folder
        self.options = [
            *("--root", f"{folder}/storage", "--runroot", f"{folder}/run"),
            *("--tmpdir", f"{folder}/tmp", "--network-config-dir", f"{folder}/networks"),
        ]
        self.environment = os.environ | {
            "CONTAINERS_CONF": str(Path(__file__).resolve().with_name("containers.conf")),
            "BUILDAH_ISOLATION": "chroot",
            "TMPDIR": f"{folder}/scratch",  # programs and devices may lie there
        }
        for name in ("storage", "run", "tmp", "networks", "scratch"):
            (folder / name).mkdir(parents=True, exist_ok=True)

    def __call__(self, *words: str, given: str | None = None) -> str:
        """What a podman command that must succeed prints; ``given`` is its standard input."""
        done = self.attempt(*words, given=given)
        assert done.returncode == 0, f"podman {' '.join(words)}\n{done.stdout}{done.stderr}"
        return done.stdout.strip()

    def attempt(self, *words: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run a podman command, whatever comes of it."""
        return subprocess.run(
            ["podman", *self.options, *words],
            check=False,
            capture_output=True,
            text=True,
            input=given,
            stdin=subprocess.DEVNULL if given is None else None,
            env=self.environment,
            timeout=SECONDS_MAX,
        )

    def end(self) -> None:
        """Remove all containers, volumes and networks; images stay for the next time."""
        self("rm", "--all", "--force", "--time", "0")
        self("volume", "prune", "--force")
        self("network", "prune", "--force")

    def build(self) -> None:
        """Build docker/Dockerfile, and keep its first stage as well: it writes the contents."""
        base = os.environ.get("BASE_IMAGE") or self.debian()
        with tempfile.TemporaryDirectory() as folder:
            options = [
                *("--network", "host", "--format", "docker", "--build-arg", f"BASE_IMAGE={base}"),
                *pip_mounts(Path(folder)),
                *("--file", str(ROOT / "docker/Dockerfile")),
            ]
            self("build", *options, "--target", "build", "--tag", STAGE, str(ROOT))
            self("build", *options, "--tag", IMAGE, str(ROOT))

    def debian(self) -> str:
        """The name of a base image with the Debian that this machine runs."""
        if self.attempt("image", "exists", BASE).returncode != 0:
            with tempfile.TemporaryDirectory() as folder:
                release = platform.freedesktop_os_release()["VERSION_CODENAME"]
                include = f"--include={','.join(BASE_PACKAGES)}"
                command = ["mmdebstrap", "--variant=essential", include, release]
                file = f"{folder}/base.tar"
                heard(*command, file, *mirror(release), environment=self.environment)
                self("import", file, BASE)
        return BASE


def mirror(release: str) -> list[str]:
    """Where this machine has its Debian packages from, as mmdebstrap wants it."""
    shape = ("--format", "$(REPO_URI)", "Created-By: Packages", f"Codename: {release}")
    return heard("apt-get", "indextargets", *shape).split()[:1]


def pip_settings() -> dict[str, str]:
    """What pip here is told about where packages are and how to get there; the environment wins."""
    found = {}
    for line in heard(sys.executable, "-m", "pip", "config", "list").splitlines():
        name, _, value = line.partition("=")
        if (name := name.rpartition(".")[2]).endswith(PIP_SETTINGS):
            found[name] = ast.literal_eval(value)
    return found


def pip_mounts(folder: Path) -> list[str]:
    """Options that put pip's settings here, and the files they name, where pip inside looks."""
    settings, mounts = pip_settings(), []
    for name, value in settings.items():
        words = value.split()
        for number, word in enumerate(words):
            if word.startswith("/") and Path(word).exists():
                words[number] = f"/mnt/pip/{len(mounts)}"
                mounts.append(f"{word}:{words[number]}:ro")
        settings[name] = "\n".join(words)
    parser = configparser.RawConfigParser()
    parser["global"] = settings
    with (folder / "pip.conf").open("w", encoding="utf-8") as file:
        parser.write(file)
    mounts.append(f"{folder}/pip.conf:/etc/pip.conf:ro")
    return [word for mount in mounts for word in ("--volume", mount)]


def heard(*command: str, environment: Mapping[str, str] | None = None) -> str:
    """What a program that must succeed prints."""
    done = subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        env=environment,
        timeout=SECONDS_MAX,
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
    return done.stdout


if __name__ == "__main__":
    Engine(STORE).build()
