"""What crosses the borders: requests, answers, problems and queue messages, validated.

A request is read strictly, and an error says which field is wrong, but not what was in it.

    queries      what customers send and get, and what queues carry
    predicting   what is asked of a prediction, and what is said of a text
    analysing    what is asked of an analysis, and what is said of a message
    assisting    a message that a person has to answer, and what is suggested
    strictness   how strictly requests are read
"""

from helpdesk.contract.analysing import AnalysisIn, AnalysisOut, CategoriesOut, FilesIn
from helpdesk.contract.assisting import MessageToProcess, ProcessedOut
from helpdesk.contract.predicting import (
    MOST_TEXTS,
    EntityOut,
    IntentOut,
    PredictIn,
    PredictionOut,
    PredictionsOut,
)
from helpdesk.contract.queries import (
    MAX_BODY,
    MAX_DEPTH,
    MAX_WAIT,
    Accepted,
    CustomerIn,
    CustomerOut,
    Echoed,
    Fault,
    FeedbackIn,
    Health,
    IdentityIn,
    MessageIn,
    MessageOut,
    Moved,
    Problem,
    QuestionIn,
    QuestionOut,
    Renewed,
    TicketMessage,
    TicketOut,
    amendment,
    faults,
)

__all__ = [
    "MAX_BODY",
    "MAX_DEPTH",
    "MAX_WAIT",
    "MOST_TEXTS",
    "Accepted",
    "AnalysisIn",
    "AnalysisOut",
    "CategoriesOut",
    "CustomerIn",
    "CustomerOut",
    "Echoed",
    "EntityOut",
    "Fault",
    "FeedbackIn",
    "FilesIn",
    "Health",
    "IdentityIn",
    "IntentOut",
    "MessageIn",
    "MessageOut",
    "MessageToProcess",
    "Moved",
    "PredictIn",
    "PredictionOut",
    "PredictionsOut",
    "Problem",
    "ProcessedOut",
    "QuestionIn",
    "QuestionOut",
    "Renewed",
    "TicketMessage",
    "TicketOut",
    "amendment",
    "faults",
]
