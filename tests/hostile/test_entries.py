"""Every public way by which a file comes in says what trust does to it, and does so."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest
from corpus_checkpoint import WAYS, archive, checkpoint_of
from court import NAMED, Court, court, written
from entries import ENTRIES, PLACES, commands, entries_of

from engine_runner.cli import main

_CODE = "import os\nfrom stranger import run\nx = os.system('touch here')\ny = run('here')\n"
_PICKLE = b"\x80\x02" + WAYS["reduce"]("os.system") + b"."
_FILES = {
    "code.py": _CODE.encode(),
    "code.yaml": b"x: !!python/object/apply:os.system ['touch here']\n",
    "code.json": b'{"_base_": "/etc/hostname", "x": "__import__(\'os\').system(\'touch here\')"}\n',
    "code.pkl": _PICKLE,
    "code.pth": archive(checkpoint_of(WAYS["reduce"]("os.system"))),
    "ck/manifest.json": b'{"files": {}}',
    "ck/.metadata": _PICKLE,
    "last_checkpoint": b"code.pth",
    "run/vis_data/scalars.json": b'{"loss": 0.5, "step": 1}\n',
    "run/vis_data/config.py": _CODE.encode(),
}
_CALLED = ("--trust", "data", "trust", "trusted")


def ways() -> dict[str, Any]:
    found = {name: value for place in PLACES for name, value in entries_of(place)}
    return {**found, **dict(commands(main))}


def test_every_way_by_which_a_file_comes_in_is_listed() -> None:
    assert sorted(ways()) == sorted(ENTRIES)


def test_each_has_the_argument_that_it_is_said_to_have() -> None:
    for name, value in ways().items():
        said = ENTRIES[name]
        if name.startswith("engine "):
            names = {each.name for each in value.params}
            assert ("trust" in names) == (said == "--trust"), name
        elif name != "engine_config.Config.diff":  # two methods of one name
            names = set(inspect.signature(value).parameters)
            assert ("trust" in names) == (said == "trust"), name
            assert ("trusted" in names) == (said == "trusted"), name


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with court(tmp_path_factory.mktemp("judge"), "run_entry:call") as judge:
        yield judge


@pytest.mark.parametrize("entry", [name for name, said in ENTRIES.items() if said in _CALLED])
def test_a_strangers_file_runs_nothing(judge: Court, tmp_path: Path, entry: str) -> None:
    folder = written(tmp_path / "case", _FILES, {})
    verdict = judge.verdict(
        {
            "entry": entry,
            "folder": str(folder),
            "folders": [str(folder)],
            "names": NAMED,
            "is_large": True,
        }
    )
    assert not verdict["answer"].startswith(("raw", "died", "ended", "nothing")), verdict
    assert not (folder / "here").exists() and verdict["seen"] == []
