"""`make browser`: the pages of customers and agents in a real browser, the system's Chromium.

Chromium comes from the system, because its packages bring security fixes and all that it needs;
the tests bring what drives it. Without a Chromium the check fails and says how to install one. With
--optional it installs Chromium on Debian, if it may, or else is recorded as not done.
"""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence

from infra.checking import not_checked
from infra.paths import ROOT

NAMES = ("chromium", "chromium-browser", "google-chrome")
"""The commands by which systems know Chromium; the first that is there is used."""

HOW = (
    "there is no Chromium on this machine. Install one (Debian: `sudo apt-get install chromium`, "
    "Fedora: `sudo dnf install chromium`), or set CHROMIUM to the path of one."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the tests in the browser; return their exit status, or 2 if there is no browser."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--optional", action="store_true", help="where there is none, install one or say so"
    )
    options, tests = parser.parse_known_args(arguments)
    browser = found(os.environ)
    if not browser and options.optional and installed():
        browser = found(os.environ)
    if not browser:
        return missing(os.environ, optional=options.optional)
    command = [sys.executable, "-m", "pytest", "-m", "browser", *(tests or ["tests/browser"])]
    environment = os.environ | {"CHROMIUM": browser}
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def found(environment: Mapping[str, str]) -> str | None:
    """Return the path of the Chromium to use, or None; CHROMIUM in the environment names one."""
    named = environment.get("CHROMIUM")
    path = environment.get("PATH", os.defpath)
    names = [named] if named else NAMES
    return next(filter(None, (shutil.which(each, path=path) for each in names)), None)


def missing(environment: Mapping[str, str], *, optional: bool) -> int:
    """Say that there is no browser and what to do; return the exit status."""
    named = environment.get("CHROMIUM")
    why = f"CHROMIUM is {named!r}, which is no program" if named else HOW
    if optional:
        not_checked.record("the pages in a real browser (make browser)", why)
        return 0
    print(f"make browser: {why}", file=sys.stderr)
    return 2


def installed() -> bool:
    """Install Chromium from Debian's packages; tell whether that was possible."""
    apt = shutil.which("apt-get")
    if not apt or os.geteuid() != 0:
        return False
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    commands = (["update", "--quiet"], ["install", "-y", "--no-install-recommends", "chromium"])
    return all(
        subprocess.run([apt, *words], env=environment, check=False).returncode == 0
        for words in commands
    )


if __name__ == "__main__":
    sys.exit(main())
