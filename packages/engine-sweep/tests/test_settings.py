"""What is searched: of the command line, of the config, and checked against it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import optuna
import pytest

from engine_config import Config
from engine_sweep import SpaceError, SweepSettings


@pytest.fixture
def cfg(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.syspath_prepend(str(folder))
    return Config.fromfile(folder / "slopes_config.py")


def test_the_command_line_counts_more_than_the_config(cfg: Config) -> None:
    settings = SweepSettings.of(cfg, {"model.width": "choice(1, 2)"}, trials=7, metric=None)
    assert [*settings.space] == ["optim_wrapper.optimizer.lr", "model.width"]
    assert (settings.trials, settings.metric, settings.direction) == (7, "line/error", "minimize")
    assert (settings.clock, settings.value) == ("epoch", "best")


def test_the_number_that_counts_is_that_of_save_best() -> None:
    cfg = Config({"default_hooks": {"checkpoint": {"save_best": "accuracy"}}})
    settings = SweepSettings.of(cfg, {"lr": "uniform(0, 1)"})
    assert (settings.metric, settings.direction) == ("accuracy", "maximize")
    with pytest.raises(SpaceError, match="give --metric"):
        SweepSettings.of(Config({}), {"lr": "uniform(0, 1)"})
    with pytest.raises(SpaceError, match="give --direction"):
        SweepSettings.of(Config({}), {"lr": "uniform(0, 1)"}, metric="beauty")


def test_what_isnt_known_is_told_with_the_close_name(cfg: Config) -> None:
    cfg.sweep.trails = 3
    with pytest.raises(SpaceError, match="no key 'trails'; did you mean 'trials'"):
        SweepSettings.of(cfg, {})
    with pytest.raises(SpaceError, match="nothing is searched"):
        SweepSettings.of(Config({}), {})


def test_keys_and_choices_are_checked_against_the_config(cfg: Config) -> None:
    spaces = {"model.widht": "choice(1, 2)", "modle.width": "choice(1)", "lr": "uniform(0, 1)"}
    with pytest.raises(SpaceError) as caught:
        SweepSettings.of(cfg, spaces).check(cfg)
    told = str(caught.value)
    assert "modle.width: the config has nothing of that name" in told
    assert "model.widht=1: model.widht" in told and "did you mean 'width'?" in told
    SweepSettings.of(cfg, {"model.width": "choice(1, 2)"}).check(cfg)


def test_samplers_and_pruners_are_optunas_by_name_and_seeded(cfg: Config) -> None:
    settings = SweepSettings.of(cfg, {}, sampler="RandomSampler", pruner={"type": "MedianPruner"})
    assert isinstance(settings.make_sampler(0), optuna.samplers.RandomSampler)
    assert isinstance(settings.make_pruner(), optuna.pruners.MedianPruner)
    wrong: list[dict[str, Any]] = [{"sampler": "TPE"}, {"pruner": {"type": "Median"}}]
    for each in wrong:
        chosen = SweepSettings.of(cfg, {}, **each)
        with pytest.raises(SpaceError, match=r"Optuna has no (sampler|pruner) '.*'; it has"):
            _ = chosen.make_sampler(0), chosen.make_pruner()
    again = SweepSettings.of(cfg, {}, sampler={"type": "TPESampler", "sed": 1})
    with pytest.raises(SpaceError, match=r"sampler TPESampler: .*sed"):
        again.make_sampler(0)
