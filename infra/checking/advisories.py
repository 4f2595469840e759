"""`make advisories`: whether a locked package is known to be vulnerable, as PyPI's advisories say.

pip-audit calls a package clean if its source does not know the package. So the check first asks the
source about a release that is known to be vulnerable. If the source does not know that, the check
is recorded as not done; with --strict (`STRICT=1 make advisories`) it fails.
"""

import argparse
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence

from infra.checking import not_checked
from infra.paths import BUILD, ROOT

PIP_AUDIT = "pip-audit==2.10.1"  # in its own environment: its pins must not affect the product
KNOWN = "https://pypi.org/pypi/requests/2.19.0/json"
"""A release that CVE-2018-18074 is about."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask about every package of the lock, those for development too; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--strict", action="store_true", help="fail where nothing can be asked")
    options = parser.parse_args(arguments)
    if why := silent():
        not_checked.record("known vulnerabilities of the locked packages", why)
        return 1 if options.strict else 0
    uv = os.environ.get("UV", "uv")
    pinned = BUILD / "locked.txt"
    pinned.parent.mkdir(exist_ok=True)
    export = [uv, "export", "--frozen", "--quiet", "--no-emit-project"]
    export += ["--all-groups", "--output-file", str(pinned)]
    subprocess.run(export, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    audit = [uv, "tool", "run", "--quiet", "--python", sys.executable]
    audit += ["--exclude-newer", "2026-11-21", PIP_AUDIT, "--strict", "--disable-pip"]
    audit += ["--require-hashes", "--requirement", str(pinned)]
    return subprocess.run(audit, check=False).returncode


def silent() -> str | None:
    """Return why the source of advisories tells nothing, or None if it tells what it should."""
    try:
        with urllib.request.urlopen(KNOWN, timeout=10) as answer:
            known = json.load(answer).get("vulnerabilities")
    except urllib.error.HTTPError as error:
        return f"{KNOWN} answers {error.code}"
    except (OSError, ValueError) as error:
        return f"{KNOWN}: {error}"
    return None if known else f"{KNOWN} tells of no vulnerability, although there is one"


if __name__ == "__main__":
    sys.exit(main())
