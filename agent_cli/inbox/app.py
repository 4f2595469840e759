"""The inbox: the waiting tickets, and everything known about the ticket under the cursor.

Three rules hold on every network, however slow. Title, list and ticket change together. A key that
moves a ticket moves the one that was under the cursor when it was pressed. What is typed goes to
the field that the agent opened, from the first key on.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import ClassVar

from helpdesk.agents import LEASE, Arranger, Dossier, Page, Workplace
from helpdesk.ticket import Ticket
from textual import work
from textual.binding import Binding, BindingType

from agent_cli.drafts import Drafts
from agent_cli.inbox import looks, moves
from agent_cli.inbox.asking import AtWork
from agent_cli.inbox.lists import Shown
from agent_cli.inbox.prompts import Keys, Question
from agent_cli.inbox.reply import Reply
from agent_cli.inbox.reviewing import Reviewing
from agent_cli.inbox.searching import Searching
from agent_cli.inbox.several import Several
from agent_cli.seen import Seen


class Inbox(Several):
    """Lists tickets, shows the one under the cursor, and moves it as the commands do.

    Gives the ids of the tickets the agent may still hold. `at_work` gives each thread its own
    workplace. `explain` turns an error into a line for people, or into None if it is not expected.
    `seen` remembers what the agent has seen. With `rings` the terminal's bell rings when a ticket
    or a message arrives. `lease` is how long a ticket stays the agent's without a sign of life.
    Replies wait for the time `undo` and can be taken back meanwhile.
    """

    TITLE = "helpdesk"
    CSS_PATH = "inbox.tcss"
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012 -- as Textual has it
    # With priority, a key acts before the next key is given to any field.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "next", "Next", priority=True),
        Binding("r", "reply", "Reply", priority=True),
        Binding("question_mark", "keys", "Keys", key_display="?", priority=True),
        Binding("q", "quit", "Quit", priority=True),
        Binding("c", "claim", "Claim", show=False, priority=True),
        Binding("o", "note", "Note", priority=True),
        Binding("l", "release", "Release", priority=True),
        Binding("t", "transfer", "Transfer", priority=True),
        Binding("z", "snooze", "Snooze", priority=True),
        Binding("x", "close", "Close", priority=True),
        Binding("g", "tag", "Tag", show=False, priority=True),
        Binding("s", "spam", "Spam", show=False, priority=True),
        Binding("U", "undo", "Undo", show=False, priority=True),
        Binding("u", "reopen", "Reopen", show=False, priority=True),
        Binding("v", "view", "View", priority=True),
        Binding("w", "whole", "Whole", show=False, priority=True),
        Binding("up", "row(-1)", show=False, priority=True),
        Binding("down", "row(1)", show=False, priority=True),
    ]

    def __init__(
        self,
        at_work: AtWork,
        drafts: Drafts,
        explain: Callable[[Exception], str | None],
        *,
        agent: str,
        clock: Callable[[], datetime],
        seen: Seen,
        rings: bool = False,
        lease: timedelta = LEASE,
        undo: timedelta = timedelta(0),
    ) -> None:
        super().__init__(
            at_work,
            drafts,
            explain,
            agent=agent,
            clock=clock,
            seen=seen,
            rings=rings,
            undo=undo,
        )
        self._heartbeat = lease / 3
        self._leaving = False
        self._kept: dict[tuple[str, str], str] = {}

    def on_mount(self) -> None:
        """Show signs of life while the agent works."""
        self.set_interval(self._heartbeat.total_seconds(), self.beat)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Let the list's keys work on the list only."""
        if action == "row" and not self.table.has_focus:
            return False
        return len(self.screen_stack) == 1 or action not in _OF_THE_LIST

    async def beat(self) -> None:
        """Show a sign of life for the ticket in work, if the agent has shown one since the last."""
        active, self.active = self.active, False
        if not active:
            return
        for screen in self.screen_stack:
            if isinstance(screen, Reply):
                if screen.fence is not None:
                    self._extend(screen.ticket_id, screen.fence, screen.stopped)
                return
        shown = self.shown.ticket if self.shown else None
        held = shown.held_by(self.clock()) if shown else None
        if shown and held and held.agent == self.list.agent:
            self._extend(shown.id, held.fence, self.complain)

    @work(group="beat")
    async def _extend(self, ticket_id: str, fence: int, refused: Callable[[str], None]) -> None:
        await self.calls.move(lambda at: at.extend(ticket_id, fence=fence), refused=refused)

    # --- doing ---

    def action_row(self, by: int) -> None:
        """Go to another ticket."""
        self.table.move_cursor(row=self.table.cursor_row + by)

    def action_next(self) -> None:
        """Take the ticket that is due first."""
        if self.settled:
            self.taking(begun=True)
            self._take_next()
        else:
            self.tell("not done: the list is about to change")

    @work(group="do")
    async def _take_next(self) -> None:
        waiting = Shown(self.list.agent)

        def take(at: Workplace) -> tuple[Dossier | None, Page | None]:
            taken = at.take_next()
            return taken, at.page(waiting.query, count_to=looks.COUNTED) if taken else None

        found = await self.calls.move(take)
        self.taking(begun=False)
        if found is None:
            return
        taken, page = found
        if taken is None or page is None:
            self.tell("no ticket is waiting")
            return
        self.held.add(taken.ticket.id)
        self.arrive(waiting, _with(page, taken.ticket), to=taken.ticket.id)
        self.show(taken)
        self._say_yours(taken)

    def _say_yours(self, taken: Dossier) -> None:
        held = taken.ticket.held_by(self.clock())
        minutes = round((held.until - self.clock()).total_seconds() / 60) if held else 0
        self.tell(f"yours for {minutes} minutes: {taken.ticket.id}")

    def action_claim(self) -> None:
        """Take the ticket under the cursor."""
        if ticket_id := self.aim():
            self._claim(ticket_id)

    @work(group="do")
    async def _claim(self, ticket_id: str) -> None:
        taken = await self.calls.move(lambda at: at.claim(ticket_id))
        if taken is not None:
            self.held.add(ticket_id)
            self.show(taken)
            self._say_yours(taken)
            self.refresh_list()

    def action_release(self) -> None:
        """Give the ticket back."""
        if ticket_id := self.aim():
            self._do("released", ticket_id, lambda at: at.release(ticket_id))

    def action_close(self) -> None:
        """Close the ticket or the marked ones, with a reason."""
        self._with("Close without a reply: why?", moves.close, "closed", several=True)

    def action_reopen(self) -> None:
        """Put the ticket back among the waiting ones."""
        self._with("Reopen: why?", lambda at, i, said: at.reopen(i, note=said), "reopened")

    def action_note(self) -> None:
        """Write something for colleagues."""
        self._with("Note for colleagues", lambda at, i, said: at.note(i, said), "noted")

    def action_transfer(self) -> None:
        """Give the ticket or the marked ones to a colleague, or with a # to a department."""
        hint = "bob a note, or #billing a note"
        self._with("Transfer to", moves.transfer, "transferred", hint=hint, several=True)

    def action_tag(self) -> None:
        """Put tags on the ticket or the marked ones, and with a - take tags off."""
        self._with("Tags", moves.tag, "tagged", hint="christmas -urgent", several=True)

    def action_spam(self) -> None:
        """Close the ticket or the marked ones as spam."""
        self._with("Spam: note", moves.spam, "marked as spam", initial="spam", several=True)

    def action_snooze(self) -> None:
        """Put the ticket aside for a time."""
        self._with(
            "Snooze for",
            moves.snooze,
            "snoozed",
            hint="30m, 2h, 3d, and a note",
            initial="2h",
            wrong=moves.no_span,
        )

    def action_view(self) -> None:
        """Show the next list."""
        self.turn_to(self.wanted.following())

    def action_whole(self) -> None:
        """Show whole messages, with quotes and signatures, or only what they say."""
        self.detail.turn()

    def action_keys(self) -> None:
        """Show what the keys do."""
        keys = [
            (binding.key_display or binding.key, getattr(self, f"action_{binding.action}").__doc__)
            for binding in _KEYS
            if binding.description and binding.action not in {"quit", "keys"}
        ]
        told = [(key, (text or "").strip().splitlines()[0]) for key, text in keys]
        self.push_screen(
            Keys([*told, ("tab", "Go to the ticket, or back to the list."), ("q", "Quit.")])
        )

    async def action_quit(self) -> None:
        """Leave when all is done that was begun, telling what is still in hand; again: at once."""
        self.send_all()
        if (self.calls.moving or self.on_the_way) and not self._leaving:
            self._leaving = True
            self.tell("finishing what you started · press q again to leave now")
            self._finish()
        else:
            self.exit(sorted(self.held))

    @work(group="finish")
    async def _finish(self) -> None:
        await self.all_sent()
        self.exit(sorted(self.held))

    def _with(
        self,
        title: str,
        what: Callable[[Arranger, str, str], Ticket],
        done: str,
        *,
        hint: str = "",
        initial: str = "",
        wrong: Callable[[str], str | None] = lambda _: None,
        several: bool = False,
    ) -> None:
        """Ask for a line, and do something with it and the ticket under the cursor.

        What can be done to `several` tickets is done to the marked ones, if there are any.
        """
        if (ticket_id := self.aim()) is None:
            return
        if several and self.table.marked:
            self.ask_for_marked(title, what, done, hint=hint, initial=initial)
            return
        kept = self._kept.get((done, ticket_id))

        def then(said: str | None) -> None:
            if said is None:
                return
            self._kept.pop((done, ticket_id), None)
            if fault := wrong(said):
                self._keep(done, ticket_id, said, fault)
            else:
                self._do(done, ticket_id, lambda at: what(at, ticket_id, said), said=said)

        question = Question(f"{title} · {ticket_id}", hint=hint, initial=initial, kept=kept)
        self.push_screen(question, then)

    @work(group="do")
    async def _do(
        self, done: str, ticket_id: str, what: Callable[[Arranger], Ticket], *, said: str = ""
    ) -> None:
        """Do something; if it is refused, what was `said` for it is offered again."""
        ticket = await self.calls.move(
            what, refused=lambda why: self._keep(done, ticket_id, said, why)
        )
        if ticket is not None:
            if done not in {"noted", "tagged"}:
                self.held.discard(ticket_id)
                self.moved(ticket)
            self.tell(f"{done} {ticket_id}")
            self.refresh_list()

    def _keep(self, done: str, ticket_id: str, said: str, why: str) -> None:
        """Say why something was not done; its key offers the words again, beside earlier ones."""
        if said:
            earlier = self._kept.get((done, ticket_id))
            self._kept[done, ticket_id] = f"{earlier} {said}" if earlier else said
        self.complain(f"{why} · your text is kept: press the key again" if said else why)


def _with(page: Page, ticket: Ticket) -> Page:
    """Return a page on which a ticket stands as it is now, first if it was not there."""
    ids = [each.id for each in page.tickets]
    others = [each for each in page.tickets if each.id != ticket.id]
    at = ids.index(ticket.id) if ticket.id in ids else 0
    return replace(page, tickets=(*others[:at], ticket, *others[at:]))


_KEYS = [
    each
    for each in (
        *Inbox.BINDINGS,
        *Reviewing.BINDINGS,
        *Several.BINDINGS,
        *Searching.BINDINGS,
    )
    if isinstance(each, Binding)
]
_OF_THE_LIST = {each.action.partition("(")[0] for each in _KEYS}
