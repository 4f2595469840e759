"""Writing a reply in the agent's own editor, while the lease is kept alive."""

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from types import TracebackType
from typing import Self

import click
from helpdesk.agents import Dossier, Workplace
from helpdesk.ports import ConflictError
from helpdesk.ticket import IllegalMoveError, LeaseError

from agent_cli.activity import Activity
from agent_cli.drafts import SCISSORS, Drafts
from agent_cli.words.facts import speaker
from agent_cli.words.harmless import printable
from agent_cli.words.times import minute

_BELOW = f"""

{SCISSORS}
Write your reply above this line. Everything below it is removed.
An empty reply sends nothing.

"""


def write(dossier: Dossier, drafts: Drafts, initial: str) -> str:
    """Return what the agent wrote in $VISUAL or $EDITOR, starting from `initial`.

    The file in the editor is the draft itself, so that nothing saved is lost with the terminal.
    """
    ticket_id = dossier.ticket.id
    path = drafts.keep(ticket_id, initial + _BELOW + _quoted(dossier))
    click.edit(filename=str(path))
    text = drafts.read(ticket_id) or ""
    if text:
        drafts.keep(ticket_id, text)
    else:
        drafts.drop(ticket_id)
    return text


def _quoted(dossier: Dossier) -> str:
    said = (
        f"{speaker(message.source, message.author)}, {minute(message.at)}\n"
        + "".join(f"  | {line}\n" for line in printable(message.text).splitlines())
        for message in dossier.conversation.messages
    )
    return "\n".join(said)


class Heartbeat:
    """Keeps a lease alive from a thread of its own while the agent is at work.

    An editor that is open but idle holds no ticket: without activity for as long as a lease lasts,
    the lease ends. `lost` says why it has ended. `workplace` gives the thread its own workplace,
    `every` is the time between two looks, and `tell` gets failures that may be temporary.
    """

    def __init__(
        self,
        workplace: Callable[[], Workplace],
        ticket_id: str,
        fence: int,
        *,
        every: timedelta,
        activity: Activity,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._workplace = workplace
        self._ticket_id = ticket_id
        self._fence = fence
        self._every = every
        self._activity = activity
        self._tell = tell
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)
        self.lost: str | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._over.set()

    def _beat(self) -> None:
        while not self._over.wait(self._every.total_seconds()):
            if not self._activity.since_last_look():
                continue
            try:
                with suppress(ConflictError):
                    self._workplace().extend(self._ticket_id, fence=self._fence)
            except (LeaseError, IllegalMoveError) as error:
                self.lost = str(error)
                return
            except Exception as error:
                self._tell(f"could not extend the lease: {error}")
