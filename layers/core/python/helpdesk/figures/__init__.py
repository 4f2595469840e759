"""What the desk looks like in figures: counts of days, kept, and added up. Pure.

counting    one day's events -> the counts of that day
keeping     the use case of the clock: which days are counted now, and which are final
tallies     what is counted where no event of a ticket tells it: mails, files, notices
adding      counts of days -> figures of a span
"""

from helpdesk.figures.adding import (
    Articles,
    Duplicates,
    Family,
    Figures,
    Files,
    Flow,
    Mail,
    Notifications,
    Shelf,
    Tickets,
    figures,
)
from helpdesk.figures.counting import DIMENSIONS, NONE, Day, counted
from helpdesk.figures.keeping import Days, Events, keep
from helpdesk.figures.tallies import FAILED, LATEST_FAULTS, Counted, Fault, Kind, Tallies, Tally

__all__ = [
    "DIMENSIONS",
    "FAILED",
    "LATEST_FAULTS",
    "NONE",
    "Articles",
    "Counted",
    "Day",
    "Days",
    "Duplicates",
    "Events",
    "Family",
    "Fault",
    "Figures",
    "Files",
    "Flow",
    "Kind",
    "Mail",
    "Notifications",
    "Shelf",
    "Tallies",
    "Tally",
    "Tickets",
    "counted",
    "figures",
    "keep",
]
