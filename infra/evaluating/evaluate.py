"""`make evaluate`: measure the understanding on anybody's labelled messages.

Without --train the model is the one that the knowledge files give: fitting is deterministic, so it
is byte for byte what the stack's trainer publishes for them. Without --test the golden set judges.
"""

import json
import sys
from pathlib import Path

from helpdesk.understanding import evaluate

from infra import knowledge_files, seed
from infra.build import BUILD


def main(arguments: list[str]) -> int:
    """Evaluate with what is given, filling in the rest; return the exit status."""
    if {"-h", "--help"} & set(arguments):
        evaluate.main(["--help"])
    encoders = [seed.encoder_folder(light=light) for light in (False, True)]
    if "--train" not in arguments and "--model" not in arguments:
        arguments = [*arguments, "--train", str(_knowledge(BUILD / "knowledge.jsonl"))]
    if "--test" not in arguments:
        arguments = [*arguments, "--test", str(seed.GOLDEN)]
    try:
        evaluate.main([*arguments, "--encoder", *map(str, encoders)])
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _knowledge(path: Path) -> Path:
    lines = [
        json.dumps({"text": text, "intent": article.intent})
        for article in knowledge_files.read()
        for text in article.utterances
    ]
    path.write_text("\n".join(lines) + "\n")
    return path


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
