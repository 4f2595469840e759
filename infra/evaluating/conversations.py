"""The second half of `make evaluate`: whole conversations, with the product's own command.

Exits with 1 where a figure that holds today no longer does.
"""

import sys
from typing import Final

from agent_cli.cli import main
from infra.teaching import encoders, knowledge_files
from infra.teaching.seed import GOLDEN

MINIMA: Final = {"bleu": 0.017}
MAXIMA: Final = {"forbidden": 0, "placeholders": 0}
"""What must hold. The bars that the starter knowledge misses are in
`tests/integration/test_conversations_judged.py`, each with its figure."""


def words() -> list[str]:
    """Return the words of the command."""
    found = ["evaluate", str(GOLDEN.parent / "conversations.jsonl")]
    found += ["--local", str(knowledge_files.FOLDER), "--local", str(GOLDEN)]
    found += ["--encoder", str(encoders.folder())]
    for option, bounds in (("--minimum", MINIMA), ("--maximum", MAXIMA)):
        for name, value in bounds.items():
            found += [option, f"{name}={value}"]
    return found


if __name__ == "__main__":
    main([*words(), *sys.argv[1:]], prog_name="helpdesk")
