"""Trainings from a config: what they leave behind, and that they go on as if never stopped."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

Weights = dict[str, Tensor]


def weights(runner: Any) -> Weights:
    return {name: value.clone() for name, value in runner.model.state_dict().items()}


def same(one: Weights, other: Weights) -> bool:
    """Whether they are equal to the bit."""
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = torch.load(path, weights_only=True)
    return found


def test_a_training_leaves_the_files_that_one_of_mmengine_does(
    tiny: Callable[..., Any], tmp_path: Path
) -> None:
    runner = tiny()
    runner.train()
    work, stamp = tmp_path / "work", runner.timestamp
    files = {str(path.relative_to(work)) for path in work.rglob("*") if path.is_file()}
    assert files == {
        "epoch_1.pth",
        "epoch_2.pth",
        "last_checkpoint",
        "tiny_config.py",
        f"{stamp}/{stamp}.log",
        f"{stamp}/vis_data/{stamp}.json",
        f"{stamp}/vis_data/scalars.json",
        f"{stamp}/vis_data/config.py",
    }
    assert (work / "last_checkpoint").read_text() == str(work / "epoch_2.pth")
    lines = (work / stamp / "vis_data/scalars.json").read_text().splitlines()
    scalars = [json.loads(line) for line in lines]
    assert [each["step"] for each in scalars] == [2, 4, 6, 1, 8, 10, 12, 2]
    assert scalars[0].keys() >= {"lr", "loss", "size", "time", "data_time", "iter", "epoch"}
    assert scalars[-1].keys() >= {"mse", "count", "step"}


def test_the_dumped_config_trains_the_same(tiny: Callable[..., Any], tmp_path: Path) -> None:
    first = tiny()
    first.train()
    again = tiny(config=tmp_path / "work/tiny_config.py", work_dir=str(tmp_path / "again"))
    again.train()
    assert same(weights(first), weights(again))


def test_a_checkpoint_has_mmengines_keys_and_is_read_as_data(
    tiny: Callable[..., Any], tmp_path: Path
) -> None:
    runner = tiny()
    runner.train()
    found = read(tmp_path / "work/epoch_2.pth")
    assert found.keys() >= {"meta", "state_dict", "message_hub", "optimizer", "param_schedulers"}
    assert same(found["state_dict"], weights(runner))
    meta = found["meta"]
    assert (meta["epoch"], meta["iter"], meta["seed"]) == (2, 12, 3)
    assert meta["experiment_name"] == runner.experiment_name
    assert "TinyNet" in meta["cfg"] and len(meta["time"]) == len("20260101_120000")
    assert found["optimizer"].keys() >= {"state", "param_groups"}
    assert found["param_schedulers"][0]["_global_step"] == 2
    assert found["message_hub"].keys() >= {"log_scalars", "runtime_info", "resumed_keys"}


def test_a_checkpoint_is_as_large_after_3000_iterations_as_after_1500(
    tiny: Callable[..., Any], tmp_path: Path
) -> None:
    changes = {
        "train_cfg": {"_delete_": True, "by_epoch": False, "max_iters": 3000, "val_interval": 5000},
        "default_hooks.checkpoint": {"by_epoch": False, "interval": 1500},
        "default_hooks.logger": {"interval": 100},
        "param_scheduler": None,
        "val_dataloader": None,
        "val_cfg": None,
        "val_evaluator": None,
    }
    tiny(changes).train()
    early, late = (tmp_path / f"work/iter_{number}.pth" for number in (1500, 3000))
    # Numbers may have more digits, by which the pickle grows; 40 histories of 8 bytes would show.
    assert abs(late.stat().st_size - early.stat().st_size) < 320


@pytest.mark.parametrize("shuffle", [True, False])
def test_stopped_after_n_epochs_and_resumed_it_ends_with_the_same_weights(
    tiny: Callable[..., Any], tmp_path: Path, shuffle: bool
) -> None:
    order = {"train_dataloader.sampler.shuffle": shuffle}
    whole = tiny(order, work_dir=str(tmp_path / "whole"), **{"train_cfg.max_epochs": 4})
    whole.train()
    stop = [{"type": "StopAt", "iteration": 12}]
    with pytest.raises(InterruptedError):
        tiny(order, custom_hooks=stop, **{"train_cfg.max_epochs": 4}).train()
    rest = tiny(order, resume=True, **{"train_cfg.max_epochs": 4})
    rest.train()
    assert (rest.epoch, rest.iter) == (4, 24)
    assert same(weights(whole), weights(rest))
    one, other = (read(tmp_path / name / "epoch_4.pth") for name in ("whole", "work"))
    assert one["param_schedulers"] == other["param_schedulers"]
    assert str(one["optimizer"]) == str(other["optimizer"])


def test_resumed_in_the_middle_of_an_epoch_it_reads_no_earlier_sample(
    tiny: Callable[..., Any], tmp_path: Path
) -> None:
    saved = {"default_hooks.checkpoint": {"by_epoch": False, "interval": 2}}
    whole = tiny(saved, work_dir=str(tmp_path / "whole"))
    whole.train()
    with pytest.raises(InterruptedError):
        tiny(saved, custom_hooks=[{"type": "StopAt", "iteration": 9}]).train()
    read_later = tmp_path / "read"
    read_later.mkdir()
    rest = tiny(saved, resume=True, **{"train_dataloader.dataset.folder": str(read_later)})
    rest.train()
    assert len([*read_later.iterdir()]) == 4 * 4  # of the second epoch's 6 batches, 2 were trained
    assert rest.iter == 12
    assert same(weights(whole), weights(rest))


def test_iterations_are_resumed_where_they_stood(tiny: Callable[..., Any], tmp_path: Path) -> None:
    def changes(number: int) -> dict[str, Any]:
        return {
            "train_cfg": {"_delete_": True, "by_epoch": False, "max_iters": number},
            "default_hooks.checkpoint": {"by_epoch": False, "interval": 5},
            "param_scheduler": {
                "_delete_": True,
                "type": "LinearLR",
                "by_epoch": False,
                "end": 30,
            },
        }

    whole = tiny(changes(20), work_dir=str(tmp_path / "whole"))
    whole.train()
    tiny(changes(10)).train()
    rest = tiny(changes(20), resume=True)
    rest.train()
    assert rest.iter == 20
    assert same(weights(whole), weights(rest))


def test_with_nothing_to_resume_from_it_begins(tiny: Callable[..., Any]) -> None:
    runner = tiny(resume=True)
    runner.train()
    assert runner.iter == 12


def test_load_from_takes_the_weights_alone(tiny: Callable[..., Any], tmp_path: Path) -> None:
    first = tiny()
    first.train()
    path = str(tmp_path / "work/epoch_2.pth")
    changes = {"optim_wrapper.optimizer": {"type": "SGD", "lr": 0.0}, "load_from": path}
    second = tiny(changes, work_dir=str(tmp_path / "second"))
    second.train()
    assert second.iter == 12
    assert same(weights(first), weights(second))  # it trained with a rate of 0


def test_gradients_of_two_batches_add_up_to_those_of_one_twice_as_large(
    tiny: Callable[..., Any], tmp_path: Path
) -> None:
    plain = {"train_dataloader.sampler.shuffle": False, "param_scheduler": None}
    large = tiny(plain, work_dir=str(tmp_path / "large"), **{"train_dataloader.batch_size": 8})
    large.train()
    small = tiny(plain, **{"optim_wrapper.accumulative_counts": 2})
    small.train()
    assert small.iter == 2 * large.iter
    for name, value in weights(large).items():  # another order of summation: float32's rounding
        torch.testing.assert_close(small.model.state_dict()[name], value, rtol=1e-5, atol=1e-6)


def test_bfloat16_trains_on_the_cpu_and_keeps_float32_weights(tiny: Callable[..., Any]) -> None:
    wrapper = {"type": "AmpOptimWrapper", "dtype": "bfloat16", "loss_scale": "dynamic"}
    runner = tiny(optim_wrapper=wrapper)
    before = weights(runner)
    runner.train()
    assert not same(before, weights(runner))
    assert all(value.dtype is torch.float32 for value in weights(runner).values())
    assert all(value.isfinite().all() for value in weights(runner).values())


def test_two_optimizers_are_trained_saved_and_resumed(
    tiny: Callable[..., Any], tmp_path: Path
) -> None:
    from tiny import TinyNet

    from engine_optim import OptimWrapper, OptimWrapperDict
    from engine_registry import MODELS

    class Two(TinyNet):
        def train_step(self, data: Any, optim_wrapper: Any) -> Any:
            loss = self._run_forward(self.data_preprocessor(data, True), mode="loss")["loss"]
            for wrapper in optim_wrapper.values():
                wrapper.zero_grad()
            loss.backward()
            for wrapper in optim_wrapper.values():
                wrapper.step()
            return {"loss": loss.detach()}

    MODELS.register_module(module=Two, force=True)

    def make(**more: Any) -> Any:
        runner = tiny({"model.type": "Two", "train_cfg.max_epochs": 4}, **more)
        first, last = runner.model.first, runner.model.last
        runner.optim_wrapper = OptimWrapperDict(
            first=OptimWrapper(torch.optim.SGD(first.parameters(), lr=0.05, momentum=0.9)),
            last=OptimWrapper(torch.optim.Adam(last.parameters(), lr=0.01)),
        )
        return runner

    whole = make(work_dir=str(tmp_path / "whole"))
    whole.train()
    with pytest.raises(InterruptedError):
        make(custom_hooks=[{"type": "StopAt", "iteration": 12}]).train()
    assert read(tmp_path / "work/epoch_2.pth")["optimizer"].keys() == {"first", "last"}
    rest = make(resume=True)
    rest.train()
    assert same(weights(whole), weights(rest))
    log = (tmp_path / "whole" / whole.timestamp / f"vis_data/{whole.timestamp}.json").read_text()
    assert "first.lr" in log and "last.lr" in log


def test_hooks_loops_and_metrics_are_found_by_name(tiny: Callable[..., Any]) -> None:
    runner = tiny(
        train_cfg={"_delete_": True, "type": "FirstBatches", "max_epochs": 3, "number": 1},
        custom_hooks=[{"type": "Notes", "priority": "LOW"}],
    )
    runner.train()
    hook = next(each for each in runner.hooks if type(each).__name__ == "Notes")
    assert hook.noted == ["before_train", "iter 0 loss", "iter 1 loss", "iter 2 loss"]
    assert hook.priority == "LOW" or int(hook.priority) == 70
    assert runner.message_hub.get_scalar("val/count").current() == 6


def test_the_learning_rate_follows_the_batch_size(tiny: Callable[..., Any]) -> None:
    runner = tiny(auto_scale_lr={"base_batch_size": 16, "enable": True}, param_scheduler=None)
    runner.train()
    assert runner.optim_wrapper.get_lr()["lr"] == [0.05 * 4 / 16]


def test_a_name_of_the_experiment_leads_to_everything_of_it(tiny: Callable[..., Any]) -> None:
    from engine_logging import MessageHub
    from engine_visual import Visualizer

    runner = tiny(experiment_name="mine")
    assert runner.experiment_name == f"mine_{runner.timestamp}"
    assert MessageHub.get_instance(runner.experiment_name) is runner.message_hub
    assert Visualizer.get_instance(runner.experiment_name) is runner.visualizer


def test_validation_and_test_run_alone(tiny: Callable[..., Any], tmp_path: Path) -> None:
    trained = tiny()
    trained.train()
    last = trained.message_hub.get_scalar("val/mse").current()
    path = str(tmp_path / "work/epoch_2.pth")
    alone = {"train_dataloader": None, "train_cfg": None, "optim_wrapper": None}
    runner = tiny({**alone, "param_scheduler": None, "load_from": path})
    assert runner.val() == {"mse": pytest.approx(last, rel=1e-6), "count": 6}
    assert runner.test() == {"mse": pytest.approx(last, rel=1e-6), "count": 6}
    stamp = runner.timestamp
    report = json.loads((tmp_path / "work" / stamp / f"{stamp}.json").read_text())
    assert report["count"] == 6
    with pytest.raises(RuntimeError, match=r"can't train: it was made without train_dataloader"):
        runner.train()
