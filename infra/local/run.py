"""`make run`: the whole stack on this machine, and a conversation to follow."""

import argparse
import smtplib
import subprocess
from base64 import b64encode
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError
from helpdesk.knowledge import InvalidArticleError
from helpdesk.settings import NO_DOMAIN
from requests import RequestException
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from infra import emulator
from infra.deploying.stack import DeployError, Stack
from infra.local import api_key, mail_process
from infra.local.conversation import Conversation
from infra.local.correspondent import Post
from infra.local.mail import HERE
from infra.local.sample_records import SampleRecords
from infra.local.stage import Stage
from infra.local.up import agent_environment, up
from infra.teaching.knowledge_files import KnowledgeFileError

KEPT = "mails"
TOLD = "notices"
"""The folders, below the state's, of the mails that left, and of the notices to leads."""

FAULTS = (
    emulator.EmulatorError,
    DeployError,
    KnowledgeFileError,
    InvalidArticleError,
    OSError,
    ClientError,
    BotoCoreError,
    RequestException,
    smtplib.SMTPException,
)
"""What can go wrong on the way, each with a message that says what."""


def main() -> int:
    """Start everything and hold a conversation; return the exit status.

    Raises KeyboardInterrupt at Ctrl-C.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=emulator.DEFAULT_PORT)
    parser.add_argument(
        "--state",
        type=Path,
        default=emulator.DEFAULT_STATE,
        help="folder of LocalStack, its tables and the API key",
    )
    parser.add_argument(
        "--mail-port",
        type=int,
        default=mail_process.DEFAULT_PORT,
        help="where mail is taken; mails and notices leave at the next two ports; 0 takes none",
    )
    parser.add_argument(
        "--demo", choices=("yes", "no"), default="yes", help="whether to hold a conversation (yes)"
    )
    given = parser.parse_args()
    console = Console(highlight=False)

    def say(line: str) -> None:
        console.print(Padding(Text(line), (0, 0, 0, 2), expand=False))

    try:
        console.print("Helpdesk, on this machine", style="bold")
        state = given.state.resolve()
        leaves = leaving(given.mail_port, state)
        stack = up(port=given.port, state=state, parameters=leaves, say=say)
        records = SampleRecords(stack)
        records.load(say)
        mailbox = take_mail(stack, given.mail_port, state, say)
        post = Post(given.mail_port, mailbox, state / KEPT) if mailbox else None
        conversation = Conversation(Stage(stack, console), post, records)
        ticket_id = conversation.hold() if given.demo == "yes" else None
        _next_steps(console, stack, ticket_id, _mailing(mailbox, given.mail_port, state))
    except subprocess.CalledProcessError as error:
        console.print(f"\nA build step failed: {' '.join(map(str, error.cmd))}", style="red")
        return 1
    except FAULTS as error:
        console.print(f"\n{error}", style="red", markup=False)
        return 1
    return 0


def leaving(port: int, state: Path) -> dict[str, str]:
    """Return where mails and notices leave for, as parameters; none with the port 0."""
    if not port:
        return {}
    return {
        "SmtpUrl": f"smtp://{HERE}:{port + 1}",
        "WebhookUrl": f"http://{HERE}:{port + 2}/",
        "WebhookSecret": webhook_secret(state),
    }


def webhook_secret(state: Path) -> str:
    """Return the secret that signs webhooks here, made once."""
    key = api_key.kept(state, "webhook-secret")
    return f"whsec_{b64encode(key.encode()).decode()}"


def take_mail(stack: Stack, port: int, state: Path, say: mail_process.Say) -> str | None:
    """Start to take mail and to keep what leaves; return the desk's address.

    Returns None with the port 0.
    """
    if not port:
        return None
    mailbox = f"{stack.outputs['MailName']}@{NO_DOMAIN}"
    pid = emulator.status(state).pid
    mail_process.ensure_sink(state / KEPT, emulator_pid=pid, port=port + 1, state=state, say=say)
    mail_process.ensure_notice_sink(
        state / TOLD,
        secret=webhook_secret(state),
        emulator_pid=pid,
        port=port + 2,
        state=state,
        say=say,
    )
    mail_process.ensure(
        endpoint=stack.endpoint_url or "",
        emulator_pid=pid,
        mailbox=mailbox,
        port=port,
        state=state,
        say=say,
    )
    return mailbox


def _mailing(mailbox: str | None, port: int, state: Path) -> list[str]:
    """Return how to write a mail to the desk, and where its answer is."""
    if mailbox is None:
        return []
    return [
        "printf 'From: ada@example.com\\nSubject: My order\\n\\nWhere is order 12345?\\n' | \\",
        f"     curl -s smtp://127.0.0.1:{port} --mail-from ada@example.com \\",
        f"     --mail-rcpt {mailbox} -T -",
        f"export HELPDESK_MAILS={state / KEPT}",
        ".venv/bin/helpdesk mail list",
        f"curl -s http://{HERE}:{port + 2}/          # what leads were told",
    ]


def _next_steps(console: Console, stack: Stack, ticket_id: str | None, mailing: list[str]) -> None:
    lines = [
        f"export URL={stack.api_url}",
        f"export KEY={stack.api_key}          # for servers",
        f"export PUBLIC_KEY={stack.public_api_key}   # for pages: docs/keys.md",
        f"open {stack.api_url}/help   # the page where people ask: docs/web.md",
        "curl -s $URL/queries -H \"x-api-key: $KEY\" -H 'Content-Type: application/json' \\",
        '     -d \'{"text": "Where is my order?"}\'',
        'curl -s "$URL/queries/<id>?wait=20" -H "x-api-key: $KEY" \\',
        "     -H 'Authorization: Bearer <token>'",
        *mailing,
        "",
        *(f"export {name}={value}" for name, value in agent_environment(stack).items()),
        ".venv/bin/helpdesk ticket list --state all",
        f".venv/bin/helpdesk ticket show {ticket_id or '<id>'}",
        ".venv/bin/helpdesk ticket next",
        "",
        "make logs         follow what the functions say",
        "make run DEMO=no  start it without a conversation",
        "make stop         stop it all; tickets, articles, URL and key are kept",
    ]
    console.print("It is all running. Try:\n", style="bold")
    for line in lines:
        console.print(f"  {line}", markup=False, soft_wrap=True)
