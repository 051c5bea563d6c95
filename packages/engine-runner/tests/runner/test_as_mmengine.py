"""What MMEngine's runner takes, ours takes, and what it warns of."""

from __future__ import annotations

import logging
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from toy import Count, Line, Points, loader, without_validation

from engine_checkpoint import save_checkpoint
from engine_runner.hooks import EmptyCacheHook
from engine_runner.runner.dataset_meta import compare_dataset_meta


def log_of(runner: Any) -> str:
    (file,) = Path(runner.log_dir).glob("*.log")
    return file.read_text("utf-8")


def test_a_work_dir_may_be_a_path_or_begin_with_the_home(
    toy: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    for given in (tmp_path / "a", "~/a"):
        runner = toy(work_dir=given, **without_validation())
        assert runner.work_dir == str(tmp_path / "a")
    runner.train()
    assert (tmp_path / "a" / "epoch_2.pth").is_file()


def test_the_home_stands_for_itself_in_addresses_of_checkpoints(
    toy: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    model = Line()
    torch.nn.init.constant_(model.layer.weight, 3.0)
    save_checkpoint({"state_dict": model.state_dict(), "meta": {}}, "~/model.pth")
    runner = toy(load_from="~/model.pth", **without_validation())
    runner.load_or_resume()
    assert runner.model.layer.weight.tolist() == [[3.0, 3.0]]


def test_a_priority_beside_a_hooks_config_wins(toy: Any) -> None:
    runner = toy(**without_validation())
    runner.register_hook({"type": "EmptyCacheHook", "priority": "LOW"}, priority="HIGHEST")
    first = runner.hooks[0]
    assert isinstance(first, EmptyCacheHook)
    assert first.priority == "HIGHEST"


def test_a_logger_may_have_another_name(toy: Any) -> None:
    logger = toy(**without_validation()).build_logger(log_level="INFO", name="other")
    assert logger.instance_name == "other"


def test_settings_of_the_environment_that_nothing_reads_are_warned_of(
    toy: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(TypeError, match="no key 'cudnn_benchmrk'; did you mean cudnn_benchmark"):
        toy(env_cfg={"cudnn_benchmrk": True}, **without_validation())
    toy(env_cfg={"dist_params": {"backend": "nccl"}}, **without_validation())
    assert "env_cfg has 'dist_params', which nothing reads" in caplog.text


def test_the_log_file_tells_where_initial_weights_are_from(toy: Any, capfd: Any) -> None:
    init_cfg = {"type": "Constant", "layer": "Linear", "val": 0.25}
    runner = toy(model=Line(init_cfg=init_cfg), log_level="INFO", **without_validation())
    runner.train()
    assert "layer.weight (1, 2): ConstantInit: val=0.25" in log_of(runner)
    assert "ConstantInit" not in capfd.readouterr().out


def test_a_metric_without_a_prefix_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    Count()
    Count(prefix="mine")
    assert caplog.text.count("Count has neither prefix nor default_prefix") == 1


def test_iterations_over_data_that_end_are_warned_of_once(toy: Any, tmp_path: Path) -> None:
    cfg = {"by_epoch": False, "max_iters": 7}
    data = loader(Points(4))
    runner = toy(train_cfg=cfg, train_dataloader=data, **without_validation())
    runner.train()
    assert log_of(runner).count("an InfiniteSampler would let") == 1
    endless = {**data, "sampler": {"type": "InfiniteSampler"}}
    other = str(tmp_path / "other")
    runner = toy(train_cfg=cfg, train_dataloader=endless, work_dir=other, **without_validation())
    runner.train()
    assert "InfiniteSampler" not in log_of(runner)


@pytest.mark.parametrize(("classes", "told"), [(["a", "b"], 0), (["a", "c"], 1)])
def test_a_resume_with_other_data_is_warned_of(toy: Any, classes: list[str], told: int) -> None:
    toy(train_dataloader=loader(Points(4, {"classes": ("a", "b")})), **without_validation()).train()
    again = toy(
        train_dataloader=loader(Points(4, {"classes": classes})),
        train_cfg={"by_epoch": True, "max_epochs": 3},
        resume=True,
        **without_validation(),
    )
    again.train()
    assert log_of(again).count("differs from that of the training data in 'classes'") == told


def test_arrays_and_what_nobody_can_compare_are_compared_too(
    caplog: pytest.LogCaptureFixture,
) -> None:
    logger: Any = logging.getLogger("compared")
    one = {"palette": torch.tensor([1, 2]), "sizes": [1, (2, 3)]}

    def compare(saved: Any, now: Any) -> None:
        data = SimpleNamespace(dataset=SimpleNamespace(metainfo=now))
        compare_dataset_meta({"dataset_meta": saved}, SimpleNamespace(dataloader=data), logger)

    compare(one, {"palette": torch.tensor([1, 2]), "sizes": (1, [2, 3])})
    compare(one, None)
    assert not caplog.records
    compare(one, {"palette": torch.tensor([1, 5]), "sizes": [1]})
    assert "in 'palette', 'sizes'" in caplog.text
