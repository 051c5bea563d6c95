"""Search for hostile inputs that the judge objects to: ``hatch run fuzz``.

First every case of the corpus, then configs, checkpoints, indices and option texts at random for
as long as it is told. What is found is written down with its kind and seed, from which ``--kind``
and ``--seed`` make it again. ``hatch run fuzz-guided`` lets coverage lead the search.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path
from random import Random

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER / "library"))

import corpus_checkpoint  # noqa: E402
import corpus_config  # noqa: E402
from corpus_config import Case  # noqa: E402
from court import (  # noqa: E402
    Court,
    checkpoint_judgement,
    config_judgement,
    court,
    options_judgement,
)
from grammar import data_text, program  # noqa: E402
from grammar_checkpoint import checkpoint_case, option_texts  # noqa: E402

_BASE = {"base.json": '{"a": [1, {"b": "c"}]}'}


def random_config(judge: Court, folder: Path, seed: int) -> str:
    """Try the config of a seed; return what is wrong."""
    random = Random(seed)
    suffix = random.choice(["py", "py", "py", "yaml", "json"])
    text = program(random) if suffix == "py" else data_text(random, suffix)
    wrong = config_judgement(judge, folder, Case(f"seed {seed}", {**_BASE, f"case.{suffix}": text}))
    return f"{wrong[:500]}\n{text[-2000:]}" if wrong else ""


def random_checkpoint(judge: Court, folder: Path, seed: int) -> str:
    """Try the checkpoint, or index, of a seed; return what is wrong."""
    return checkpoint_judgement(judge, folder, checkpoint_case(Random(seed), f"seed {seed}"))


def random_options(judge: Court, folder: Path, seed: int) -> str:
    """Try the options of a seed; return what is wrong."""
    wrong = options_judgement(judge, option_texts(Random(seed)))
    return f"seed {seed}: {wrong}" if wrong else ""


KINDS: dict[str, tuple[str, Callable[[Court, Path, int], str]]] = {
    "config": ("run_config:load", random_config),
    "checkpoint": ("run_checkpoint:read", random_checkpoint),
    "options": ("run_options:parse", random_options),
}


def corpus(judges: dict[str, Court], folder: Path) -> Iterable[str]:
    """Try every case of the corpus; yield what is wrong with each, if anything is."""
    if "config" in judges:
        c = corpus_config
        made = (c.code(), c.cost(whole=True), c.files(), c.data_files(), c.templates(), c.sources())
        for case in itertools.chain(*made):
            yield config_judgement(judges["config"], folder, case)
    if "checkpoint" in judges:
        k = corpus_checkpoint
        for each in itertools.chain(k.named(), k.costly(), k.configs(), k.indices(), k.trainings()):
            yield checkpoint_judgement(judges["checkpoint"], folder, each)


def main() -> int:
    """Search, and say how many were tried and found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--kind", choices=[*KINDS], action="append", help="this one alone")
    parser.add_argument("--seed", type=int, default=None, help="try this one alone")
    parser.add_argument("--corpus", action="store_true", help="try the whole corpus first")
    options = parser.parse_args()
    kinds = options.kind or [*KINDS]
    tried, found = dict.fromkeys(kinds, 0), dict.fromkeys(kinds, 0)
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        case = Path(name) / "case"
        judges = {kind: stack.enter_context(court(Path(name), KINDS[kind][0])) for kind in kinds}
        for number, wrong in enumerate(corpus(judges, case) if options.corpus else ()):
            if wrong:
                print(f"corpus, case {number}: {wrong[:500]}", flush=True)
        end = time.monotonic() + 60 * options.minutes
        seeds = itertools.count(time.time_ns() % 10**12)
        for seed in seeds if options.seed is None else [options.seed]:
            if time.monotonic() > end:
                break
            for kind in kinds:
                wrong = KINDS[kind][1](judges[kind], case, seed)
                tried[kind] += 1
                found[kind] += bool(wrong)
                if wrong:
                    print(f"{kind}: {wrong}", flush=True)
    for kind in kinds:
        print(f"{kind}: {tried[kind]} tried at random, {found[kind]} of them answered wrongly")
    return int(any(found.values()))


if __name__ == "__main__":
    raise SystemExit(main())
