from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from engine_visual.backends import LocalVisBackend
from engine_visual.curves import Curve, read_run


def write(path: Path, *lines: dict[str, object]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def train(step: int, loss: float, per_epoch: int = 10) -> dict[str, object]:
    """A training line as Engine and MMEngine write it."""
    epoch = (step - 1) // per_epoch + 1
    return {"lr": 0.1, "loss": loss, "time": 0.2, "epoch": epoch, "iter": step, "step": step}


def test_training_and_validation_lie_on_one_axis(tmp_path: Path) -> None:
    lines = []
    for epoch in (1, 2, 3):
        lines += [train(epoch * 10 - 5, 3 - epoch / 2), train(epoch * 10, 3 - epoch)]
        lines.append({"coco/mAP": epoch / 10, "time": 0.5, "data_time": 0.1, "step": epoch})
    write(tmp_path / "work" / "20260101_000000" / "vis_data" / "scalars.json", *lines)
    run = read_run(tmp_path / "work")
    assert run.name == "work" and run.per_epoch == 10
    assert list(run.curves) == [
        *("loss", "coco/mAP", "lr", "time", "val/time", "val/data_time"),
    ]
    assert run.curves["loss"].steps == [5, 10, 15, 20, 25, 30]
    assert run.curves["coco/mAP"].steps == [10, 20, 30]
    assert run.curves["coco/mAP"].values == [0.1, 0.2, 0.3]
    assert run.axis(None) == run.axis("epoch") == ("epoch", 10)
    assert run.axis("iteration") == ("iteration", 1)


def test_validations_of_a_training_by_iterations_stay_where_they_are(tmp_path: Path) -> None:
    lines = [{"loss": 1.0, "iter": step, "step": step} for step in (100, 200)]
    path = write(tmp_path / "scalars.json", *lines, {"mIoU": 0.5, "step": 200})
    run = read_run(path)
    assert run.curves["mIoU"].steps == [200]
    assert run.axis(None) == ("iteration", 1)
    with pytest.raises(ValueError, match="don't say what an epoch is"):
        run.axis("epoch")
    with pytest.raises(ValueError, match="accepted: epoch, iteration"):
        run.axis("hour")


def test_sessions_are_joined_and_a_resumed_one_replaces(tmp_path: Path) -> None:
    first, second = tmp_path / "20260101_000000", tmp_path / "20260102_000000"
    write(first / "vis_data" / "scalars.json", train(10, 3.0), train(20, 2.0), train(30, 9.0))
    write(second / "vis_data" / "scalars.json", train(21, 1.5), train(40, 1.0))
    loss = read_run(tmp_path).curves["loss"]
    assert (loss.steps, loss.values) == ([10, 20, 21, 40], [3.0, 2.0, 1.5, 1.0])
    assert read_run(first).curves["loss"].values == [3.0, 2.0, 9.0]
    assert read_run(first / "vis_data").curves["loss"].values == [3.0, 2.0, 9.0]


def test_mmengines_file_by_time_is_read_where_there_is_no_other(tmp_path: Path) -> None:
    write(tmp_path / "20260101_0" / "vis_data" / "20260101_0.json", train(10, 3.0))
    assert read_run(tmp_path).curves["loss"].values == [3.0]


def test_an_unfinished_last_line_is_left_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = write(tmp_path / "scalars.json", train(10, 3.0))
    with path.open("a", encoding="utf-8") as file:
        file.write('{"loss": 1.0, "st')
    assert read_run(path).curves["loss"].values == [3.0]
    assert "scalars.json:2 is unfinished" in caplog.text


@pytest.mark.parametrize(
    "line", ["no json", "[1, 2]", "[" * 100_000, '{"a": 3, "step": "x"}', "\x00", '{"a": NaN']
)
def test_a_wrong_line_is_left_out_and_said(
    tmp_path: Path, line: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "scalars.json"
    text = f'{{"a": 1, "step": 1}}\n{line}\n{{"a": 2, "step": 2}}\n'
    path.write_text(text, encoding="utf-8")
    assert read_run(path).curves["a"].values == [1.0, 2.0]
    assert "scalars.json:2 is left out" in caplog.text


def test_numbers_that_json_lacks_are_written_by_name_and_read_as_numbers(tmp_path: Path) -> None:
    backend = LocalVisBackend(str(tmp_path))
    for step, value in enumerate([math.inf, -math.inf, math.nan, 1.5]):
        backend.add_scalars({"loss": value, "all": [value]}, step)
    backend.close()
    text = (tmp_path / "scalars.json").read_text("utf-8")

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    lines = [json.loads(line, parse_constant=refuse) for line in text.splitlines()]
    assert [line["loss"] for line in lines] == ["Infinity", "-Infinity", "NaN", 1.5]
    found = read_run(tmp_path / "scalars.json").curves["loss"].values
    assert found[:2] == [math.inf, -math.inf]
    assert math.isnan(found[2])


def test_where_nothing_is_it_says_what_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no scalars below .*scalars\.json"):
        read_run(tmp_path)
    with pytest.raises(FileNotFoundError, match="no file or folder"):
        read_run(tmp_path / "nowhere")


def test_curves_are_selected_by_name_or_pattern(tmp_path: Path) -> None:
    path = write(tmp_path / "scalars.json", {"loss_a": 1.0, "loss_b": 2.0, "acc": 3.0, "step": 1})
    run = read_run(path)
    assert [curve.key for curve in run.select("loss*")] == ["loss_a", "loss_b"]
    assert [curve.key for curve in run.select(["acc", "loss_b"])] == ["acc", "loss_b"]
    assert len(run.select(None)) == 3
    with pytest.raises(KeyError, match="no scalar 'los_a'; it has loss_a"):
        run.select("los_a")


@pytest.mark.parametrize(
    ("key", "kind", "best"),
    [
        ("loss", "loss", 1),
        ("decode.loss_ce", "loss", 1),
        ("coco/bbox_mAP", "metric", 2),
        ("val/mae", "metric", 1),
        ("lr", "learning rate", None),
        ("base_lr", "learning rate", None),
        ("data_time", "time", None),
        ("memory", "other", None),
        ("grad_norm", "other", None),
    ],
)
def test_names_say_what_is_good(key: str, kind: str, best: int | None) -> None:
    curve = Curve(key=key, steps=[1, 2, 3, 4], values=[2.0, 1.0, 3.0, math.nan])
    assert (curve.kind, curve.best()) == (kind, best)


def test_nothing_finite_has_no_best() -> None:
    assert Curve(key="loss", steps=[1], values=[math.nan]).best() is None


def test_smoothing_is_a_moving_average_without_a_bias_at_the_beginning() -> None:
    curve = Curve(key="loss", steps=[1, 2, 3], values=[1.0, 2.0, math.nan])
    one, two, gap = curve.smoothed(0.5)
    assert (one, two) == (1.0, pytest.approx((0.25 * 1 + 0.5 * 2) / 0.75))
    assert math.isnan(gap)
    assert curve.smoothed(0)[:2] == [1.0, 2.0]
    with pytest.raises(ValueError, match="must lie in"):
        curve.smoothed(1.0)
