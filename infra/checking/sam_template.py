"""Writes build/template.json: the template as SAM expands it, which is what AWS gets.

    uv run --no-project --with aws-sam-translator --with pyyaml infra/checking/sam_template.py

The translator needs older versions of the product's libraries, so `make rules` runs it in its own
environment. Local paths in the template get an invented address in a bucket.
"""

import json
import logging
import os
import sys
from pathlib import Path

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).resolve().parents[2]
REGION = "us-east-1"


def main() -> int:
    """Translate and write; raises what SAM raises."""
    logging.getLogger("samtranslator").setLevel(logging.ERROR)  # it misses its vendor's flags
    os.environ["AWS_DEFAULT_REGION"] = REGION
    template = json.loads(json.dumps(yaml_parse((ROOT / "template.yaml").read_text())))
    for resource in template["Resources"].values():
        for name in {"CodeUri", "ContentUri"} & resource.get("Properties", {}).keys():
            resource["Properties"][name] = f"s3://bucket/{resource['Properties'][name]}"
    translator = Translator({}, Parser(), boto_session=boto3.Session(region_name=REGION))
    to = ROOT / "build" / "template.json"
    to.parent.mkdir(exist_ok=True)
    to.write_text(json.dumps(translator.translate(template, {}), indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
