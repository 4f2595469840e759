"""What the core layer's recipe takes out of botocore and powertools: functions start sooner.

The layer has botocore itself, because what is left of its data must fit its code. It knows only the
services that functions call, without their documentation.
"""

import gzip
import json
import shutil
from pathlib import Path
from typing import Any

from layers.thinning import load_on_demand, replace

SERVICES = ("bedrock-runtime", "dynamodb", "lambda", "s3", "s3vectors", "ses", "sqs", "ssm")
"""The services that the product's clients are made for."""

ABOUT_ALL = ("_retry", "endpoints", "partitions", "sdk-default-configuration")
UNREAD = ("completions", "examples")

WRITERS = (
    (
        "        docstring_structure = DocumentStructure(",
        "botocore.docs.bcdoc.restdoc",
        "DocumentStructure",
    ),
    (
        "        document_model_driven_method(",
        "botocore.docs.method",
        "document_model_driven_method",
    ),
    ("        document_paginate_method(", "botocore.docs.paginator", "document_paginate_method"),
    ("        document_wait_method(", "botocore.docs.waiter", "document_wait_method"),
)
"""What writes botocore's docstrings: the line that needs it, and from where it comes by what name.

The documentation is gone, so it is loaded only if a docstring is read all the same.
"""


class DataMissingError(RuntimeError):
    """botocore has no data where it had some; the message names them."""


def thin(site: Path) -> None:
    """Change the packages installed in `site`. Raises ChangedUpstreamError or DataMissingError."""
    load_on_demand(site / "aws_lambda_powertools/utilities/data_classes/__init__.py")
    batch = site / "aws_lambda_powertools/utilities/batch/base.py"
    replace(batch, "import asyncio\n", "")
    together = "        async def async_process_closure():\n"  # of a batch: no function does that
    replace(batch, together, f"        import asyncio\n\n{together}")
    _thin_data(site / "botocore/data")
    docs = site / "botocore/docs"
    service = "from botocore.docs.service import ServiceDocumenter\n"
    replace(docs / "__init__.py", service, "")
    first = "    # Create the root directory where all service docs live.\n"
    replace(docs / "__init__.py", first, f"    {service}\n{first}")
    for line, module, name in WRITERS:
        statement = f"from {module} import {name}\n"
        replace(docs / "docstring.py", statement, "")
        replace(docs / "docstring.py", line, f"        {statement}\n{line}")


def _thin_data(data: Path) -> None:
    """Keep the data of SERVICES alone, as plain JSON without documentation."""
    whole = data.with_name("whole")
    data.rename(whole)
    data.mkdir()
    for name in ABOUT_ALL:
        _write(data / f"{name}.json", _about(_read(_only(whole, name))))
    for service in SERVICES:
        for path in sorted((whole / service).rglob("*.json*")):
            if not path.name.startswith(UNREAD):
                place = data / path.relative_to(whole)
                _write(place.with_name(path.name.removesuffix(".gz")), _unworded(_read(path)))
        if not list((data / service).glob("*/service-2.json")):
            raise DataMissingError(f"botocore does not know {service}")
    shutil.rmtree(whole)


def _about(found: Any) -> Any:
    """Return data about all services without what it says of other services than SERVICES."""
    for partition in found.get("partitions", ()):
        if "services" in partition:
            known = partition["services"]
            partition["services"] = {name: known[name] for name in SERVICES if name in known}
    return found


def _unworded(found: Any) -> Any:
    """Return a model with empty documentation: botocore reads some of these keys."""
    if isinstance(found, dict):
        return {
            key: "" if key == "documentation" and isinstance(value, str) else _unworded(value)
            for key, value in found.items()
        }
    return [_unworded(each) for each in found] if isinstance(found, list) else found


def _only(folder: Path, name: str) -> Path:
    found = [path for path in folder.glob(f"{name}.json*") if path.is_file()]
    if len(found) != 1:
        raise DataMissingError(f"botocore has {len(found)} files {name}.json")
    return found[0]


def _read(path: Path) -> Any:
    content = path.read_bytes()
    return json.loads(gzip.decompress(content) if path.suffix == ".gz" else content)


def _write(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, separators=(",", ":")))
