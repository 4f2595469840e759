"""`make evaluate`: measure the understanding on labelled messages, the desk's own or any others.

    python -m infra.evaluating.evaluate [--train train.jsonl] [--test test.jsonl]
        [--out scores.json] [--plot curves.png] [--predict understood.jsonl]

Without --train and --model the model is the one that the knowledge files give: fitting is
deterministic, so it is byte for byte what the stack's trainer publishes for them. Without --test
the golden set judges. The test file is read only after everything has been chosen.
"""

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from helpdesk.understanding.encoder import Encoder, load_encoder
from helpdesk.understanding.model import OUT_OF_SCOPE, Model
from helpdesk.understanding.pipeline import Understander
from helpdesk.understanding.teaching import strangers
from helpdesk.understanding.training import fit

from infra.evaluating.labelled import read_messages
from infra.evaluating.reading import Figure, figures, reader
from infra.evaluating.report import plot, predictions, table
from infra.evaluating.scores import Outcome, score
from infra.teaching import encoders, knowledge_files
from infra.teaching.seed import GOLDEN
from infra.teaching.teacher import STRANGERS_SHARE, TARGET_PRECISION


def main(arguments: Sequence[str] | None = None) -> int:
    """Evaluate from the command line; return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--train", type=Path, help="fit on these messages (the knowledge files)")
    what.add_argument("--model", type=Path, help="evaluate this model as it is")
    parser.add_argument("--test", type=Path, default=GOLDEN, help="(the golden set)")
    parser.add_argument(
        "--encoder", type=Path, nargs="+", help="the first one counts (the full, then the light)"
    )
    parser.add_argument("--target-precision", type=float, default=TARGET_PRECISION)
    parser.add_argument("--strangers-share", type=float, default=STRANGERS_SHARE)
    parser.add_argument("--no-strangers", action="store_true", help="fit without those that ship")
    parser.add_argument("--out", type=Path, help="write the scores as JSON")
    parser.add_argument("--plot", type=Path, help="draw the curves as PNG")
    parser.add_argument("--predict", type=Path, help="write what was understood, a JSON line each")
    parser.add_argument("--save", type=Path, help="keep the fitted model of the first encoder")
    options = parser.parse_args(arguments)
    try:
        evaluate(options)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def evaluate(options: argparse.Namespace) -> None:
    """Score each encoder and write what `options` ask for. Raises OSError and ValueError."""
    columns: list[dict[str, Any]] = []
    outcomes: dict[str, Outcome] = {}
    shown: list[Figure] = []
    for folder in options.encoder or [encoders.folder(light=light) for light in (False, True)]:
        encoder = load_encoder(folder)
        model, about = _model(options, encoder)
        messages = read_messages(options.test)
        column, understood = score(Understander(model, encoder), messages)
        size = sum(path.stat().st_size for path in folder.iterdir())
        column["sizes"]["encoder_bytes"] = size
        if not columns:
            if not (options.train or options.model):
                shown = figures(reader(Understander(model, encoder), knowledge_files.read()))
            if options.predict:
                lines = predictions([m.text for m in messages], understood)
                options.predict.write_text("".join(f"{line}\n" for line in lines), "utf-8")
            if options.save:
                options.save.write_bytes(model.to_bytes())
        columns.append({**column, **about, "test_sha256": _digest(options.test)})
        outcomes[encoder.mode] = Outcome.of(messages, understood)
    print(table(columns))
    if shown:
        print("\nhow real messages are read, with the interval of nine in ten samples")
        print("\n".join(f"  {figure}" for figure in shown))
    if options.out:
        first, *others = columns
        options.out.write_text(json.dumps({**first, "other_modes": others}, indent=2) + "\n")
    if options.plot:
        plot(options.plot, outcomes)


def _model(options: argparse.Namespace, encoder: Encoder) -> tuple[Model, dict[str, Any]]:
    """Return the model to judge, and what is known of how it was made."""
    if options.model:
        return Model.from_bytes(options.model.read_bytes()), {}
    start = time.perf_counter()
    teach = partial(
        fit,
        encoder=encoder,
        target_precision=options.target_precision,
        strangers=() if options.no_strangers else strangers(),
        strangers_share=options.strangers_share,
    )
    if options.train:
        model = teach(_utterances(options.train))
        about = {"train_sha256": _digest(options.train)}
    else:
        knowledge = {article.intent: article.utterances for article in knowledge_files.read()}
        model = teach(knowledge)
        about = {"knowledge_sha256": knowledge_files.digest()}
    return model, {**about, "fit_seconds": time.perf_counter() - start}


def _utterances(train: Path) -> Mapping[str, list[str]]:
    utterances: dict[str, list[str]] = {}
    for message in read_messages(train):
        name = min(message.intents, default=OUT_OF_SCOPE)
        utterances.setdefault(name, []).append(message.text)
    return utterances


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
