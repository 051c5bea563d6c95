"""Evaluation end to end: losses, several sets, merged metrics and those of torchmetrics."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from evaluating import (
    Classifier,
    GatheredAccuracy,
    Threshold,
    Tiles,
    data,
    digits,
    evaluation_on_a_rank,
    let_torchvision_import,
)
from torch.nn import functional

import engine_dist
from engine_runner import Runner

SIZE = 301  # odd, and no multiple of a batch: two ranks and the last batch get unequal parts


@pytest.fixture
def evaluating(tmp_path: Path) -> Iterator[Callable[..., Runner]]:
    """Makes runners that train on digits and validate on others; ``options`` change them."""
    made: list[Runner] = []

    def make(**options: Any) -> Runner:
        torch.manual_seed(0)
        arguments: dict[str, Any] = {
            "model": Classifier(),
            "work_dir": str(tmp_path / "work"),
            "train_dataloader": data(digits(0, 600), shuffle=True),
            "train_cfg": {"by_epoch": True, "max_epochs": 3},
            "optim_wrapper": {"optimizer": {"type": "SGD", "lr": 0.1}},
            "val_dataloader": data(digits(600, 600 + SIZE), batch_size=128),
            "val_cfg": {"loss": True},
            "val_evaluator": {"type": "TopKAccuracy"},
            "randomness": {"seed": 1},
            "log_level": "WARNING",
            **options,
        }
        made.append(Runner(**arguments))
        return made[-1]

    yield make
    for runner in made:
        for handler in list(runner.logger.handlers):
            handler.close()
            runner.logger.removeHandler(handler)
        runner.visualizer.close()


def drawn(runner: Runner) -> list[dict[str, Any]]:
    """The scalars of all validations, in their order."""
    (file,) = Path(runner.log_dir).glob("vis_data/scalars.json")
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    return [line for line in lines if "lr" not in line]


def test_the_validation_loss_is_the_mean_over_all_samples(
    evaluating: Callable[..., Runner],
) -> None:
    runner = evaluating()
    runner.train()
    model = runner.model.eval()
    images, classes = digits(600, 600 + SIZE).tensors
    with torch.no_grad():
        scores = model(images, classes)
    expected = float(functional.cross_entropy(scores, classes))
    last = drawn(runner)[-1]
    assert last["val_loss"] == last["val_loss_ce"] == pytest.approx(expected, rel=1e-5)
    right = float((scores.argmax(dim=1) == classes).double().mean())
    assert last["accuracy/top1"] == right
    log = next(Path(runner.log_dir).glob("*.log"))
    assert runner.val() == pytest.approx(
        {"accuracy/top1": right, "val_loss": expected, "val_loss_ce": expected}, rel=1e-5
    )
    assert log.exists()


def test_a_validation_loss_changes_nothing_of_the_training(
    evaluating: Callable[..., Runner],
) -> None:
    weights = []
    for val_cfg in ({"loss": True}, {}):
        runner = evaluating(val_cfg=val_cfg)
        runner.train()
        weights.append({key: value.clone() for key, value in runner.model.state_dict().items()})
    assert all(torch.equal(value, weights[1][key]) for key, value in weights[0].items())


def test_what_watches_metrics_can_watch_the_validation_loss(
    evaluating: Callable[..., Runner], tmp_path: Path
) -> None:
    runner = evaluating(
        train_dataloader=data(digits(0, 40), batch_size=8, shuffle=True),
        train_cfg={"by_epoch": True, "max_epochs": 60},
        optim_wrapper={"optimizer": {"type": "SGD", "lr": 1.0}},
        param_scheduler={"type": "ReduceOnPlateauLR", "monitor": "val_loss", "patience": 1},
        default_hooks={"checkpoint": {"save_best": "val_loss", "interval": -1}},
        custom_hooks=[{"type": "EarlyStoppingHook", "monitor": "val_loss", "patience": 6}],
    )
    runner.train()
    losses = [each["val_loss"] for each in drawn(runner)]
    assert len(losses) == runner.epoch < 60
    best = int(np.argmin(losses)) + 1
    assert (tmp_path / "work" / f"best_val_loss_epoch_{best}.pth").is_file()
    assert runner.message_hub.get_info("best_score") == min(losses)
    assert runner.optim_wrapper.get_lr()["lr"][0] < 1.0


def test_losses_alone_need_no_evaluator(evaluating: Callable[..., Runner]) -> None:
    runner = evaluating(val_evaluator=None, default_hooks={"checkpoint": {"save_best": "auto"}})
    runner.train()
    assert runner.message_hub.get_info("best_score") == min(
        each["val_loss"] for each in drawn(runner)
    )


def test_two_validation_sets_have_metrics_names_and_intervals_of_their_own(
    evaluating: Callable[..., Runner], tmp_path: Path
) -> None:
    runner = evaluating(
        train_cfg={"by_epoch": True, "max_epochs": 5},
        val_dataloader={
            "upright": data(digits(600, 900)),
            "turned": data(digits(600, 701, turned=True)),
        },
        val_evaluator={
            "upright": [{"type": "TopKAccuracy"}, {"type": GatheredAccuracy}],
            "turned": {"type": "TopKAccuracy", "topk": (1, 5)},
        },
        val_cfg={"loss": True, "intervals": {"turned": 2}},
        default_hooks={"checkpoint": {"save_best": "turned/accuracy/top5", "interval": -1}},
    )
    runner.train()
    found = drawn(runner)
    upright = {"accuracy/top1", "accuracy", "count", "val_loss", "val_loss_ce"}
    turned = {"accuracy/top1", "accuracy/top5", "val_loss", "val_loss_ce"}
    names = {f"upright/{each}" for each in upright}, {f"turned/{each}" for each in turned}
    for epoch, each in enumerate(found, start=1):
        own = {name for name in each if "/" in name}
        assert own == (names[0] | names[1] if epoch in (2, 4, 5) else names[0])
        assert each["upright/count"] == 300
    assert found[-1]["upright/accuracy"] == found[-1]["upright/accuracy/top1"] > 0.8
    assert found[-1]["turned/accuracy/top1"] < 0.5
    scores = {e: each["turned/accuracy/top5"] for e, each in enumerate(found, 1) if e in (2, 4, 5)}
    best = max(scores, key=lambda epoch: scores[epoch])
    assert [each.name for each in (tmp_path / "work").glob("best_*")] == [
        f"best_turned_accuracy_top5_epoch_{best}.pth"
    ]


@pytest.mark.parametrize("num_processes", [1, 2])
def test_merged_metrics_are_those_of_all_predictions(tmp_path: Path, num_processes: int) -> None:
    from sklearn.metrics import accuracy_score, confusion_matrix, f1_score

    arguments = (str(tmp_path / "work"), digits(0, SIZE))
    found = (
        [evaluation_on_a_rank(*arguments)]
        if num_processes == 1
        else engine_dist.launch(
            evaluation_on_a_rank, 2, arguments, start_method="forkserver", timeout=120
        )
    )
    for each in found:
        pred, true = zip(*each["pairs"], strict=True)
        assert true == tuple(digits(0, SIZE).tensors[1].tolist())
        assert each["gathered/count"] == SIZE
        right = accuracy_score(true, pred)
        assert each["accuracy/top1"] == each["gathered/accuracy"] == pytest.approx(right, abs=1e-12)
        assert each["MulticlassAccuracy"] == pytest.approx(right, abs=1e-6)
        matrix = confusion_matrix(true, pred, labels=range(10))
        assert each["confusion_matrix/result"].tolist() == matrix.tolist()
        score = f1_score(true, pred, average="macro", labels=range(10), zero_division=0)
        assert each["tm/MulticlassF1Score"] == pytest.approx(score, abs=1e-6)


@pytest.mark.parametrize("metric", ["object", "config", "path"])
def test_a_metric_of_torchmetrics_is_taken_as_it_is(
    evaluating: Callable[..., Runner], metric: str
) -> None:
    let_torchvision_import()
    from torchmetrics.classification import MulticlassAccuracy

    options = {"num_classes": 10, "average": "micro"}
    given = {
        "object": MulticlassAccuracy(**options),
        "config": {"type": MulticlassAccuracy, **options},
        "path": [{"type": "torchmetrics.classification.MulticlassAccuracy", **options}],
    }[metric]
    theirs = evaluating(val_evaluator=given).val()["MulticlassAccuracy"]
    assert theirs == pytest.approx(evaluating().val()["accuracy/top1"], abs=1e-6)


def test_nuclei_are_found_as_well_as_a_count_of_pixels_says(
    evaluating: Callable[..., Runner],
) -> None:
    from sklearn.metrics import f1_score, jaccard_score

    tiles = Tiles()
    runner = evaluating(
        model=Threshold(),
        val_dataloader=data(tiles, batch_size=3),
        val_evaluator={"type": "MeanIoU", "num_classes": 2, "per_class": True},
    )
    found = runner.val()
    with torch.no_grad():
        pred = [runner.model(tiles[i]["image"][None], None).argmax(1)[0] for i in range(4)]
    parts = torch.stack(pred).flatten(), torch.stack([tiles[i]["mask"] for i in range(4)]).flatten()
    jaccard = jaccard_score(parts[1], parts[0], average=None)
    assert found["IoU/1"] == pytest.approx(jaccard[1])
    assert jaccard[1] > 0.7
    assert found["mIoU"] == pytest.approx(jaccard.mean())
    assert found["mDice"] == pytest.approx(f1_score(parts[1], parts[0], average="macro"))
    assert found["aAcc"] == pytest.approx(float((parts[0] == parts[1]).double().mean()))
    assert found["val_loss"] > 0


def test_the_documentation_runs(
    run_page: Callable[[str], dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    run_page("tutorials/evaluation")
    text = (Path(__file__).parents[2] / "docs" / "tutorials" / "evaluation.md").read_text(
        encoding="utf-8"
    )
    shown = capsys.readouterr().out.splitlines()
    assert shown[0] == text.partition("print(runner().val())  # ")[2].splitlines()[0]
