"""The options for several processes; none is started here."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine_runner.cli.main import main


@pytest.fixture
def config(tmp_path: Path) -> str:
    file = tmp_path / "config.py"
    file.write_text("")
    return str(file)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--nnodes", "2"), "give all of them the same --rdzv-endpoint HOST[:PORT]"),
        (("--nnodes", "3:2"), "'3:2' is neither N nor MIN:MAX"),
        (("--nnodes", "0"), "'0' is neither N nor MIN:MAX"),
        (("--nproc", "0"), "'0' is neither a number nor auto or gpu"),
        (("--nproc", "all"), "'all' is neither a number nor auto or gpu"),
        (("--rdzv-endpoint", "node1:x"), "'node1:x' is no HOST[:PORT]"),
        (("--nproc", "2", "--rdzv-timeout", "soon"), "'soon' is no length of time"),
        (("--nproc", "2", "--launcher", "slurm"), "--launcher slurm is for processes that were"),
    ],
)
def test_options_that_can_not_be_are_wrong_usage(
    config: str, options: tuple[str, ...], told: str
) -> None:
    for command in (("train", config), ("test", config, "weights.pth")):
        result = run(*command, *options)
        assert result.exit_code == 2
        assert told in " ".join(result.output.split())


def test_an_endpoint_that_nobody_knows_is_told_without_a_traceback(config: str) -> None:
    meeting = ("--nnodes", "2", "--rdzv-endpoint", "nowhere.invalid", "--rdzv-timeout", "0.2s")
    result = run("train", config, *meeting)
    assert result.exit_code == 1
    assert "error: nobody answers at nowhere.invalid:29400" in result.output
    assert "Traceback" not in result.output
