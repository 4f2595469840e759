"""How the desk would answer a text, and why, in words."""

from helpdesk.contract import PredictionOut

DECIDED = {
    "answer": "The desk answers by itself.",
    "ask": "The desk asks the customer to choose.",
    "escalate": "A person gets it.",
    "greet": "The desk replies politely.",
}
"""What a decision means, for people."""


def why(made: PredictionOut) -> str:
    """Return why a text would be answered as it would be."""
    if made.decision == "greet":
        return "it only thanks, agrees or says goodbye"
    if not made.intents:
        return "the desk cannot read any of it"
    best = made.intents[0]
    sure = f"{best.intent} is {best.probability:.0%} sure and needs {best.required:.0%}"
    if made.decision == "answer":
        return sure
    if made.decision == "ask":
        return f"almost equally likely: {', '.join(made.choices)}"
    return f"{made.reason}: {sure}; it is {made.scope:.0%} like what the desk knows"
