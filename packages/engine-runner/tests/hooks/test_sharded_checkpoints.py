"""Checkpoints that are folders are kept, resumed from and loaded as files are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from toy import Count, Line, without_validation

from engine_checkpoint import (
    CheckpointError,
    CheckpointLoader,
    find_latest_checkpoint,
    load_checkpoint,
)

SHARDED = {"type": "SingleDeviceStrategy", "state_dict_cfg": "sharded"}


def saving(*, kind: str = "sharded", **options: Any) -> dict[str, Any]:
    """Options of a runner that saves after each of three epochs."""
    hook = {"type": "CheckpointHook", "interval": 1, **options.pop("hook", {})}
    return {
        "train_cfg": {"by_epoch": True, "max_epochs": options.pop("max_epochs", 3)},
        "optim_wrapper": {"optimizer": {"type": "Adam", "lr": 0.01}},
        "strategy": {**SHARDED, "state_dict_cfg": kind},
        "default_hooks": {"checkpoint": hook, "logger": None},
        **options,
    }


def folders(work_dir: Path) -> list[str]:
    return sorted(path.name for path in work_dir.glob("*.pth") if path.is_dir())


def weights_of(runner: Any) -> list[float]:
    return [float(each) for value in runner.model.state_dict().values() for each in value.flatten()]


@pytest.mark.parametrize("async_save", [False, True], ids=["now", "beside"])
def test_old_folders_go_and_the_best_stays(toy: Any, tmp_path: Path, async_save: bool) -> None:
    hook = {"max_keep_ckpts": 1, "save_best": "accuracy", "async_save": async_save}
    evaluator = {"type": Count, "scores": [0.1, 0.9, 0.5]}
    toy(**saving(hook=hook, val_evaluator=evaluator)).train()
    assert folders(tmp_path / "work") == ["best_accuracy_epoch_2.pth", "epoch_3.pth"]
    assert find_latest_checkpoint(str(tmp_path / "work")) == str(tmp_path / "work/epoch_3.pth")
    assert list((tmp_path / "work").glob(".*")) == []


@pytest.mark.parametrize(
    "kinds", [("sharded", "sharded"), ("sharded", "full"), ("full", "sharded")]
)
def test_a_resumed_training_ends_in_the_same_weights(
    toy: Any, tmp_path: Path, kinds: tuple[str, str]
) -> None:
    plain = without_validation()
    whole = toy(work_dir=tmp_path / "whole", **saving(**plain))
    whole.train()
    first, second = kinds
    toy(**saving(kind=first, max_epochs=2, **plain)).train()
    rest = toy(**saving(kind=second, resume=True, **plain))
    rest.train()
    assert rest.iter == whole.iter
    assert weights_of(rest) == weights_of(whole)
    one, other = (each.optim_wrapper.state_dict() for each in (rest, whole))
    torch.testing.assert_close(one, other, rtol=0, atol=0)


def test_a_damaged_folder_is_passed_over_for_the_one_before(
    toy: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    toy(**saving(**without_validation())).train()
    (file,) = (tmp_path / "work" / "epoch_3.pth").glob("__0_*")
    file.write_bytes(file.read_bytes()[:-1])
    runner = toy(**saving(resume=True, max_epochs=4, **without_validation()))
    runner.load_or_resume()
    assert (runner.epoch, runner.iter) == (2, 24)
    with pytest.raises(CheckpointError, match=r"__0_0\.distcp.*good ones are .*epoch_2\.pth"):
        toy(
            **saving(resume=True, load_from=str(tmp_path / "work/epoch_3.pth"), max_epochs=4)
        ).load_or_resume()


def test_a_folder_is_loaded_wherever_a_file_is(toy: Any, tmp_path: Path) -> None:
    trained = toy(**saving(**without_validation()))
    trained.train()
    address = str(tmp_path / "work" / "epoch_3.pth")
    other = toy(work_dir=tmp_path / "other", load_from=address, **without_validation())
    other.load_or_resume()
    assert weights_of(other) == weights_of(trained)
    model = Line()
    found = load_checkpoint(model, address, strict=True)
    assert float(model.layer.bias.detach()) == weights_of(trained)[-1]
    assert found["meta"]["epoch"] == 3
    assert set(found) == set(CheckpointLoader.load_checkpoint(address))


def test_a_folder_on_a_remote_storage_is_refused(toy: Any, tmp_path: Path) -> None:
    runner = toy(**saving(**without_validation()))
    runner.prepare_training()
    with pytest.raises(ValueError, match="is a folder on a disk that all ranks see"):
        runner.save_checkpoint("s3://bucket", "epoch_1.pth")
    with pytest.raises(ValueError, match="s3://bucket/work is none: give a local out_dir"):
        toy(**saving(hook={"out_dir": "s3://bucket"}, **without_validation())).train()
