"""Brings cases before the judge: writes their files, starts it, and collects what it says."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from corpus_checkpoint import CheckpointCase
from corpus_config import Case

__all__ = [
    "NAMED",
    "Court",
    "checkpoint_judgement",
    "config_judgement",
    "court",
    "options_judgement",
    "written",
]

FOLDER = Path(__file__).parent
NAMED = ["stranger", "subprocess", "code", "antigravity", "webbrowser", "runpy", "timeit"]
_FAILED = ("raw", "died", "ended", "nothing")
# The decoy that inputs name: importing or calling it leaves a file.
_STRANGER = (
    "open('here', 'w').close()\n\n\ndef run(*args, **kwargs):\n    open('here', 'w').close()\n"
)


class Court:
    """A judge that waits for cases."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def verdict(self, case: dict[str, Any]) -> dict[str, Any]:
        """What the judge says of a case: ``answer``, ``seen`` and ``seconds``."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(case) + "\n")
        self._process.stdin.flush()
        found: dict[str, Any] = json.loads(self._process.stdout.readline())
        return found


@contextmanager
def court(folder: Path, run: str) -> Iterator[Court]:
    """Start a judge that knows the function ``run``, ``"module:name"`` of this folder.

    Args:
        folder: for the decoy that inputs name.
        run: what it does with each case.
    """
    decoys = folder / "decoys"
    decoys.mkdir(exist_ok=True)
    (decoys / "stranger.py").write_text(_STRANGER)
    (decoys / "strangers" / "configs").mkdir(parents=True, exist_ok=True)
    (decoys / "strangers" / "__init__.py").write_text(_STRANGER)
    (decoys / "strangers" / "configs" / "c.py").write_text("leak = 1\n")
    path = os.pathsep.join([*filter(None, [os.environ.get("PYTHONPATH")]), str(decoys)])
    command = [sys.executable, str(FOLDER / "judge.py"), run]
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        try:
            yield Court(process)
        finally:
            assert process.stdin
            process.stdin.close()


def written(folder: Path, files: Mapping[str, str | bytes], links: Mapping[str, str]) -> Path:
    """Write the files of a case into a folder of its own; return the folder."""
    folder.mkdir(parents=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            content = content.encode("utf-8", "surrogatepass")
        path.write_bytes(content)
    for name, target in links.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if target == "fifo":
            os.mkfifo(path)
        else:
            path.symlink_to(name if target == "loop" else target)
    return folder


def config_judgement(judge: Court, folder: Path, case: Case) -> str:
    """What is wrong with the answer to a config, nothing if all is well; ``folder`` is new."""
    written(folder, case.files, case.links)
    try:
        name = next(name for name in case.files if name.startswith("case."))
        verdict = judge.verdict(
            {
                "file": str(folder / name),
                "folder": str(folder),
                "folders": [str(folder)],
                "names": case.names,
            }
        )
        answer = verdict["answer"]
        failed = answer.startswith(_FAILED) or case.stays not in answer
        left = [path.name for path in folder.iterdir() if "here" in path.name]
        wrong = failed or verdict["seen"] or left
        return f"{case.name}: {answer} {verdict['seen']} {left}" if wrong else ""
    finally:
        shutil.rmtree(folder)


def checkpoint_judgement(judge: Court, folder: Path, case: CheckpointCase) -> str:
    """What is wrong with the answer to a checkpoint, nothing if all is well; ``folder`` is new."""
    written(folder, case.files, case.links)
    try:
        # A work_dir says where its checkpoints are: their folder is looked at, wherever it is.
        folders = [str(folder), *(["/"] if case.name.startswith("last: ") else [])]
        verdict = judge.verdict(
            {
                "address": str(folder / case.address),
                "how": case.how,
                "folder": str(folder),
                "folders": folders,
                "names": NAMED,
                "is_large": True,
                "follows": True,
            }
        )
        answer = verdict["answer"]
        read_on = case.refused and "Error" not in answer
        left = [path.name for path in folder.rglob("*here*")]
        wrong = answer.startswith(_FAILED) or read_on or verdict["seen"] or left
        return f"{case.name}: {answer} {verdict['seen']} {left}" if wrong else ""
    finally:
        shutil.rmtree(folder)


def options_judgement(judge: Court, texts: list[str]) -> str:
    """What is wrong with the answer to options, nothing if all is well."""
    verdict = judge.verdict({"texts": texts, "names": NAMED})
    wrong = verdict["answer"].startswith(_FAILED) or verdict["seen"]
    return f"{texts!r:.300}: {verdict['answer']} {verdict['seen']}" if wrong else ""
