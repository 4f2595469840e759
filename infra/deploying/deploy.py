"""`make deploy`: build, deploy and load the knowledge, on AWS or at AWS_ENDPOINT_URL.

    python -m infra.deploying.deploy --region eu-central-1 WorkerConcurrency=10 RetentionDays=180

Credentials come from where every AWS tool finds them. A parameter that is not on the command line
keeps the default of template.yaml. Deploying twice does no harm.
"""

import argparse
import os
import subprocess
import sys

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from helpdesk.knowledge import InvalidArticleError

from infra.deploying import build, snapshots
from infra.deploying.stack import DeployError, Stack
from infra.teaching import seed
from infra.teaching.knowledge_files import KnowledgeFileError


def main() -> int:
    """Deploy; return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stack-name", default="helpdesk")
    parser.add_argument("--profile")
    parser.add_argument("--region")
    parser.add_argument("parameters", nargs="*", metavar="Name=value", type=_parameter)
    options = parser.parse_args()
    try:
        session = boto3.Session(profile_name=options.profile, region_name=options.region)
        if session.region_name is None:
            raise DeployError("no region: give --region, or set AWS_DEFAULT_REGION")
        stack = Stack(options.stack_name, session, os.environ.get("AWS_ENDPOINT_URL"))
        build.build(_say)
        changed = stack.deploy(dict(options.parameters), _say)
        _say("deployed" if changed else "nothing to deploy")
        seed.load(stack, _say)
        snapshots.publish(stack, _say)  # with a model, if there is one: it is part of the snapshot
    except (BotoCoreError, ClientError, DeployError, subprocess.CalledProcessError) as error:
        _say(str(error))
        return 1
    except (KnowledgeFileError, InvalidArticleError) as error:
        _say(f"the stack is up, but the knowledge is not loaded: {error}")
        return 1
    for name, value in sorted(stack.outputs.items()):
        print(f"{name:26} {value}")
    return 0


def _parameter(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise argparse.ArgumentTypeError(f"{text!r} is not Name=value")
    return name, value


def _say(line: str) -> None:
    print(line, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
