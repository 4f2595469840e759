"""Many customers, the same matter within hours: a suggestion to a lead, with one reply to all.

Nothing here happens by itself: a lead looks, and a lead replies.

    model       what is looked at of a ticket, what an incident is, and by which rules
    grouping    which tickets are about the same, and when that is an incident
    looking     the incidents of the last hours, by bounded reads
    replying    one reply to every ticket of an incident that waits
"""

from helpdesk.incidents.grouping import akin, incidents
from helpdesk.incidents.looking import MOST_LOOKED_AT, Found, holding, suspected
from helpdesk.incidents.model import LONGEST, Incident, Rules, Voice
from helpdesk.incidents.replying import Outcome, Step, reply_to_all

__all__ = [
    "LONGEST",
    "MOST_LOOKED_AT",
    "Found",
    "Incident",
    "Outcome",
    "Rules",
    "Step",
    "Voice",
    "akin",
    "holding",
    "incidents",
    "reply_to_all",
    "suspected",
]
