"""`make undeploy`: deletes the stack, after it said what stays and what that costs.

    python -m infra.deploying.undeploy --region eu-central-1

The tables and buckets stay, with everything in them. `make deploy ADOPT=yes` makes a stack with
them again; docs/runbook.md says how they are removed for good.
"""

import argparse
import sys
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from infra.deploying.artifacts import TEMPLATE
from infra.deploying.deploy import add_where, chosen, say
from infra.deploying.kept_resources import Kept
from infra.deploying.operations import Say
from infra.deploying.stack import DeployError, Stack

STORED, RECOVERABLE, IN_S3 = 0.25, 0.20, 0.023
"""Dollars a month for a GB: in a table, of its point-in-time recovery, and in a bucket.

List prices of us-east-1 on 2026-11-29 (https://aws.amazon.com/dynamodb/pricing/on-demand/,
https://aws.amazon.com/s3/pricing/), without the 25 GB of tables that an account has for nothing.
"""

GB = 1e9


def main() -> int:
    """Ask, and delete the stack; return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_where(parser)
    parser.add_argument("--confirm", help="the stack's name, to be asked nothing")
    options = parser.parse_args()
    try:
        stack, _ = chosen(options)
        return undeploy(stack, options.confirm, say)
    except (BotoCoreError, ClientError, DeployError) as error:
        say(str(error))
        return 1


def undeploy(
    stack: Stack, confirmed: str | None, say: Say, ask: Callable[[str], str] = input
) -> int:
    """Say what stays, and delete the stack if its name is `confirmed` or typed; return 0 if it was.

    Raises DeployError if there is no stack, or it cannot be deleted.
    """
    current = stack.describe()
    if current is None:
        raise DeployError(f"there is no stack {stack.name!r}")
    given = {each["ParameterKey"]: each["ParameterValue"] for each in current.get("Parameters", [])}
    for line in what_stays(stack, stack.kept(TEMPLATE.read_text(), given)):
        say(line)
    typed = confirmed if confirmed is not None else _typed(stack.name, ask)
    if typed != stack.name:
        say("the stack stays as it is")
        return 1
    stack.operations(say).delete()
    say(f"the stack {stack.name} is deleted; {again(given)} makes it again with what stays")
    return 0


def again(given: Mapping[str, str]) -> str:
    """Return the command that makes the stack again with the tables it had."""
    names = [f"{name}={value}" for name, value in given.items() if name.endswith("TableName")]
    named = " ".join(each for each in names if not each.endswith("="))
    return f'`make deploy ADOPT=yes PARAMETERS="{named}"`' if named else "`make deploy ADOPT=yes`"


def what_stays(stack: Stack, kept: list[Kept]) -> list[str]:
    """Return lines that say what goes, what stays, and what that costs in a month."""
    lines = [
        f"Deleting the stack {stack.name} ends the API, the functions and the queues with their "
        "messages. The next stack has another URL and, unless you chose them, other keys.",
        "These stay, with all that is in them, and are billed on:",
    ]
    total = 0.0
    for each in kept:
        if each.type == "AWS::DynamoDB::Table":
            table = stack.client("dynamodb").describe_table(TableName=each.name)["Table"]
            dollars = table["TableSizeBytes"] / GB * (STORED + RECOVERABLE)
            total += dollars
            size = f"{table['ItemCount']} items, {table['TableSizeBytes'] / 1e6:.1f} MB"
            lines.append(f"  table  {each.name}: {size}, ${dollars:.2f} a month{_guarded(table)}")
        else:
            lines.append(f"  bucket {each.name}: ${IN_S3} a month for each GB")
    lines.append(f"  bucket {stack.artifacts.bucket}: ${IN_S3} a month for each GB")
    lines.append(f"That is ${total:.2f} a month for the tables, by sizes of the last six hours.")
    return lines


def _guarded(table: dict[str, Any]) -> str:
    return ", protected from deletion" if table.get("DeletionProtectionEnabled") else ""


def _typed(name: str, ask: Callable[[str], str]) -> str:
    try:
        return ask(f"Type the stack's name ({name}) to delete it: ").strip()
    except EOFError:
        return ""


if __name__ == "__main__":
    sys.exit(main())
