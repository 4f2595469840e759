"""The whole stack on this machine: builds, starts, deploys and teaches what is still missing."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import boto3

from infra import emulator, file_lock
from infra.deploying import build
from infra.deploying.parameters import DIGEST, PROTECTION
from infra.deploying.stack import DeployError, Stack, digest_of
from infra.local import api_key
from infra.teaching import seed

STACK = "helpdesk"
REGION = "us-east-1"
SKIPPED_ON_PURPOSE: frozenset[str] = frozenset({"AWS::CloudWatch::Dashboard"})
"""Resource types that the emulator leaves out and local use does not need.

A dashboard is a page of the AWS console; the emulator has no console.
"""

type Say = Callable[[str], None]


def up(
    *,
    port: int = emulator.DEFAULT_PORT,
    state: Path = emulator.DEFAULT_STATE,
    parameters: Mapping[str, str] | None = None,
    taught: bool = True,
    say: Say = print,
) -> Stack:
    """Build, start, deploy and load what is still missing; return the running stack.

    One that need not be `taught` has no knowledge loaded. Infrastructure changes mean a fresh
    emulator, since it reports stack updates that change nothing; its tickets are kept over the
    restart, and so are the API's URL and key. Raises what its steps raise.
    """
    with _step("functions and layers", say):
        build.build(say)
    with _step("LocalStack", say):
        endpoint = emulator.ensure_running(port=port, state=state, say=say)
    stack = local_stack(endpoint.url)
    with file_lock.take(
        state / ".up", lambda: say("another `make run` is under way: waiting for it")
    ):
        with _step("stack", say):
            keys = {
                "ApiKeyValue": api_key.kept(state),
                "PublicApiKeyValue": api_key.kept(state, "public-api-key"),
                "MailSecret": api_key.kept(state, "mail-secret"),
            }
            _deploy(stack, {**(parameters or {}), **keys}, endpoint, state, say)
        if taught:
            with _step("knowledge", say):
                seed.load(stack, say)
    return stack


def local_stack(url: str) -> Stack:
    """Return the stack at an emulator, with the keys that emulators take."""
    session = boto3.Session(
        aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION
    )
    return Stack(STACK, session, url)


def _deploy(
    stack: Stack,
    parameters: Mapping[str, str],
    endpoint: emulator.Endpoint,
    state: Path,
    say: Say,
) -> None:
    wanted = {**parameters, PROTECTION: "off"}  # LocalStack would not switch it on by an update
    digest = digest_of(wanted)
    if stack.digest == digest:
        return
    ours = endpoint.pid is not None
    if ours and stack.describe():
        say("the stack changed or is unfinished: starting LocalStack again (tickets are kept)")
        emulator.stop(state, say=say)
        emulator.ensure_running(port=urlsplit(endpoint.url).port or 80, state=state, say=say)
    since = emulator.log_offset(state)
    stack.deploy({**wanted, DIGEST: digest}, say)
    skipped = set(emulator.skipped_resources(state, since=since)) if ours else set()
    if missing := skipped - SKIPPED_ON_PURPOSE:
        raise DeployError(f"LocalStack left out {', '.join(sorted(missing))} without saying so")


def agent_environment(stack: Stack) -> dict[str, str]:
    """Return what an agent's terminal needs to find a local stack."""
    return {
        "AWS_ENDPOINT_URL": stack.endpoint_url or "",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
        "HELPDESK_AGENT": "ada",
    }


@contextmanager
def _step(name: str, say: Say) -> Iterator[None]:
    started = time.monotonic()
    yield
    say(f"✓ {name} ready ({time.monotonic() - started:.1f} s)")
