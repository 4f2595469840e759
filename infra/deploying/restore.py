"""`make restore`: puts a restored table in the place of one of the stack's, while the desk works.

    python -m infra.deploying.restore TicketsTable helpdesk-tickets-restored --region eu-central-1

Point-in-time recovery restores to a table of another name, and CloudFormation does not replace a
table that has a fixed name. So an update first lets everything use the restored table by its name
and takes the old one out of the stack, where it stays as it is. An import then brings the restored
one in, and the last update gives it the settings that a restore leaves out. One that is broken off
goes on when it is run again.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resource-import-resolve-drift.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/pointintimerecovery_restores.html
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from infra.deploying import build, parameters
from infra.deploying.deploy import add_where, chosen, say
from infra.deploying.index_steps import Template, tables_of
from infra.deploying.kept_resources import Kept, table_as_it_is
from infra.deploying.operations import Say
from infra.deploying.stack import DeployError, Stack, plain


def main() -> int:
    """Restore; return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_where(parser)
    parser.add_argument("table", help="its name in template.yaml, such as TicketsTable")
    parser.add_argument("restored", help="the name of the table to use from now on")
    parser.add_argument("parameters", nargs="*", metavar="Name=value")
    options = parser.parse_args()
    try:
        stack, given = chosen(options)
        build.build(say)
        restore(stack, options.table, options.restored, given, say)
    except (BotoCoreError, ClientError, DeployError, subprocess.CalledProcessError) as error:
        say(str(error))
        return 1
    return 0


def restore(
    stack: Stack, logical: str, name: str, given: Mapping[str, str], say: Say = lambda _: None
) -> None:
    """Use the table `name` as the stack's table `logical` from now on.

    Raises DeployError if there is no such stack or table, or the table has other keys.
    """
    current = stack.describe()
    if current is None:
        raise DeployError(f"there is no stack {stack.name!r}")
    wanted = plain(stack.artifacts.with_addresses(say))
    restored = _restored(stack, wanted, logical, name)
    same = parameters.unchanged(current.get("Parameters", []))
    deployed = plain(stack.template("Original"))
    if _used(deployed, logical) != name:
        if logical in deployed["Resources"]:
            say(f"an update lets everything use {name}; the old table leaves the stack and stays")
            stack.apply("UPDATE", json.dumps(without(deployed, logical, restored)), same, say)
        kept = Kept(logical, "AWS::DynamoDB::Table", _properties(stack, name))
        body = plain(stack.template("Processed"))
        body["Resources"][logical] = kept.resource
        say(f"an import brings {name} into the stack")
        stack.apply("IMPORT", json.dumps(body), same, say, imported=[kept.identified])
    say("an update gives it the settings that a restore leaves out")
    stack.deploy({**given, f"{logical}Name": name}, say)


def without(template: Template, logical: str, table: Mapping[str, str]) -> Template:
    """Return a template without one table, in which all that named it names `table` by its values.

    `table` has what `Ref` ("") and the attributes `Arn` and `StreamArn` of the new table are.
    """
    rest = {**template["Resources"]}
    del rest[logical]
    return {
        **{part: _named(value, logical, table) for part, value in template.items()},
        "Resources": {name: _named(value, logical, table) for name, value in rest.items()},
    }


def _named(value: Any, logical: str, table: Mapping[str, str]) -> Any:
    result: Any = value
    match value:
        case {"Ref": name} if name == logical:
            result = table[""]
        case {"Fn::GetAtt": [name, attribute]} if name == logical:
            result = table[attribute]
        case {"Fn::Sub": str(text)}:
            result = {"Fn::Sub": _replaced(text, logical, table)}
        case {"Fn::Sub": [text, further]}:
            own = _replaced(text, logical, table)
            result = {"Fn::Sub": [own, _named(further, logical, table)]}
        case dict():
            result = {key: _named(each, logical, table) for key, each in value.items()}
        case list():
            result = [_named(each, logical, table) for each in value]
    return result


def _replaced(text: str, logical: str, table: Mapping[str, str]) -> str:
    for attribute, value in table.items():
        name = f"{logical}.{attribute}" if attribute else logical
        text = text.replace(f"${{{name}}}", value)
    return text


def _restored(stack: Stack, wanted: Template, logical: str, name: str) -> dict[str, str]:
    """Return what the restored table is known by, once it has a stream if it shall have one."""
    if logical not in tables_of(wanted):
        raise DeployError(
            f"there is no table {logical!r}; there are {', '.join(tables_of(wanted))}"
        )
    properties = wanted["Resources"][logical]["Properties"]
    found = _properties(stack, name)
    if _keys(found) != _keys(properties):
        raise DeployError(f"{name} has other keys than {logical}")
    dynamodb = stack.client("dynamodb")
    if "StreamSpecification" in properties and "StreamSpecification" not in found:
        view = properties["StreamSpecification"]["StreamViewType"]
        stream = {"StreamEnabled": True, "StreamViewType": view}
        dynamodb.update_table(TableName=name, StreamSpecification=stream)
        dynamodb.get_waiter("table_exists").wait(TableName=name)
    table = dynamodb.describe_table(TableName=name)["Table"]
    known = {"": name, "Arn": table["TableArn"]}
    return known | ({"StreamArn": table["LatestStreamArn"]} if "LatestStreamArn" in table else {})


def _properties(stack: Stack, name: str) -> dict[str, Any]:
    found = table_as_it_is(stack.client("dynamodb"), name)
    if found is None:
        raise DeployError(f"there is no table named {name!r}")
    return found


def _keys(properties: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(each["AttributeName"], each["KeyType"]) for each in properties["KeySchema"]]


def _used(deployed: Template, logical: str) -> Any:
    """Return the name of a table in the deployed template, if an import wrote it there."""
    return deployed["Resources"].get(logical, {}).get("Properties", {}).get("TableName")


if __name__ == "__main__":
    sys.exit(main())
