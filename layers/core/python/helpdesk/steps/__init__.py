"""What is to be done next inside the shop: steps from a vocabulary that the desk configures. Pure.

A step follows from what was found, or from the intent. It is never read from a text or from what an
engine wrote.

tables     the vocabulary as data, with what a desk changes of it
deciding   which steps follow from what was found
"""

from helpdesk.steps.deciding import ForbiddenStepError, Situation, Step, following
from helpdesk.steps.tables import Sign, StepsError, Vocabulary, read, shipped

__all__ = [
    "ForbiddenStepError",
    "Sign",
    "Situation",
    "Step",
    "StepsError",
    "Vocabulary",
    "following",
    "read",
    "shipped",
]
