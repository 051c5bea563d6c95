"""Several validation and test sets."""

from __future__ import annotations

from typing import Any

import pytest
from torch.utils.data import DataLoader
from toy import QUIET, Count, Line, Points, Stream, loader

from engine_evaluator import Evaluator
from engine_runner import Hook
from engine_runner.loops.multi_loader import SeveralLoaders, loaders_of

SETS = {"near": loader(Points(5)), "far": loader(Points(7))}


class Listens(Hook):
    """Keeps what it is called with."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    def before_val(self, runner: Any) -> None:
        self.heard.append("begin")

    def after_val_iter(
        self, runner: Any, batch_idx: int, data_batch: Any = None, outputs: Any = None
    ) -> None:
        data = runner.val_dataloader
        self.heard.append((data.set_name, batch_idx, data.dataset.size, len(data)))

    def after_val_epoch(self, runner: Any, metrics: dict[str, float] | None = None) -> None:
        self.heard.append([*(metrics or {})])


def test_each_set_has_its_numbers_and_hooks_hear_of_one_validation(toy: Any) -> None:
    hook = Listens()
    runner = toy(
        val_dataloader=SETS, default_hooks=QUIET, custom_hooks=[hook], val_cfg={"loss": True}
    )
    found = runner.val()
    assert {key: value for key, value in found.items() if key.endswith("count")} == {
        "near/count": 5,
        "far/count": 7,
    }
    assert hook.heard == [
        "begin",
        *(("near", i, 5, 7) for i in range(3)),
        *(("far", i, 7, 7) for i in range(3, 7)),
        [
            f"{name}/{each}"
            for name in ("near", "far")
            for each in ("accuracy", "count", "val_loss", "val_acc")
        ],
    ]
    assert runner.val_dataloader.set_name == "near"


def test_sets_have_evaluators_of_their_own_or_copies_of_one(toy: Any) -> None:
    own = {"near": Evaluator(Count(prefix="x")), "far": [Count([0.5])]}
    runner = toy(val_dataloader=SETS, default_hooks=QUIET, val_evaluator=own)
    assert runner.val_evaluator is own["near"]
    assert runner.val() == {
        "near/x/accuracy": 1.0,
        "near/x/count": 5,
        "far/accuracy": 0.5,
        "far/count": 7,
    }
    runner = toy(val_dataloader=SETS, default_hooks=QUIET, val_evaluator=Count([0.25]))
    found = runner.val()
    assert found["near/accuracy"] == found["far/accuracy"] == 0.25


def test_every_set_gets_what_is_known_of_it(toy: Any) -> None:
    class Seen(Count):
        def compute_metrics(self, results: list[Any]) -> dict[str, Any]:
            return {"seen": (self.dataset_meta or {})["of"]}

    sets = {name: loader(Points(4, metainfo={"of": name})) for name in ("a", "b")}
    runner = toy(val_dataloader=sets, default_hooks=QUIET, val_evaluator=Seen())
    assert runner.val() == {"a/seen": "a", "b/seen": "b"}
    assert runner.visualizer.dataset_meta == {"of": "a"}


def test_a_list_of_sets_is_named_after_the_data(toy: Any) -> None:
    test = {"test_cfg": {}, "test_evaluator": {"type": Count}, "default_hooks": QUIET}
    runner = toy(test_dataloader=[loader(Points(4)), loader(Points(5))], **test)
    assert runner.test()["Points_1/count"] == 5
    runner = toy(test_dataloader=[DataLoader(Points(4)), loader(Stream(3), sampler=None)], **test)
    assert {key for key in runner.test() if "count" in key} == {"Points/count", "Stream/count"}


@pytest.mark.parametrize(
    ("by_epoch", "val_interval", "due"),
    [
        (True, 1, ["near", "near", "near far", "near", "near far"]),
        (True, 2, ["near", "near far", "near far"]),  # epochs 2, 4 and 5
        (False, 2, ["near", "near far", "near far"]),
    ],
)
def test_a_set_is_evaluated_when_its_interval_is_over_and_at_the_end(
    toy: Any, by_epoch: bool, val_interval: int, due: list[str]
) -> None:
    hook = Listens()
    length = {"max_epochs": 5} if by_epoch else {"max_iters": 5}
    runner = toy(
        train_dataloader=loader(Points(4)),
        train_cfg={"by_epoch": by_epoch, "val_interval": val_interval, **length},
        val_dataloader=SETS,
        val_cfg={"intervals": {"far": 3}},
        custom_hooks=[hook],
    )
    runner.train()
    names = [each for each in hook.heard if isinstance(each, list)]
    assert [
        " ".join(dict.fromkeys(each.partition("/")[0] for each in every)) for every in names
    ] == due
    hook.heard.clear()
    runner.val()
    assert "far/count" in hook.heard[-1]


def test_nothing_is_validated_when_it_is_no_sets_turn(toy: Any) -> None:
    hook = Listens()
    runner = toy(
        train_cfg={"by_epoch": True, "max_epochs": 3},
        val_dataloader=SETS,
        val_cfg={"intervals": {"near": 2, "far": 2}},
        custom_hooks=[hook],
    )
    runner.train()
    assert hook.heard.count("begin") == 2


def test_log_lines_say_which_set_and_leave_out_old_numbers(
    toy: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    stop = {"type": "EarlyStoppingHook", "monitor": "far/accuracy", "strict": True}
    runner = toy(
        train_cfg={"by_epoch": True, "max_epochs": 3},
        val_dataloader={"near": loader(Points(20)), "far": loader(Points(21))},
        val_cfg={"intervals": {"far": 2}},
        log_level="INFO",
        custom_hooks=[stop],
        default_hooks={"checkpoint": {"save_best": "far/accuracy"}},
    )
    runner.train()
    lines = [line for line in capsys.readouterr().out.splitlines() if "Epoch(val)" in line]
    assert "[1][10/10]  set: near  eta: 0:00:00" in lines[0]
    assert "[1][10/10]    near/accuracy: 1.0000  near/count: 20  data_time" in lines[1]
    assert "[2][10/21]  set: near  eta: 0:00:00" in lines[2]
    assert "[2][20/21]  set: far  eta: 0:00:00" in lines[3]
    assert "[2][21/21]    near/accuracy: 1.0000  near/count: 20  far/accuracy: 1.0000" in lines[4]
    assert runner.message_hub.get_info("best_score") == 1.0


@pytest.mark.parametrize(("interval", "steps"), [(1, 3), (2, 1)])
def test_a_scheduler_waits_for_the_set_that_it_looks_at(
    toy: Any, interval: int, steps: int
) -> None:
    runner = toy(
        train_cfg={"by_epoch": True, "max_epochs": 4},
        val_dataloader=SETS,
        val_cfg={"intervals": {"far": interval}, "loss": True},
        param_scheduler={"type": "ReduceOnPlateauLR", "monitor": "far/val_loss", "patience": 5},
    )
    runner.train()
    assert runner.param_schedulers[0].last_step == steps


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (
            {"val_evaluator": {"naer": Count(), "far": Count()}},
            ValueError,
            "val_evaluator has 'naer', which is no set; did you mean 'near'",
        ),
        (
            {"val_evaluator": {"near": Count()}},
            ValueError,
            "val_evaluator has none for the set 'far': give each of",
        ),
        (
            {"val_cfg": {"intervals": {"farr": 2}}},
            ValueError,
            "val_cfg.intervals has 'farr', which is no set; did you mean 'far'",
        ),
        ({"val_cfg": {"intervals": {"far": 0}}}, ValueError, "that of 'far' must be a positive"),
        ({"val_cfg": {"intervals": 2}}, TypeError, "must be a dict of intervals"),
        (
            {"val_dataloader": loader(Points(4)), "val_cfg": {"intervals": {"far": 2}}},
            ValueError,
            "there is only one, without a name",
        ),
        (
            {"val_dataloader": {**SETS, "none": loader(Points(0), sampler=None)}},
            ValueError,
            "ValLoop, set 'none': the data loader is empty",
        ),
        (
            {"val_dataloader": {**SETS, "batch_size": 2}},
            TypeError,
            "but 'batch_size' is 2: no loader",
        ),
    ],
)
def test_what_fits_no_set_is_refused(
    toy: Any, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        _ = toy(**{"val_dataloader": SETS, "default_hooks": QUIET, **options}).val_loop


def test_one_loader_is_not_several() -> None:
    for given in (loader(Points(4)), {"datset": Points(4), "batch_size": 2}, [[1, 2], [3]], 3, []):
        assert loaders_of(given) is None


def test_several_loaders_are_read_as_one() -> None:
    several = SeveralLoaders({"a": [1, 2], "b": [3]})
    assert ([*several], len(several)) == ([1, 2, 3], 3)
    several.begin(["b"])
    assert ([*several], len(several), several.skipped) == ([3], 1, ("a",))
    assert several.count(3) == 1
    with pytest.raises(AttributeError):
        _ = several.nothing


def test_a_loop_of_ones_own_may_set_its_evaluator(toy: Any) -> None:
    runner = toy(default_hooks=QUIET)
    runner.val_loop.evaluator = Evaluator(Count([0.125]))
    assert runner.val()["accuracy"] == 0.125
    assert isinstance(runner.model, Line)
