"""Measurements that want a process of their own."""

import json
import subprocess
import sys
from typing import Any


def printed_by(module: str, *words: str) -> Any:
    """Run a measurement in a process of its own; it prints JSON, and none if it fails."""
    print(f"  {module} …", flush=True)
    done = subprocess.run(
        [sys.executable, "-m", module, *words], check=False, stdout=subprocess.PIPE, text=True
    )
    return json.loads(done.stdout)
