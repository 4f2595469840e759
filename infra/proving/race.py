"""Many agents at one queue: every ticket gets one owner and one reply, the urgent ones first.

    python -m infra.proving.race --agents 50 --tickets 1000

Fills the tickets table of a local stack with waiting tickets, lets processes take and answer them
as fast as they can, adds urgent tickets during the race, and audits the result.
"""

import argparse
import multiprocessing
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

from helpdesk import access, ticket
from helpdesk.agents import Workplace
from helpdesk.aws import clients
from helpdesk.aws.knowledge import DynamoKnowledge
from helpdesk.aws.queues import SqsQueue
from helpdesk.aws.tables import Table
from helpdesk.aws.tickets import DynamoTickets
from helpdesk.drafting import Draft
from helpdesk.ticket import Agent, Customer, Move, Source, State, replay

from infra import emulator
from infra.deploying.stack import Stack
from infra.local.up import local_stack

URGENT = 5
"""Urgent tickets that are added among the ordinary ones."""

EMPTY_LOOKS = 3
"""How often in a row an agent finds nothing before going home."""

type Log = list[tuple[float, str]]


@dataclass(slots=True)
class Outcome:
    """The result of a race. Lists hold ticket ids. `overtaken` counts the ordinary tickets taken
    while an urgent ticket waited; it is the largest such count."""

    seconds: float
    tickets: int
    conflicts: int
    agents: Counter[str] = field(default_factory=Counter)
    unanswered: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    unexplained: list[str] = field(default_factory=list)
    overtaken: int = 0
    messages_left: int = 0

    @property
    def clean(self) -> bool:
        """Whether each ticket had one owner, one reply, and events that explain it."""
        return not (self.unanswered or self.doubled or self.strangers or self.unexplained)


def run(stack: Stack, *, agents: int, tickets: int) -> Outcome:
    """Hold a race of `agents` processes over `tickets` waiting tickets."""
    table, queue = _tickets(stack), _queue(stack)
    ids = [
        waiting_ticket(table, queue, "Would you sponsor our school team?") for _ in range(tickets)
    ]
    context = multiprocessing.get_context("fork")
    logs: multiprocessing.Queue[tuple[str, Log, int]] = context.Queue()
    crew = [
        context.Process(target=_work, args=(stack.endpoint_url, f"agent-{number:02}", logs))
        for number in range(agents)
    ]
    began = time.monotonic()
    for process in crew:
        process.start()
    time.sleep(2)
    arrived = time.time()
    urgent = [
        waiting_ticket(table, queue, "My lawyer will sue you: it caught fire")
        for _ in range(URGENT)
    ]
    found = [logs.get() for _ in crew]
    for process in crew:
        process.join()
    seconds = time.monotonic() - began
    outcome = Outcome(seconds, len(ids) + URGENT, sum(conflicts for _, _, conflicts in found))
    taken = sorted(entry for _, log, _ in found for entry in log)
    later = [ticket_id for at, ticket_id in taken if at > arrived]
    outcome.overtaken = max(map(later.index, urgent)) - URGENT + 1
    for ticket_id in [*ids, *urgent]:
        _audit(table, ticket_id, outcome)
    outcome.messages_left = queue.depth()
    return outcome


def _work(
    endpoint: str | None, name: str, logs: "multiprocessing.Queue[tuple[str, Log, int]]"
) -> None:
    stack = local_stack(endpoint or "")
    conflicts: list[str] = []
    at = Workplace(
        agent=Agent(name),
        tickets=_tickets(stack),
        escalations=_queue(stack, wait=timedelta(seconds=1)),
        articles=DynamoKnowledge(_table(stack, "KnowledgeTable")),
        clock=partial(datetime.now, UTC),
        conflicts=conflicts.append,
    )
    log: Log = []
    empty = 0
    while empty < EMPTY_LOOKS:
        taken = at.take_next()
        if taken is None:
            empty += 1
            continue
        empty = 0
        log.append((time.time(), taken.ticket.id))
        fence = taken.ticket.lease.fence if taken.ticket.lease else None
        at.reply(taken.ticket.id, f"Answered by {name}.", fence=fence)
    logs.put((name, log, len(conflicts)))


def waiting_ticket(
    table: DynamoTickets, queue: SqsQueue, text: str, draft: Draft | None = None
) -> str:
    """Store a question as a ticket that waits for people, without the worker; return its id.

    A `draft` waits with it; its number is 2.
    """
    change = ticket.submit(
        ticket_id=access.new_ticket_id(),
        text=text,
        customer=Customer(),
        channel="race",
        token_hash="race",
        now=datetime.now(UTC),
        token_life=timedelta(days=1),
        retention=timedelta(days=1),
    )
    table.commit(change)
    handed_over = ticket.give_up(change.after, now=datetime.now(UTC))
    table.commit(ticket.with_draft(handed_over, draft) if draft else handed_over)
    queue.send(change.after.id)
    return change.after.id


def _audit(table: DynamoTickets, ticket_id: str, outcome: Outcome) -> None:
    conversation, events = table.conversation(ticket_id), table.events(ticket_id)
    assert conversation is not None
    replies = [said for said in conversation.messages if said.source is Source.AGENT]
    owners = {event.actor for event in events if event.move is Move.CLAIMED}
    outcome.agents.update(owners)
    if conversation.ticket.state is not State.ANSWERED or not replies:
        outcome.unanswered.append(ticket_id)
    if len(replies) > 1:
        outcome.doubled.append(ticket_id)
    if len(owners) != 1 or {said.author for said in replies} != owners:
        outcome.strangers.append(ticket_id)
    if replay(events) != conversation.ticket:
        outcome.unexplained.append(ticket_id)


def _table(stack: Stack, output: str) -> Table:
    return clients.table(stack.outputs[output], stack.session, endpoint_url=stack.endpoint_url)


def _tickets(stack: Stack) -> DynamoTickets:
    return DynamoTickets(_table(stack, "TicketsTable"))


def _queue(stack: Stack, wait: timedelta = timedelta(0)) -> SqsQueue:
    sqs = clients.sqs(stack.session, endpoint_url=stack.endpoint_url)
    return SqsQueue(sqs, stack.outputs["EscalationQueueUrl"], wait=wait)


def main() -> int:
    """Hold a race on the running local stack; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--agents", type=int, default=50)
    parser.add_argument("--tickets", type=int, default=1000)
    parser.add_argument("--port", type=int, default=emulator.DEFAULT_PORT)
    given = parser.parse_args()
    stack = local_stack(f"http://127.0.0.1:{given.port}")
    outcome = run(stack, agents=given.agents, tickets=given.tickets)
    each = outcome.agents.values()
    print(f"{given.agents} processes, {outcome.tickets} tickets, {outcome.seconds:.1f} s")
    print(f"conflicts            {outcome.conflicts}")
    print(f"tickets per agent    {min(each)} to {max(each)}")
    print(f"not answered         {len(outcome.unanswered)}")
    print(f"more than one reply  {len(outcome.doubled)}")
    print(f"not by its one owner {len(outcome.strangers)}")
    print(f"events do not tell   {len(outcome.unexplained)}")
    print(f"served before the last urgent one, after it came: {outcome.overtaken} ordinary ones")
    print(f"messages left        {outcome.messages_left}")
    return 0 if outcome.clean else 1


if __name__ == "__main__":
    sys.exit(main())
