"""What a training says when something is wrong with its config, its data or its checkpoint."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine_checkpoint import CheckpointError, MissingCheckpointError, WrongModelError
from engine_registry import MODELS
from engine_registry.errors import UnknownNameError
from engine_runner import Hook
from engine_runner.hooks import NonFiniteLossError

Tiny = Callable[..., Any]


def notes(error: BaseException) -> str:
    """Everything that an error says."""
    return "\n".join([str(error), *getattr(error, "__notes__", [])])


@pytest.mark.parametrize(
    ("returned", "kind", "said"),
    [
        ({"accuracy": "x"}, ValueError, r"Returns\.forward.*returned no loss.*\['accuracy'\]"),
        ({}, ValueError, r"returned no loss.*no names at all"),
        ("x", TypeError, r"Returns\.forward.*must return a dict of losses.*got Tensor"),
        (None, TypeError, r"must return a dict of losses.*got NoneType"),
        ({"loss": 3}, TypeError, r"the loss 'loss' must be a tensor"),
    ],
)
def test_a_forward_without_a_loss_is_told(
    tiny: Tiny, returned: Any, kind: type[Exception], said: str
) -> None:
    from tiny import TinyNet

    class Returns(TinyNet):
        def forward(self, x: Any, y: Any, mode: str = "tensor") -> Any:
            if isinstance(returned, dict):
                return {
                    name: x.mean() if value == "x" else value for name, value in returned.items()
                }
            return x.mean() if returned == "x" else returned

    MODELS.register_module(module=Returns, force=True)
    with pytest.raises(kind, match=said):
        tiny({"model.type": "Returns"}).train()


def test_a_loss_that_is_nan_is_named_with_its_iteration(tiny: Tiny) -> None:
    with pytest.raises(NonFiniteLossError, match=r"'loss_b' is NaN since iteration 5 \(now 6\)"):
        tiny({"model.type": "TurnsNaN"}).train()


@pytest.mark.parametrize("workers", [0, 2])
def test_a_sample_that_cant_be_read_is_named(tiny: Tiny, workers: int) -> None:
    changes = {
        "train_dataloader.dataset": {"type": "Pictures", "bad": 9},
        "train_dataloader.num_workers": workers,
    }
    with pytest.raises(OSError, match="broken picture") as caught:
        tiny(changes).train()
    said = notes(caught.value)
    assert "sample 9 of Pictures, img_path=images/9.png" in said
    assert "while batch " in said and "of Pictures was read" in said
    if workers:
        assert "DataLoader worker process" in said and "in prepare_data" in said


@pytest.mark.parametrize("by_epoch", [True, False])
def test_a_failing_data_set_of_torchs_is_told_with_batch_and_worker(
    tiny: Tiny, by_epoch: bool
) -> None:
    limit = {"max_epochs": 1} if by_epoch else {"max_iters": 6}
    changes = {
        "train_dataloader.dataset.bad": 9,
        "train_dataloader.num_workers": 2,
        "train_dataloader.sampler.shuffle": False,
        "train_cfg": {"_delete_": True, "by_epoch": by_epoch, **limit},
    }
    with pytest.raises(OSError, match="DataLoader worker process 0") as caught:
        tiny(changes).train()
    said = notes(caught.value)
    assert "while batch 3 of Samples was read" in said and "in __getitem__" in said


@pytest.mark.parametrize("persistent", [True, False])
@pytest.mark.parametrize("bad", ["train", "val", "the model"])
def test_no_worker_outlives_a_training_that_failed(tiny: Tiny, bad: str, persistent: bool) -> None:
    changes: dict[str, Any] = {}
    for mode in ("train", "val"):
        changes[f"{mode}_dataloader.num_workers"] = 2
        changes[f"{mode}_dataloader.persistent_workers"] = persistent
        changes[f"{mode}_dataloader.dataset.bad"] = 5 if mode == bad else None
    if bad == "the model":
        changes["model.type"] = "TurnsNaN"
    with pytest.raises((OSError, NonFiniteLossError)) as caught:  # it holds the frames
        tiny(changes).train()
    assert caught.tb is not None
    assert multiprocessing.active_children() == []


def test_a_failing_validation_set_is_told_with_the_batch(tiny: Tiny) -> None:
    with pytest.raises(OSError, match="broken picture") as caught:
        tiny({"val_dataloader.dataset.bad": 5}).train()
    assert "while batch 2 of Samples was read" in notes(caught.value)


def test_an_empty_loader_says_why_it_is_empty(tiny: Tiny) -> None:
    with pytest.raises(ValueError, match=r"data loader is empty.*Samples has 3 .*drop_last"):
        tiny({"train_dataloader.dataset.size": 3, "train_dataloader.drop_last": True}).train()


def test_a_hook_with_a_misspelt_stage_is_refused(tiny: Tiny) -> None:
    class Misspelt(Hook):
        def after_train_itr(self, runner: Any) -> None:
            """Never called."""

    with pytest.raises(ValueError, match=r"Misspelt.*'after_train_itr'.*mean 'after_train_iter'"):
        tiny().register_hook(Misspelt())
    with pytest.raises(ValueError, match=r"no stage 'before_trian'.*'before_train'"):
        tiny().call_hook("before_trian")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("train_dataloder.batch_size", "'train_dataloder'; did you mean 'train_dataloader'"),
        ("custom_hook", "'custom_hook'; did you mean 'custom_hooks'"),
        ("train_cfg.max_epoch", "EpochBasedTrainLoop has no key 'max_epoch'.*max_epochs"),
        ("val_cfg.fp61", "ValLoop has no key 'fp61'.*fp16"),
        ("env_cfg.cudnn_bench", "env_cfg has no key 'cudnn_bench'.*cudnn_benchmark"),
        ("randomness.sed", "randomness has no key 'sed'.*seed"),
        ("train_dataloader.batchsize", "data loader has no key 'batchsize'.*batch_size"),
        ("log_processor.windw_size", "log_processor has no key 'windw_size'.*window_size"),
        ("auto_scale_lr.base_batch", "auto_scale_lr has no key 'base_batch'.*base_batch_size"),
        ("default_hooks.chekpoint.interval", "no hook 'chekpoint' to change.*checkpoint"),
        ("default_hooks.checkpoint.intervall", "CheckpointHook has no argument 'intervall'"),
    ],
)
def test_an_unknown_key_is_refused_with_the_one_that_was_meant(
    tiny: Tiny, change: str, said: str
) -> None:
    more = {"auto_scale_lr.enable": True} if change.startswith("auto") else {}
    with pytest.raises(TypeError, match=said):
        tiny({change: 1, **more}).prepare_training()


def test_a_key_of_the_users_own_is_left_alone(tiny: Tiny) -> None:
    runner = tiny({"train_dataloader2": {"a": 1}, "my_setting": 3})
    assert runner.cfg.my_setting == 3 and runner.cfg.train_dataloader2.a == 1


@pytest.mark.parametrize(
    ("change", "wrong", "meant"),
    [
        ("model.type", "TinyNt", "TinyNet"),
        ("train_dataloader.dataset.type", "Sampels", "Samples"),
        ("train_dataloader.sampler.type", "DefaultSampeler", "DefaultSampler"),
        ("optim_wrapper.optimizer.type", "SDG", "SGD"),
        ("param_scheduler.type", "ExponentalLR", "ExponentialLR"),
        ("val_evaluator.type", "SquareError", "SquaredError"),
        ("default_hooks.logger.type", "LogerHook", "LoggerHook"),
    ],
)
def test_an_unknown_name_comes_with_close_ones(
    tiny: Tiny, change: str, wrong: str, meant: str
) -> None:
    with pytest.raises(UnknownNameError, match=f"registered as '{wrong}'(.|\n)*'{meant}'"):
        tiny({change: wrong}).prepare_training()


@pytest.mark.parametrize(
    ("left_out", "said"),
    [
        ("optim_wrapper", "train_dataloader and train_cfg can't do without optim_wrapper"),
        ("train_dataloader", "can't do without train_dataloader"),
        ("val_evaluator", "val_dataloader and val_cfg can't do without val_evaluator"),
        ("test_cfg", "can't do without test_cfg"),
    ],
)
def test_a_missing_part_is_named(tiny: Tiny, left_out: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        tiny({left_out: None, "param_scheduler": None})


@pytest.mark.parametrize("key", ["model", "work_dir"])
def test_a_config_without_model_or_work_dir_is_refused(tiny: Tiny, key: str) -> None:
    with pytest.raises(KeyError, match=f"no '{key}'"):
        tiny({key: None})


def test_a_work_dir_that_cant_be_made_is_named(tiny: Tiny, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match=r"work_dir can't be made.*file.work") as caught:
        tiny(work_dir=str(tmp_path / "file/work"))
    assert caught.value.filename == str(tmp_path / "file/work")


def test_a_checkpoint_of_another_model_is_refused(tiny: Tiny, tmp_path: Path) -> None:
    tiny().train()
    path = str(tmp_path / "work/epoch_2.pth")
    other = {"model": {"_delete_": True, "type": "Other"}, "work_dir": str(tmp_path / "other")}
    with pytest.raises(WrongModelError, match=r"epoch_2\.pth holds no weight of Other"):
        tiny({**other, "load_from": path}).train()
    with pytest.raises(WrongModelError, match=r"epoch_2\.pth"):
        tiny({**other, "load_from": path, "resume": True}).train()


def test_weights_of_another_size_are_not_resumed_from(tiny: Tiny, tmp_path: Path) -> None:
    tiny().train()
    with pytest.raises(CheckpointError, match=r"epoch_2\.pth"):
        tiny({"model.width": 8, "resume": True, "train_cfg.max_epochs": 3}).train()


def test_a_checkpoint_that_isnt_there_is_told_with_those_that_are(
    tiny: Tiny, tmp_path: Path
) -> None:
    tiny().train()
    path = str(tmp_path / "work/epoch_3.pth")
    with pytest.raises(MissingCheckpointError, match=r"epoch_3\.pth.*epoch_1\.pth, epoch_2\.pth"):
        tiny(load_from=path).train()
