"""Averages, early ends, profiles and several views, together, on scikit-learn's digits."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from engine_config import Config
from engine_runner import Hook, Runner, hooks
from engine_runner.hooks import build_runner_with_tta

STOP = {"type": "StopAt", "iteration": 31}  # in the third epoch of twelve iterations


@pytest.fixture
def digits(tiny: Callable[..., Any], library: Path, tmp_path: Path) -> Callable[..., Runner]:
    """Makes runners of ``digits_config.py``, with changes, in a folder of ``tmp_path``."""

    def make(folder: str, more: list[dict[str, Any]] | None = None, **changes: Any) -> Runner:
        config = library / "digits_config.py"
        custom = Config.fromfile(config).custom_hooks + (more or [])
        changes = {"work_dir": str(tmp_path / folder), "custom_hooks": custom, **changes}
        runner: Runner = tiny(changes, config=config)
        return runner

    return make


def hook_of(runner: Runner, name: str) -> Any:
    return next(each for each in runner.hooks if type(each).__name__ == name)


def weights(module: Any) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in module.state_dict().items()}


def differences(a: dict[str, Tensor], b: dict[str, Tensor]) -> list[str]:
    assert a.keys() == b.keys()
    return [name for name in a if not torch.equal(a[name], b[name])]


def test_a_training_that_was_stopped_comes_to_the_same_weights_and_average(
    digits: Callable[..., Runner],
) -> None:
    whole = digits("whole")
    whole.train()
    assert whole.epoch == 4
    broken = digits("broken", [STOP])
    with pytest.raises(InterruptedError):
        broken.train()
    resumed = digits("broken", resume=True)
    resumed.train()
    assert resumed.iter == whole.iter == 48
    assert not differences(weights(resumed.model), weights(whole.model))
    averages = [weights(hook_of(each, "EMAHook").ema_model) for each in (resumed, whole)]
    assert not differences(*averages)
    assert "module.head.weight" in averages[0]
    assert differences(weights(whole.model), weights(hook_of(whole, "EMAHook").ema_model.module))
    files = [Path(each.work_dir, "epoch_4.pth") for each in (resumed, whole)]
    first, second = (torch.load(file, weights_only=True) for file in files)
    assert not differences(first["state_dict"], second["state_dict"])
    # It learns, and the average that was validated is the one in the file.
    accuracy = whole.message_hub.get_scalar("val/accuracy").current()
    assert accuracy > 0.8
    tested = digits("tested", load_from=str(files[0])).test()
    assert tested["accuracy"] == accuracy


def test_a_profile_of_it_is_whole(digits: Callable[..., Runner]) -> None:
    runner = digits("profiled", [{**STOP, "iteration": 3}])
    with pytest.raises(InterruptedError):
        runner.train()
    trace = json.loads(Path(runner.log_dir, "trace.json").read_text(encoding="utf-8"))
    names = [event.get("name") for event in trace["traceEvents"]]
    assert "Optimizer.step#Adam.step" in names
    assert "aten::convolution" in names


def test_it_stops_when_it_gets_no_better_and_a_resume_remembers(
    digits: Callable[..., Runner],
) -> None:
    def made(folder: str, *more: Any, **changes: Any) -> Runner:
        runner = digits(folder, *more, **changes)
        hook = hook_of(runner, "EarlyStoppingHook")
        hook.min_delta, hook.patience = 1.0, 2  # no accuracy rises by so much
        return runner

    whole = made("whole")
    whole.train()
    assert whole.epoch == 3
    first = made("broken", [STOP])
    with pytest.raises(InterruptedError):
        first.train()
    # The file of the second epoch was written before its validation, which the resume makes first.
    resumed = made("broken", resume=True)
    resumed.train()
    assert resumed.epoch == 3
    hook = hook_of(resumed, "EarlyStoppingHook")
    assert hook.wait_count == 2
    assert hook.best_score == hook_of(whole, "EarlyStoppingHook").best_score


@pytest.mark.parametrize("mirrored", [False, True])
def test_views_are_merged(
    digits: Callable[..., Runner], library: Path, tmp_path: Path, mirrored: bool
) -> None:
    trained = digits("trained", custom_hooks=[], train_cfg={"by_epoch": True, "max_epochs": 3})
    trained.train()
    config = Config.fromfile(library / "digits_config.py")
    config.work_dir = str(tmp_path / "tested")
    config.custom_hooks = []
    config.load_from = str(Path(trained.work_dir, "epoch_3.pth"))
    config.tta_pipeline[0].mirrored = mirrored
    tested = build_runner_with_tta(config)
    found = tested.test()
    assert type(tested.model).__name__ == "DigitNet"

    from digits import NUM_TESTED, NUM_TRAINED, pixels_and_labels

    pixels, labels = (each[NUM_TRAINED : NUM_TRAINED + NUM_TESTED] for each in pixels_and_labels())
    views = [torch.roll(pixels, by, dims=-1) for by in (0, 1, -1)]
    views += [view.flip(-1) for view in views] if mirrored else []
    model: Any = trained.model.eval()
    with torch.no_grad():
        scores = torch.stack([model(view, labels).softmax(dim=1) for view in views]).mean(dim=0)
    expected = scores.argmax(dim=1)
    assert found["predicted"] == expected.tolist()
    assert found["accuracy"] == (expected == labels).double().mean()
    if not mirrored:
        assert found["accuracy"] > 0.7


def test_the_documentation_runs(
    run_page: Callable[[str], dict[str, Any]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    names = run_page("tutorials/hooks")
    epochs, error = re.findall(r"^[\d.e-]+$", capsys.readouterr().out, re.MULTILINE)
    assert 1 < int(epochs) < 20
    assert float(error) < 0.1
    assert len(list(tmp_path.rglob("trace.json"))) == 1
    norms = next(each.norms for each in names["other"].hooks if hasattr(each, "norms"))
    assert len(norms) == 20
    assert norms[-1] == pytest.approx(2.0, abs=0.1)  # four weights of 1


def test_the_documentation_names_every_hook() -> None:
    text = (Path(__file__).parents[2] / "docs" / "tutorials" / "hooks.md").read_text(
        encoding="utf-8"
    )
    rows = dict(re.findall(r"^\| `(\w+)`[^|]*\| `(\w+)`", text, re.MULTILINE))
    kinds = {
        name: value
        for name in hooks.__all__
        if isinstance(value := getattr(hooks, name), type)
        and issubclass(value, Hook)
        and value is not Hook
    }
    assert rows == {name: kind.priority for name, kind in kinds.items()}
