"""`make deploy`: build, deploy and load the knowledge, on AWS or at AWS_ENDPOINT_URL.

    python -m infra.deploying.deploy --region eu-central-1 WorkerConcurrency=10 RetentionDays=180
    python -m infra.deploying.deploy --stage prod --dry-run

Credentials come from where every AWS tool finds them. What the command line does not say, the stage
in samconfig.toml says, and a parameter that neither says keeps the value that it has in the
deployed stack; in a new stack it has the default of template.yaml. Deploying twice does no harm.
"""

import argparse
import os
import subprocess
import sys

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from helpdesk.knowledge import InvalidArticleError

from infra.deploying import build, snapshots, stage_file
from infra.deploying.stack import DeployError, Stack
from infra.teaching import seed
from infra.teaching.knowledge_files import KnowledgeFileError

DEFAULT_NAME = "helpdesk"


def main() -> int:
    """Deploy; return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_where(parser)
    parser.add_argument("--dry-run", action="store_true", help="show what would change, and stop")
    parser.add_argument(
        "--adopt", action="store_true", help="take over tables and buckets of a deleted stack"
    )
    parser.add_argument("parameters", nargs="*", metavar="Name=value")
    options = parser.parse_args()
    try:
        stack, parameters = chosen(options)
        build.build(say)
        if options.dry_run:
            stack.preview(parameters, say, adopt=options.adopt)
            return 0
        changed = stack.deploy(parameters, say, adopt=options.adopt)
        say("deployed" if changed else "nothing to deploy")
        seed.load(stack, say)
        snapshots.publish(stack, say)  # with a model, if there is one: it is part of the snapshot
    except (BotoCoreError, ClientError, DeployError, subprocess.CalledProcessError) as error:
        say(str(error))
        return 1
    except (KnowledgeFileError, InvalidArticleError) as error:
        say(f"the stack is up, but the knowledge is not loaded: {error}")
        return 1
    for name, value in sorted(stack.outputs.items()):
        print(f"{name:26} {value}")
    return 0


def add_where(parser: argparse.ArgumentParser) -> None:
    """Add the options that say which stack is meant."""
    parser.add_argument("--stage", help="a stage of samconfig.toml")
    parser.add_argument("--stack-name")
    parser.add_argument("--profile")
    parser.add_argument("--region")


def chosen(options: argparse.Namespace) -> tuple[Stack, dict[str, str]]:
    """Return the stack that is meant, and the parameters that are given for it.

    Raises DeployError if there is no region, or the stage or a parameter is not understood.
    """
    stage = stage_file.read(options.stage)
    session = boto3.Session(
        profile_name=options.profile or stage.profile, region_name=options.region or stage.region
    )
    if session.region_name is None:
        raise DeployError("no region: give --region, or set AWS_DEFAULT_REGION")
    name = options.stack_name or stage.stack_name or DEFAULT_NAME
    given = stage_file.pairs(getattr(options, "parameters", []))
    return Stack(name, session, os.environ.get("AWS_ENDPOINT_URL")), {**stage.parameters, **given}


def say(line: str) -> None:
    """Tell the operator a line, apart from the results."""
    print(line, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
