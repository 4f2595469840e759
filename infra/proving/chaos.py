"""`make chaos`: breaks a local stack in every way that it must survive, then counts.

    python -m infra.proving.chaos --tickets 1000            every fault, a thousand tickets each
    python -m infra.proving.chaos --tickets 100 poison      one of them
    python -m infra.proving.chaos mail-kills                200 mails, functions killed meanwhile

It has a LocalStack of its own in `build/chaos`, a new one for each fault. A proxy makes the faults
between the functions and AWS: for a time, the functions' environment points to the proxy. The
product itself is not changed. After each fault everything is repaired, the desk comes to rest, and
every accepted ticket is audited; after the faults of mails also each mail, each file and each
answer (see `mail_audit`), after those of notices what the receiver has. The accepted ids stay in
`build/chaos/<fault>.txt`. The last fault's tickets stay, too, for `python -m infra.proving.audit`.
"""

import argparse
import sys
import time
from dataclasses import dataclass
from typing import Any

from helpdesk.ticket import State

from infra import emulator
from infra.proving import mail_chaos, notice_chaos
from infra.proving.audit import Audit, audit
from infra.proving.faults import FAULTS
from infra.proving.mail_faults import MAIL_FAULTS
from infra.proving.outcome import Outcome
from infra.proving.testbed import STATE, Testbed, quiet, tell

PORT = 4592
MAIL_PORT = 4596


@dataclass(slots=True, kw_only=True)
class Result(Outcome[Audit]):
    """What a fault did to questions by the API."""

    accepted: int
    dead_letters: int

    @property
    def row(self) -> str:
        """The line of the table."""
        states = self.audit.states
        return (
            f"| {self.fault} | {self.done} | {self.accepted} | {states[State.ANSWERED]} "
            f"| {states[State.ESCALATED]} | {self.dead_letters} | {len(self.audit.lost)} "
            f"| {len(self.audit.doubled)} | {len(self.audit.unexplained)} | {self.unreachable} "
            f"| {self.seconds:.0f} s |"
        )


HEAD = """\
| fault | inflicted | accepted | answered | with people | dead letters | lost | doubled \
| unexplained | unreachable | took |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"""


def suffer(testbed: Testbed, fault: str, count: int) -> Result:
    """Inflict one fault, repair everything, and audit."""
    inflict = FAULTS[fault]
    started = testbed.begin(fault, inflict)
    with testbed.suffering():
        inflict(testbed, count)
    testbed.take_orders(enabled=True)
    testbed.come_to_rest()
    (STATE / f"{fault}.txt").write_text("\n".join(testbed.accepted) + "\n")
    found = audit(testbed.accepted, testbed.tickets)
    result = Result(
        fault=fault,
        accepted=len(testbed.accepted),
        inflicted=testbed.inflicted,
        audit=found,
        dead_letters=testbed.dead.measure().visible + testbed.dead.measure().in_flight,
        unreachable=testbed.unreachable(),
        seconds=time.monotonic() - started,
        surprises=testbed.surprises,
    )
    tell(f"{result.accepted} accepted, {dict(found.states)}: {result.verdict}")
    for surprise in testbed.surprises:
        tell(surprise)
    return result


def main() -> int:
    """Inflict the faults and print the table; return 1 if a ticket is not as it should be."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    every = [*FAULTS, *MAIL_FAULTS, *notice_chaos.NOTICE_FAULTS]
    parser.add_argument("faults", nargs="*", metavar="fault", help=f"of {', '.join(every)}")
    parser.add_argument("--tickets", type=int, default=1000, help="for each fault (1000)")
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--mail-port", type=int, default=MAIL_PORT, help="and the next two")
    parser.add_argument("--seed", type=int, default=1, help="of what is random in the faults (1)")
    options = parser.parse_args()
    if unknown := set(options.faults) - set(every):
        parser.error(f"no such fault: {', '.join(sorted(unknown))}")
    print(f"seed {options.seed}", flush=True)
    results: list[Result] = []
    mailed: list[mail_chaos.MailResult] = []
    told: list[notice_chaos.NoticeResult] = []
    try:
        testbed = Testbed(options.port, options.mail_port, options.seed)
        for fault in options.faults or every:
            if fault in FAULTS:
                results += [suffer(testbed, fault, options.tickets)]
            elif fault in notice_chaos.NOTICE_FAULTS:
                told += [notice_chaos.suffer(testbed, fault, options.tickets)]
            else:
                mailed += [mail_chaos.suffer(testbed, fault, options.tickets)]
    except KeyboardInterrupt:
        print("\nInterrupted.")
        return 130
    finally:
        emulator.stop(STATE, say=quiet)
        if results:
            print("\n".join([HEAD, *(result.row for result in results)]))
        if mailed:
            print("\n".join([mail_chaos.HEAD, *(result.row for result in mailed)]))
        if told:
            print("\n".join([notice_chaos.HEAD, *(result.row for result in told)]))
    every_one: list[Outcome[Any]] = [*results, *mailed, *told]
    return 0 if all(each.clean for each in every_one) else 1


if __name__ == "__main__":
    sys.exit(main())
