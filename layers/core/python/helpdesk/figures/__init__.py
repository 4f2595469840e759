"""What the desk looks like in figures: counts of days, kept, and added up. Pure.

counting    one day's events -> the counts of that day
course      what happened in the course of a day: hours, intents, agents, waiting times
keeping     the use case of the clock: which days are counted now, and which are final
tallies     what is counted where no event of a ticket tells it: mails, files, notices
adding      counts of days -> figures of a span
board       counts of days -> what a board shows of a span
"""

from helpdesk.figures.adding import (
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
from helpdesk.figures.board import Board, Hour, Share, board
from helpdesk.figures.counting import DIMENSIONS, NONE, Day, counted
from helpdesk.figures.course import BOUNDS, LONGER, Course, within
from helpdesk.figures.keeping import Days, Events, keep
from helpdesk.figures.tallies import FAILED, LATEST_FAULTS, Counted, Fault, Kind, Tallies, Tally

__all__ = [
    "BOUNDS",
    "DIMENSIONS",
    "FAILED",
    "LATEST_FAULTS",
    "LONGER",
    "NONE",
    "Board",
    "Counted",
    "Course",
    "Day",
    "Days",
    "Duplicates",
    "Events",
    "Family",
    "Fault",
    "Figures",
    "Files",
    "Flow",
    "Hour",
    "Kind",
    "Mail",
    "Notifications",
    "Share",
    "Shelf",
    "Tallies",
    "Tally",
    "Tickets",
    "board",
    "counted",
    "figures",
    "keep",
    "within",
]
