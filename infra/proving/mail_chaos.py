"""Inflicts one fault on mails and files, lets everything settle, and audits."""

import time
from dataclasses import dataclass

from helpdesk.ticket import State

from infra.proving.mail_audit import MailAudit, audit_mails
from infra.proving.mail_faults import MAIL_FAULTS, MAILS, SINKS, come_to_rest
from infra.proving.outcome import Outcome
from infra.proving.testbed import STATE, SUNK, Testbed, tell

HEAD = """\
| fault | inflicted | mails | tickets | answered | with people | files | left by mail | copies \
| refused | dead letters, all sent again | lost | doubled | unexplained | not sent | took |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"""


@dataclass(slots=True, kw_only=True)
class MailResult(Outcome[MailAudit]):
    """What a fault did to mails and files."""

    redriven: int

    @property
    def row(self) -> str:
        """The line of the table."""
        found, tickets = self.audit, self.audit.tickets
        return (
            f"| {self.fault} | {self.done} | {found.mails} | {len(found.ids)} "
            f"| {tickets.states[State.ANSWERED]} | {tickets.states[State.ESCALATED]} "
            f"| {found.files} | {found.answers} | {found.copies} | {found.refused} "
            f"| {self.redriven} | {len(found.lost) + len(tickets.lost)} "
            f"| {len(found.doubled) + len(tickets.doubled)} | {len(tickets.unexplained)} "
            f"| {len(found.unsent)} | {self.seconds:.0f} s |"
        )


def suffer(testbed: Testbed, fault: str, count: int) -> MailResult:
    """Inflict one fault with up to 200 mails, repair everything, and audit."""
    inflict = MAIL_FAULTS[fault]
    started = testbed.begin(fault, inflict)
    office = testbed.post_office(SINKS.get(fault, ("",)))
    with office.open():
        with testbed.suffering():
            inflict(testbed, office, min(count, MAILS))
        office.sink.calm()
        redriven = come_to_rest(testbed)
    found = audit_mails(testbed.stack, office.posted, SUNK)
    (STATE / f"{fault}.txt").write_text("\n".join(found.ids) + "\n")
    result = MailResult(
        fault=fault,
        inflicted=testbed.inflicted,
        audit=found,
        redriven=redriven,
        unreachable=testbed.unreachable(),
        seconds=time.monotonic() - started,
        surprises=testbed.surprises,
    )
    tell(f"{found.mails} mails, {len(found.ids)} tickets: {result.verdict}")
    for line in [*testbed.surprises, *found.wrong]:
        tell(line)
    return result
