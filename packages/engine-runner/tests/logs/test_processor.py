"""`LogProcessor` writes MMEngine's lines, which were recorded by running it."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from engine_logging import MessageHub
from engine_runner.logs import LogProcessor

# Recorded by running mmengine 0.10.7 on the histories of `runner`.
RECORDED = json.loads((Path(__file__).parent / "mmengine_lines.json").read_text("utf-8"))


def runner(
    *,
    by_epoch: bool = True,
    epoch: int = 1,
    it: int = 16,
    max_iters: int = 40,
    ntrain: int = 12,
    nval: int = 8,
    eta: float | None = 3723.4,
) -> Any:
    """What a log processor sees of a runner in its second epoch."""
    hub = MessageHub("of a test")
    for i in range(17):
        hub.update_scalar("train/lr", 0.01 * (i + 1))
        hub.update_scalar("train/time", 0.1 * (i + 1))
        hub.update_scalar("train/data_time", 0.01 * i)
        hub.update_scalar("train/loss", float(i))
        hub.update_scalar("train/loss_cls", i / 3)
        hub.update_scalar("train/acc", i * 2.0)
        hub.update_scalar("train/grad_norm", torch.tensor(i * 1.5))
        hub.update_scalar("train/count", i)
        hub.update_scalar("train/base_lr", 0.5)
    for i in range(8):
        for mode, step in (("val", 0.1), ("test", 0.15)):
            hub.update_scalar(f"{mode}/time", 2 * step * (i + 1))
            hub.update_scalar(f"{mode}/data_time", step / 5)
    for accuracy, loss in ((0.25, 1.0), (0.75, 3.0)):
        hub.update_scalar("val/accuracy", accuracy)
        hub.update_scalar("val/val_loss", loss)
    hub.update_scalar("val/n", 3)
    hub.update_scalar("test/a/acc", 0.5)
    hub.update_info("test/names", ["x", "y"])
    if eta is not None:
        hub.update_info("eta", eta)
    return SimpleNamespace(
        message_hub=hub,
        epoch=epoch,
        iter=it,
        max_epochs=4,
        max_iters=max_iters,
        train_loop=SimpleNamespace(dataloader=range(ntrain)),
        val_loop=SimpleNamespace(dataloader=range(nval)),
        test_loop=SimpleNamespace(dataloader=range(9)),
    )


@pytest.mark.parametrize("case", RECORDED["iters"], ids=lambda case: f"{case['mode']} {case}"[:60])
def test_the_line_of_an_iteration_is_mmengines(case: dict[str, Any]) -> None:
    processor = LogProcessor(**case["processor"])
    tag, line = processor.get_log_after_iter(runner(**case["runner"]), case["batch"], case["mode"])
    assert line.rstrip() == case["line"]
    if case["mode"] == "train":
        assert tag == pytest.approx(case["tag"])


@pytest.mark.parametrize("case", RECORDED["epochs"], ids=lambda case: f"{case['mode']} {case}"[:60])
def test_the_line_of_an_evaluation_is_mmengines(case: dict[str, Any]) -> None:
    processor = LogProcessor(**case["processor"])
    tag, line = processor.get_log_after_epoch(
        runner(**case["runner"]), case["batch"], case["mode"], case.get("with_non_scalar", False)
    )
    # MMEngine averages metrics whose name contains "loss" over all validations so far, and here
    # the latest value is logged.
    recorded = case["line"].replace("val_loss: 2.00", "val_loss: 3.00")
    recorded = recorded.replace("accuracy: 0.5000", "accuracy: 0.7500")
    assert line.rstrip() == recorded
    for name in case["tag"]:
        if name.endswith(("val_loss", "accuracy")):
            case["tag"][name] = 3.0 if name.endswith("loss") else 0.75
    names = {name: value for name, value in tag.items() if isinstance(value, list)}
    assert names == {k: v for k, v in case["tag"].items() if isinstance(v, list)}
    assert {k: v for k, v in tag.items() if k not in names} == pytest.approx(
        {k: v for k, v in case["tag"].items() if k not in names}
    )


@pytest.mark.parametrize(
    ("max_epochs", "epoch", "expected"),
    [(1, 0, " [1]"), (12, 0, "  [1]"), (12, 9, " [10]"), (100, 0, "   [1]"), (None, 4, " [5]")],
)
def test_epochs_stand_below_one_another(max_epochs: Any, epoch: int, expected: str) -> None:
    given = runner(epoch=epoch)
    given.max_epochs = max_epochs
    _, line = LogProcessor().get_log_after_iter(given, 4, "train")
    assert line.startswith(f"Epoch(train){expected}[ 5/12]  lr")
    given.epoch += 1
    _, line = LogProcessor().get_log_after_iter(given, 4, "val")
    assert line.startswith(f"Epoch(val){expected}[5/8]    eta")


def test_data_without_a_length_are_counted() -> None:
    given = runner()
    given.train_loop.dataloader = iter(range(3))
    _, line = LogProcessor().get_log_after_iter(given, 4, "train")
    assert line.startswith("Epoch(train) [2][5]  lr")


@pytest.mark.parametrize(
    ("config", "error", "message"),
    [
        (
            {"method_name": "max"},
            TypeError,
            r"custom_cfg\[0\] must be a dict with the key data_src",
        ),
        (
            {"data_src": "loss", "window_size": 1.5},
            TypeError,
            "window_size is a number, 'epoch' or 'global', got 1.5",
        ),
    ],
)
def test_a_wrong_custom_statistic_is_refused(
    config: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        LogProcessor(custom_cfg=[config])


def test_two_custom_statistics_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="logs 'loss', as one before; give it a log_name"):
        LogProcessor(custom_cfg=[{"data_src": "loss"}, {"data_src": "loss"}])


def test_an_epoch_as_window_needs_epochs() -> None:
    with pytest.raises(ValueError, match="window_size='epoch' needs by_epoch=True"):
        LogProcessor(by_epoch=False, custom_cfg=[{"data_src": "a", "window_size": "epoch"}])


def test_a_custom_statistic_of_an_unknown_scalar_is_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    processor = LogProcessor(custom_cfg=[{"data_src": "los"}, {"data_src": "accuracy"}])
    for _ in range(2):
        processor.get_log_after_iter(runner(), 4, "train")
        processor.get_log_after_epoch(runner(), 8, "val")
    (record,) = caplog.records
    assert "custom_cfg asks for ['los'], which nobody has logged" in record.getMessage()


def test_a_subclass_says_how_many_batches_a_loop_of_its_own_has() -> None:
    class OfLoops(LogProcessor):
        def _get_dataloader_size(self, runner: Any, mode: str) -> int | None:
            loop = self._get_cur_loop(runner, mode)
            if hasattr(loop, "total_length"):
                return int(loop.total_length)
            return super()._get_dataloader_size(runner, mode)

    made = runner()
    made.val_loop = SimpleNamespace(total_length=30)  # no one dataloader
    assert "[ 4/30]" in OfLoops().get_log_after_iter(made, 3, "val")[1]
    assert "[1][30/30]" in OfLoops().get_log_after_epoch(made, 30, "val")[1]
    assert "[ 5/12]" in OfLoops().get_log_after_iter(made, 4, "train")[1]
