"""Random lives of tickets: all actors at once, processes that die, calls that fail, lost messages.

`Lives` is a Hypothesis state machine. It drives the use cases and the worker's own handler over the
ports that a `World` brings: ports in memory, or AWS in the process. A step may be given a
`Trouble`: at its n-th call of any port, before or after the call, the process dies, the call fails,
or another actor acts. When a life is over, no actor does anything for as long as the reconciler may
need. Then agents answer every waiting ticket. `BrokenPromiseError` names the broken promise.
"""

from datetime import timedelta
from typing import Any

from helpdesk import customers
from helpdesk.access import IdempotencyKey
from helpdesk.knowledge import Facts
from helpdesk.repeating import Guard
from helpdesk.ticket import Customer, CustomerKey, Kind
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from tests.fakes import KNOWN, POISON, UNKNOWN, WANTS_PERSON, an_article
from tests.lives.reviews import Reviews
from tests.lives.steps import AGENTS, HOLDER
from tests.lives.story import COURTESIES, DANGERS, GRAVE
from tests.lives.troubles import TROUBLES, Trouble
from tests.lives.world import NEAR_TIE, REVIEWED, VISIBILITY, Delivery, workplace

CALMLY = settings(deadline=None, suppress_health_check=list(HealthCheck))
"""A life may take its time: how long is the machine's affair, and no promise."""

TEXTS = st.sampled_from(
    [KNOWN, UNKNOWN, WANTS_PERSON, POISON, NEAR_TIE, REVIEWED, *COURTESIES, *DANGERS, *GRAVE]
)
CUSTOMERS = (
    Customer(email="ada@example.com"),
    Customer(email="Ada@example.com", reference="C-1", name="Ada"),
    Customer(email="ada@work.example", reference="C-1"),
    Customer(reference="C-1", name="ADA"),
    Customer(email="ada@example.com", reference="C-2", verified=False, mailed=True),
)
KEYS = st.sampled_from(
    sorted({key for each in CUSTOMERS for key in each.keys if key.kind is not Kind.NAME})
)
OF_KEYS = st.sampled_from([*["join", "separate"] * 10, "erase"])
"""What leads do with customers; they seldom erase one, for that ends most lives."""

AGAIN = "the same again, with its key"
FOLLOW_UPS = TEXTS | st.sampled_from(["1", "2", "3", AGAIN])
VERDICTS = st.sampled_from(["helped", "did not help", "close"])
INDEX = st.integers(0, 5)
WHO = st.just(HOLDER) | st.sampled_from(AGENTS)
SPANS = st.sampled_from(
    [timedelta(**span) for span in ({"seconds": 1}, {"minutes": 2}, {"minutes": 16}, {"hours": 2})]
)


class Lives(Reviews):
    """The promises hold after every step. Subclasses say over which ports."""

    @initialize(texts=st.lists(TEXTS, min_size=1, max_size=3), delivered=st.booleans())
    def begin(self, texts: list[str], delivered: bool) -> None:
        self.open_desk()
        for text in texts:
            self.submit(text, None, CUSTOMERS[0], None)
        if delivered:
            self.deliver(len(texts), False, None)

    # --- customers -------------------------------------------------------------------------

    @rule(
        text=TEXTS,
        key=st.none() | st.integers(0, 2),
        who=st.sampled_from(CUSTOMERS),
        trouble=TROUBLES,
    )
    def submit(self, text: str, key: int | None, who: Customer, trouble: Trouble | None) -> None:
        if len(self.accepted) >= 6:
            return
        named = None if key is None else IdempotencyKey("shop", f"{key} {text} {who}")
        with self.trouble(trouble) as office:
            receipt = office.submit(text, key=named, customer=who)
            if named:
                self._expect_one_ticket(named, receipt.ticket_id)
            self._accept(receipt, text)

    @precondition(lambda self: self.accepted)
    @rule(which=INDEX, text=FOLLOW_UPS, trouble=TROUBLES)
    def follow_up(self, which: int, text: str, trouble: Trouble | None) -> None:
        """A client that got no answer may send its message again, with the same key."""
        each, number = self._one(which), next(self._numbers)
        if text is not AGAIN:
            with self.trouble(trouble, each) as office:
                self._follow_up(office, each, text)
            return
        text, once = f"{UNKNOWN}, {number}", Guard(IdempotencyKey("shop", f"again {number}"))
        with self.trouble(trouble, each) as office:
            self._follow_up(office, each, text, once)
        with self.trouble(None, each) as office:
            self._expect_said_once(office, each, text, once)

    @precondition(lambda self: self.accepted)
    @rule(
        which=INDEX, verdict=st.sampled_from(["helped", "did not help", "close"]), trouble=TROUBLES
    )
    def conclude(self, which: int, verdict: str, trouble: Trouble | None) -> None:
        each = self._one(which)
        with self.trouble(trouble, each) as office:
            if verdict == "close":
                self._withdraw(office, each)
                return
            self._rate(office, each, helpful=verdict == "helped")

    @precondition(lambda self: self.accepted)
    @rule(which=INDEX, trouble=TROUBLES)
    def renew_token(self, which: int, trouble: Trouble | None) -> None:
        """The client that got no answer asks again, with the same key and the old token."""
        each = self._one(which)
        once = Guard(IdempotencyKey("shop", f"token {next(self._numbers)}"))
        old = each.receipt
        for happens in (trouble, None):
            with self.trouble(happens, each) as office:
                each.receipt = customers.renew_token(
                    old.ticket_id,
                    old.token,
                    guard=once,
                    tickets=office.tickets,
                    terms=office.terms,
                    now=office.clock(),
                )

    @precondition(lambda self: len(self.accepted) > 1)
    @rule(which=INDEX, trouble=TROUBLES)
    def erase(self, which: int, trouble: Trouble | None) -> None:
        each = self._one(which)
        with self.trouble(trouble, each) as office:
            self._erase(office, each)

    @precondition(lambda self: len(self.accepted) > 1)
    @rule(verb=OF_KEYS, one=KEYS, other=KEYS, trouble=TROUBLES)
    def decide(
        self, verb: str, one: CustomerKey, other: CustomerKey, trouble: Trouble | None
    ) -> None:
        with self.trouble(trouble) as office:
            if verb == "erase":
                self._erase_customer(office, one)
                return
            self._decide(office, one, other, together=verb == "join")

    # --- the platform ----------------------------------------------------------------------

    @rule(most=st.integers(1, 10), backwards=st.booleans(), trouble=TROUBLES)
    def deliver(self, most: int, backwards: bool, trouble: Trouble | None) -> None:
        batch = self.world.take(most)
        if backwards:
            batch.reverse()
        if batch:
            subject = next(
                (a for a in self.accepted if a.receipt.ticket_id == batch[0].ticket_id), None
            )
            with self.trouble(trouble, subject) as office:
                self._invoke(office, batch)

    @precondition(lambda self: self.delivered)
    @rule(which=INDEX, times=st.integers(1, 3), trouble=TROUBLES)
    def deliver_again(self, which: int, times: int, trouble: Trouble | None) -> None:
        again = Delivery(self.delivered[which % len(self.delivered)], "old", 1)
        with self.trouble(trouble) as office:
            self._invoke(office, [again] * times)

    @rule(trouble=TROUBLES)
    def reconcile(self, trouble: Trouble | None) -> None:
        with self.trouble(trouble) as office:
            office.reconcile()

    @rule(span=SPANS)
    def time_passes(self, span: timedelta) -> None:
        self.office.clock.advance(span)

    @rule(intake=st.booleans(), everything=st.booleans())
    def lose_messages(self, intake: bool, everything: bool) -> None:
        queue: Any = self.office.intake if intake else self.office.escalations
        if everything:
            self.world.purge(queue)
        elif received := queue.receive(VISIBILITY):
            queue.delete(received.receipt)

    @rule()
    def redrive(self) -> None:
        for ticket_id in self.world.dead_letters():
            self.office.intake.send(ticket_id)

    # --- people at the desk ----------------------------------------------------------------

    @rule(agent=st.sampled_from(AGENTS), trouble=TROUBLES)
    def take_next(self, agent: str, trouble: Trouble | None) -> None:
        with self.trouble(trouble) as office:
            workplace(office, agent).take_next()

    @precondition(lambda self: self.accepted)
    @rule(which=INDEX, agent=st.sampled_from(AGENTS), trouble=TROUBLES)
    def claim(self, which: int, agent: str, trouble: Trouble | None) -> None:
        each = self._one(which)
        with self.trouble(trouble, each) as office:
            workplace(office, agent).claim(each.receipt.ticket_id)

    @precondition(lambda self: self.accepted)
    @rule(
        which=INDEX,
        agent=WHO,
        lag=st.sampled_from([None, 0, 1]),
        unread=st.sampled_from([None, 0, 0, 1]),
        trouble=TROUBLES,
    )
    def reply(
        self,
        which: int,
        agent: str,
        lag: int | None,
        trouble: Trouble | None,
        unread: int | None = None,
    ) -> None:
        each = self._one(which)
        fence = None if lag is None else self._ticket(each.receipt.ticket_id).fence - lag
        with self.trouble(trouble, each) as office:
            self._reply(office, each, self._who(agent, each), fence, unread=unread)

    @precondition(lambda self: self.accepted)
    @rule(
        which=INDEX,
        agent=WHO,
        verb=st.sampled_from(["extend", "release", "close", "reopen", "note"]),
        trouble=TROUBLES,
    )
    def act(self, which: int, agent: str, verb: str, trouble: Trouble | None) -> None:
        each = self._one(which)
        with self.trouble(trouble, each) as office:
            acting = workplace(office, self._who(agent, each))
            said = ("Look at this.",) if verb == "note" else ()
            getattr(acting, verb)(each.receipt.ticket_id, *said)

    @precondition(lambda self: self.accepted)
    @rule(
        which=INDEX,
        agent=WHO,
        to=st.sampled_from([None, *AGENTS]),
        override=st.booleans(),
        trouble=TROUBLES,
    )
    def transfer(
        self, which: int, agent: str, to: str | None, override: bool, trouble: Trouble | None
    ) -> None:
        each = self._one(which)
        with self.trouble(trouble, each) as office:
            acting = workplace(office, self._who(agent, each))
            acting.transfer(each.receipt.ticket_id, to=to, override=override)

    @precondition(lambda self: self.accepted)
    @rule(which=INDEX, agent=WHO, span=SPANS, trouble=TROUBLES)
    def snooze(self, which: int, agent: str, span: timedelta, trouble: Trouble | None) -> None:
        each = self._one(which)
        with self.trouble(trouble, each) as office:
            acting = workplace(office, self._who(agent, each))
            acting.snooze(each.receipt.ticket_id, office.clock() + span)

    @precondition(lambda self: self.accepted)
    @rule(
        which=INDEX,
        agent=st.sampled_from(AGENTS),
        verb=st.sampled_from(["tag", "spam", "add"]),
        trouble=TROUBLES,
    )
    def arrange(self, which: int, agent: str, verb: str, trouble: Trouble | None) -> None:
        each = self._one(which)
        with self.trouble(trouble, each) as office:
            acting = workplace(office, agent)
            match verb:
                case "tag":
                    acting.tag(each.receipt.ticket_id, add=[f"from-{agent}"], remove=["from-bob"])
                case "spam":
                    acting.spam(each.receipt.ticket_id)
                case _:
                    self._add(office, each, agent)

    @precondition(lambda self: len(self.accepted) > 1)
    @rule(
        which=INDEX,
        into=INDEX,
        agent=st.sampled_from(AGENTS),
        apart=st.booleans(),
        trouble=TROUBLES,
    )
    def merge(
        self, which: int, into: int, agent: str, apart: bool, trouble: Trouble | None
    ) -> None:
        each, root = self._one(which), self._one(into)
        with self.trouble(trouble, each) as office:
            acting = workplace(office, agent)
            if apart:
                acting.split(each.receipt.ticket_id)
            else:
                acting.merge(root.receipt.ticket_id, each.receipt.ticket_id)

    @rule(
        intent=st.sampled_from(["refund", "track_order"]),
        edit=st.sampled_from(["reword", "hand over", "remove", "name a fact", "end"]),
    )
    def edit_knowledge(self, intent: str, edit: str) -> None:
        if edit == "remove":
            self.office.articles.remove(intent)
            return
        answer = f"What we say since edit {next(self._numbers)}."
        if edit == "name a fact":
            answer = f"{answer} It takes {{period}}."
        over = self.office.clock().date() - timedelta(days=1) if edit == "end" else None
        self.office.articles.put(
            an_article(intent, answer=answer, needs_person=edit == "hand over", valid_until=over)
        )

    @rule(known=st.booleans())
    def state_facts(self, known: bool) -> None:
        """A lead sets the fact or, as no editor lets one, takes it away while it is used."""
        before = self.office.articles.facts()
        values = {"period": f"{next(self._numbers)} days"} if known else {}
        after = Facts(values=values, version=before.version + 1)
        self.office.articles.state(after, instead_of=before)
