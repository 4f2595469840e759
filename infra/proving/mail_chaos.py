"""Inflicts one fault on mails and files, lets everything settle, and audits."""

import time
from collections import Counter
from dataclasses import dataclass, field

from helpdesk.ticket import State

from infra.proving.mail_audit import MailAudit, audit_mails
from infra.proving.mail_faults import MAIL_FAULTS, MAILS, SINKS, come_to_rest
from infra.proving.testbed import STATE, SUNK, Testbed, tell

HEAD = """\
| fault | inflicted | mails | tickets | answered | with people | files | left by mail | copies \
| refused | dead letters, all sent again | lost | doubled | unexplained | not sent | took |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"""


@dataclass(slots=True)
class MailResult:
    """One fault's outcome; `inflicted` counts what was done, `audit` has the result."""

    fault: str
    inflicted: Counter[str]
    audit: MailAudit
    redriven: int
    unreachable: int
    seconds: float
    surprises: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether all is as it should be, and nothing else is left."""
        return self.audit.clean and not (self.unreachable or self.surprises)

    @property
    def row(self) -> str:
        """The line of the table."""
        found, tickets = self.audit, self.audit.tickets
        done = ", ".join(f"{count} {what}" for what, count in self.inflicted.items())
        return (
            f"| {self.fault} | {done} | {found.mails} | {len(found.ids)} "
            f"| {tickets.states[State.ANSWERED]} | {tickets.states[State.ESCALATED]} "
            f"| {found.files} | {found.answers} | {found.copies} | {found.refused} "
            f"| {self.redriven} | {len(found.lost) + len(tickets.lost)} "
            f"| {len(found.doubled) + len(tickets.doubled)} | {len(tickets.unexplained)} "
            f"| {len(found.unsent)} | {self.seconds:.0f} s |"
        )


def suffer(testbed: Testbed, fault: str, count: int) -> MailResult:
    """Inflict one fault with up to 200 mails, repair everything, and audit."""
    testbed.start_anew()
    started = time.monotonic()
    inflict = MAIL_FAULTS[fault]
    print(f"{fault}: {(inflict.__doc__ or '').splitlines()[0]}", flush=True)
    office = testbed.post_office(SINKS.get(fault, ("",)))
    with office.open():
        try:
            inflict(testbed, office, min(count, MAILS))
        except TimeoutError as error:
            testbed.surprises.append(str(error))
        tell(", ".join(f"{number} {what}" for what, number in testbed.inflicted.items()))
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
    verdict = "all accounted for" if result.clean else "NOT ALL IS WELL"
    tell(f"{found.mails} mails, {len(found.ids)} tickets: {verdict}, {result.seconds:.0f} s")
    for line in [*testbed.surprises, *found.wrong]:
        tell(line)
    return result
