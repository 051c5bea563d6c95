"""Search for hostile configs that the judge objects to: ``hatch run fuzz``.

First every case of the corpus, then configs at random for as long as it is told. What is found is
written down with its seed, from which ``--seed`` makes it again.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from random import Random

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER / "library"))

from corpus_config import Case, code, cost, data_files, files, sources, templates  # noqa: E402
from court import Court, config_judgement, court  # noqa: E402
from grammar import data_text, program  # noqa: E402

_BASE = {"base.json": '{"a": [1, {"b": "c"}]}'}


def random_case(seed: int) -> Case:
    """The config of a seed."""
    random = Random(seed)
    suffix = random.choice(["py", "py", "py", "yaml", "json"])
    text = program(random) if suffix == "py" else data_text(random, suffix)
    return Case(f"seed {seed}", {**_BASE, f"case.{suffix}": text})


def tried(judge: Court, folder: Path, case: Case) -> bool:
    """Try a case; say what is wrong with the answer, if anything is."""
    wrong = config_judgement(judge, folder, case)
    if wrong:
        print(wrong[:500], flush=True)
        print("\n".join(case.files.values())[-2000:] if "seed" in case.name else "", flush=True)
    return bool(wrong)


def main() -> int:
    """Search, and say how many were tried and found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=None, help="try this one alone")
    parser.add_argument("--corpus", action="store_true", help="try the whole corpus first")
    options = parser.parse_args()
    number = found = 0
    with tempfile.TemporaryDirectory() as name, court(Path(name), "run_config:load") as judge:
        cases: list[Case] = []
        if options.seed is not None:
            cases = [random_case(options.seed)]
        elif options.corpus:
            cases = [*code(), *cost(whole=True), *files(), *data_files(), *templates(), *sources()]
        for case in cases:
            number += 1
            found += tried(judge, Path(name) / "case", case)
        end = time.monotonic() + 60 * options.minutes
        seed = time.time_ns() % 10**12
        while options.seed is None and time.monotonic() < end:
            number, seed = number + 1, seed + 1
            found += tried(judge, Path(name) / "case", random_case(seed))
    print(f"{number} configs tried, {found} of them answered wrongly")
    return bool(found)


if __name__ == "__main__":
    raise SystemExit(main())
