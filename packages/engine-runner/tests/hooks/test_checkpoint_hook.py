"""`CheckpointHook`: which files there are after a training, as MMEngine leaves them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from toy import Count, Points, loader, without_validation

from engine_checkpoint import LAST, read_file
from engine_runner.errors import UnknownRuleError
from engine_runner.hooks import CheckpointHook, Hook
from engine_runner.hooks.best_checkpoint import rule_of

SCORES = [0.1, 0.5, 0.3, 0.7, 0.6]


class Scores(Count):
    """Gives what ``scores`` hold, one after another."""

    def compute_metrics(self, results: list[Any]) -> dict[str, Any]:
        score = self.scores.pop(0)
        return score if isinstance(score, dict) else {"accuracy": score}


def train(toy: Any, scores: list[Any] | None = None, *, iters: bool = False, **hook: Any) -> Any:
    """A runner after five epochs, or 20 iterations with a validation every 5."""
    by_iter = {"by_epoch": False, "max_iters": 20, "val_interval": 5}
    runner = toy(
        train_dataloader=loader(Points(4)),
        train_cfg=by_iter if iters else {"by_epoch": True, "max_epochs": 5},
        val_evaluator=Scores(list(SCORES if scores is None else scores)),
        default_hooks={"checkpoint": {"type": "CheckpointHook", "by_epoch": not iters, **hook}},
    )
    runner.train()
    return runner


def saved(runner: Any) -> list[str]:
    return sorted(path.name for path in Path(runner.work_dir).glob("*.pth"))


def epochs(*numbers: int) -> list[str]:
    return [f"epoch_{number}.pth" for number in numbers]


# What mmengine 0.10.7 was seen to leave in its work_dir.
@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"interval": 1}, [1, 2, 3, 4, 5]),
        ({"interval": 1, "max_keep_ckpts": 2}, [4, 5]),
        ({"interval": 2}, [2, 4, 5]),
        ({"interval": 2, "save_last": False}, [2, 4]),
        ({"interval": -1}, [5]),
        ({"interval": -1, "save_last": False}, []),
        ({"interval": 1, "save_begin": 2}, [2, 3, 4, 5]),
        ({"interval": 2, "save_begin": 3, "save_last": False}, [3, 5]),
        ({"interval": 2, "save_begin": 1, "max_keep_ckpts": 1}, [5]),
    ],
)
def test_the_epochs_of_an_interval_are_saved(toy: Any, options: Any, expected: list[int]) -> None:
    runner = train(toy, **options)
    assert saved(runner) == epochs(*expected)
    record = Path(runner.work_dir, LAST)
    if expected:
        last = Path(record.read_text("utf-8"))
        assert last == Path(runner.work_dir, f"epoch_{expected[-1]}.pth")
        assert Path(runner.message_hub.get_info("last_ckpt")) == last
    else:
        assert not record.exists()


def test_the_iterations_of_an_interval_are_saved(toy: Any) -> None:
    assert saved(train(toy, iters=True, interval=8)) == ["iter_16.pth", "iter_20.pth", "iter_8.pth"]


@pytest.mark.parametrize(
    ("options", "scores", "expected", "score"),
    [
        ({"save_best": "accuracy", "rule": "greater"}, SCORES, "best_accuracy_epoch_4.pth", 0.7),
        ({"save_best": "accuracy"}, SCORES, "best_accuracy_epoch_4.pth", 0.7),
        ({"save_best": "accuracy", "rule": "less"}, SCORES, "best_accuracy_epoch_1.pth", 0.1),
        ({"save_best": "auto"}, SCORES, "best_accuracy_epoch_4.pth", 0.7),
        ({"save_best": "auto", "rule": "less"}, SCORES, "best_accuracy_epoch_1.pth", 0.1),
        (
            {"save_best": "auto"},
            [{"loss": each, "acc": 1} for each in SCORES],
            "best_loss_epoch_1.pth",
            0.1,
        ),
        (
            {"save_best": "a/acc"},
            [{"a/acc": each} for each in SCORES],
            "best_a_acc_epoch_4.pth",
            0.7,
        ),
        (
            {"save_best": "auto"},
            [float("nan"), 0.2, float("nan"), 0.1, 0.3],
            "best_accuracy_epoch_5.pth",
            0.3,
        ),
        (
            {"save_best": "score", "greater_keys": ["score"]},
            [{"score": each} for each in SCORES],
            "best_score_epoch_4.pth",
            0.7,
        ),
        (
            {"save_best": "acc", "less_keys": ["acc"], "greater_keys": ["no"]},
            [{"acc": each} for each in SCORES],
            "best_acc_epoch_1.pth",
            0.1,
        ),
    ],
)
def test_the_best_checkpoint_is_kept(
    toy: Any, options: Any, scores: list[Any], expected: str, score: float
) -> None:
    runner = train(toy, scores, **options)
    assert saved(runner) == [expected, "epoch_5.pth"]
    assert runner.message_hub.get_info("best_score") == score
    best = Path(runner.work_dir, expected)
    assert Path(runner.message_hub.get_info("best_ckpt")) == best
    epoch = int(expected.removesuffix(".pth").rsplit("_", 1)[-1])
    meta = read_file(best)["meta"]
    assert (meta["epoch"], meta["iter"]) == (epoch, 2 * epoch)


def test_the_best_of_several_metrics_are_kept_by_rules_of_their_own(toy: Any) -> None:
    scores = [{"acc": each, "loss": 1 - each * each} for each in SCORES]
    runner = train(toy, scores, save_best=["acc", "loss"], rule=["less", "greater"])
    assert saved(runner) == ["best_acc_epoch_1.pth", "best_loss_epoch_1.pth", "epoch_5.pth"]
    infos = runner.message_hub.runtime_info
    assert infos["best_score_acc"] == 0.1
    assert infos["best_score_loss"] == 0.99
    assert infos["best_ckpt_loss"].endswith("best_loss_epoch_1.pth")


@pytest.mark.parametrize(
    ("scores", "rule", "expected"),
    [
        (SCORES, "greater", [2, 4, 5]),  # 0.5, 0.7 and 0.6
        (SCORES, "less", [1, 2, 3]),
        ([0.9, 0.8, 0.1, 0.2, float("nan")], "greater", [1, 2, 4]),
        ([0.5, float("nan"), float("nan"), 0.4, 0.3], "less", [1, 4, 5]),
    ],
)
def test_several_of_the_best_are_kept(
    toy: Any, scores: list[float], rule: str, expected: list[int]
) -> None:
    runner = train(toy, list(scores), save_best="accuracy", rule=rule, keep_best=3)
    best = [f"best_accuracy_epoch_{number}.pth" for number in expected]
    assert saved(runner) == [*best, "epoch_5.pth"]
    pick = min if rule == "less" else max
    top = pick(each for each in scores if each == each)
    assert runner.message_hub.get_info("best_score") == top
    file = f"best_accuracy_epoch_{scores.index(top) + 1}.pth"
    assert runner.message_hub.get_info("best_ckpt").endswith(file)
    with pytest.raises(ValueError, match="keep_best must be at least 1"):
        CheckpointHook(save_best="a", keep_best=0)


def test_the_best_iteration_is_kept(toy: Any) -> None:
    runner = train(toy, iters=True, interval=5, max_keep_ckpts=2, save_best="auto")
    assert saved(runner) == ["best_accuracy_iter_20.pth", "iter_15.pth", "iter_20.pth"]
    assert read_file(Path(runner.work_dir, "best_accuracy_iter_20.pth"))["meta"]["iter"] == 20


def test_names_of_files_follow_the_template(toy: Any) -> None:
    runner = train(toy, filename_tmpl="x_{}.pth", save_best="auto")
    assert saved(runner) == ["best_accuracy_x_4.pth", "x_5.pth"]


def test_another_folder_gets_a_folder_of_the_runs_name(toy: Any, tmp_path: Path) -> None:
    runner = train(toy, interval=1, max_keep_ckpts=1, out_dir=str(tmp_path / "out"))
    assert saved(runner) == []
    files = [path.relative_to(tmp_path) for path in (tmp_path / "out").rglob("*.pth")]
    assert files == [Path("out", "work", "epoch_5.pth")]
    assert Path(Path(runner.work_dir, LAST).read_text("utf-8")) == tmp_path / files[0]


def test_what_is_not_wanted_is_not_saved(toy: Any) -> None:
    runner = train(toy, save_optimizer=False, save_param_scheduler=False)
    checkpoint = read_file(Path(runner.work_dir, "epoch_5.pth"))
    assert "optimizer" not in checkpoint
    assert "param_schedulers" not in checkpoint
    assert {"meta", "state_dict", "message_hub"} < set(checkpoint)


def test_nothing_old_is_removed_before_the_new_is_written(toy: Any) -> None:
    seen: list[list[str]] = []

    class Look(Hook):
        def before_save_checkpoint(self, runner: Any, checkpoint: dict[str, Any]) -> None:
            seen.append(saved(runner))

    runner = toy(
        **without_validation(),
        train_cfg={"by_epoch": True, "max_epochs": 3},
        default_hooks={"checkpoint": {"max_keep_ckpts": 1}},
        custom_hooks=[Look()],
    )
    runner.train()
    assert seen == [[], epochs(1), epochs(2)]
    assert saved(runner) == epochs(3)


def test_what_a_hook_adds_and_no_checkpoint_can_hold_is_left_out_and_said(
    toy: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    class Adds(Hook):
        def before_save_checkpoint(self, runner: Any, checkpoint: dict[str, Any]) -> None:
            checkpoint["extra"] = {"function": lambda: None, "number": 3}

    runner = toy(**without_validation(), custom_hooks=[Adds()])
    runner.train()
    (*_, last) = sorted(Path(runner.work_dir).glob("epoch_*.pth"))
    assert read_file(last)["extra"] == {"number": 3}
    told = capsys.readouterr().out
    assert told.count("left out of checkpoints: checkpoint['extra']['function'] is a function") == 1


def test_parts_for_publication_are_written_at_the_end(toy: Any) -> None:
    runner = train(toy, save_best="accuracy", published_keys=["state_dict"])
    (best, last) = sorted(Path(runner.work_dir).glob("*-????????.pth"))
    assert best.name.startswith("best_accuracy_epoch_4-")
    assert last.name.startswith("epoch_5-")
    for file in (best, last):
        assert list(read_file(file)) == ["state_dict"]


def test_a_training_does_not_fail_for_want_of_parts_to_publish(toy: Any) -> None:
    runner = train(toy, published_keys=["nothing"])
    assert saved(runner) == epochs(5)


def test_a_resumed_training_removes_what_is_too_old(toy: Any) -> None:
    options = without_validation(default_hooks={"checkpoint": {"max_keep_ckpts": 2}})
    toy(**options, train_cfg={"by_epoch": True, "max_epochs": 3}).train()
    runner = toy(**options, train_cfg={"by_epoch": True, "max_epochs": 4}, resume=True)
    runner.train()
    assert saved(runner) == epochs(3, 4)


def test_a_resumed_training_remembers_the_best(toy: Any) -> None:
    hooks = {"checkpoint": {"save_best": "accuracy"}}
    toy(val_evaluator=Scores([0.9, 0.2]), default_hooks=hooks).train()
    runner = toy(
        val_evaluator=Scores([0.2, 0.5, 0.95]),  # the validation after the last checkpoint first
        default_hooks=hooks,
        resume=True,
        train_cfg={"by_epoch": True, "max_epochs": 4},
    )
    runner.train()
    assert runner.message_hub.get_info("best_score") == 0.95
    assert "best_accuracy_epoch_4.pth" in saved(runner)
    assert "best_accuracy_epoch_1.pth" not in saved(runner)


def test_a_metric_that_is_not_there_is_told_with_those_that_are(toy: Any) -> None:
    with pytest.raises(KeyError, match=r"save_best='missing_acc'.*\['accuracy'\]"):
        train(toy, save_best="missing_acc")


def test_a_validation_without_metrics_saves_no_best(toy: Any) -> None:
    runner = train(toy, [{}] * 5, save_best="auto")
    assert saved(runner) == epochs(5)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"save_best": "foo"}, ValueError, "'foo' is better can't be told from its name"),
        (
            {"save_best": "acc", "rule": "more"},
            UnknownRuleError,
            "rule is 'greater' or 'less', got 'more'",
        ),
        ({"save_best": ["acc", "auto"]}, ValueError, 'save_best="auto" stands alone'),
        (
            {"save_best": ["acc", "loss"], "rule": ["less"]},
            ValueError,
            "2 metrics .* but 1 of rule",
        ),
        ({"save_best": ["acc", "acc"]}, TypeError, "save_best must be names of metrics"),
        ({"save_begin": -1}, ValueError, "save_begin must be at least 0, got -1"),
        ({"intervall": 1}, TypeError, "has no argument 'intervall'"),
        ({"backend_args": {}, "file_client_args": {}}, ValueError, "former name of backend_args"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(
    options: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        CheckpointHook(**options)


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("loss", "less"),
        ("coco/bbox_mAP", "greater"),
        ("val_Loss", "less"),
        ("top1", "greater"),
        ("laptops/val_loss", "less"),
        ("loss/accuracy/top1", "greater"),
        ("precision/of_all", "greater"),
    ],
)
def test_the_name_of_a_metric_tells_which_is_better(name: str, rule: str) -> None:
    assert rule_of(name) == rule


def test_a_tensor_can_be_the_best(toy: Any) -> None:
    runner = train(toy, [torch.tensor(each) for each in SCORES], save_best="accuracy")
    assert "best_accuracy_epoch_4.pth" in saved(runner)


def test_a_validation_without_a_training_saves_nothing(
    toy: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    runner = toy(default_hooks={"checkpoint": {"save_best": "accuracy"}})
    runner.val()
    assert not list(tmp_path.rglob("*.pth"))
    runner.train()
    before = saved(runner)
    runner.val()
    assert saved(runner) == before


def test_hooks_that_build_on_it_find_its_files_by_mmengines_names(toy: Any) -> None:
    seen: list[Any] = []

    class Tells(CheckpointHook):
        def after_train_epoch(self, runner: Any) -> None:
            super().after_train_epoch(runner)
            seen.append(Path(str(self.last_ckpt)).name)

    hook = Tells(interval=1, save_best="accuracy", file_client_args={"backend": "disk"})
    assert (hook.last_ckpt, hook.best_ckpt_path, hook.best_ckpt_path_dict) == (None, None, {})
    runner = toy(custom_hooks=[hook], default_hooks={"checkpoint": None})
    runner.train()
    assert seen == epochs(1, 2)
    assert hook.rules == ["greater"]
    assert Path(str(hook.best_ckpt_path)).name == "best_accuracy_epoch_1.pth"
    assert hook.file_backend.isfile(hook.best_ckpt_path)
    assert hook.file_client.isfile(hook.best_ckpt_path)
    assert hook.file_client_args == {"backend": "disk"}


def test_the_best_files_of_several_metrics_are_found_by_their_names(toy: Any) -> None:
    hook = CheckpointHook(interval=1, save_best=["accuracy", "count"], rule=["greater", "less"])
    toy(custom_hooks=[hook], default_hooks={"checkpoint": None}).train()
    assert hook.rules == ["greater", "less"]
    assert {name: Path(str(path)).name for name, path in hook.best_ckpt_path_dict.items()} == {
        "accuracy": "best_accuracy_epoch_1.pth",
        "count": "best_count_epoch_1.pth",
    }


def test_one_key_need_not_be_in_a_list() -> None:
    hook = CheckpointHook(save_best="foo", greater_keys="foo", less_keys="bar")
    assert (hook.greater_keys, hook.less_keys, hook.rules) == (("foo",), ("bar",), ["greater"])


@pytest.mark.parametrize("here", [True, False])
@pytest.mark.parametrize("best", ["best_accuracy_mine.pth", "elsewhere/best_accuracy_mine.pth"])
def test_only_what_a_training_of_this_folder_has_saved_is_removed(
    toy: Any, tmp_path: Path, here: bool, best: str
) -> None:
    hooks = {"checkpoint": {"save_best": "accuracy", "max_keep_ckpts": 1, "by_epoch": True}}
    preemption = [{"type": "PreemptionHook"}]
    first = toy(val_evaluator=Scores([0.1, 0.2]), default_hooks=hooks, custom_hooks=preemption)
    first.train()
    work = Path(first.work_dir)
    content = read_file(str(work / "epoch_2.pth"))
    content["message_hub"]["runtime_info"] |= {
        "best_ckpt": str(work / best),
        "preempted_ckpt": str(work / "preempted_iter_mine.pth"),
    }
    content["meta"]["epoch"] = content["train_state"]["epoch"] = 9
    strangers = (work if here else tmp_path) / "strangers.pth"
    torch.save(content, strangers)
    mine = [work / "best_accuracy_mine.pth", work / "epoch_7.pth", work / "epoch_8.pth"]
    for path in mine:
        path.write_bytes(b"mine")
    runner = toy(
        val_evaluator=Scores([0.1, 0.9, 0.95]),
        default_hooks=hooks,
        custom_hooks=preemption,
        load_from=str(strangers),
        resume=True,
        train_cfg={"by_epoch": True, "max_epochs": 11},
    )
    runner.train()
    assert [path.exists() for path in mine] == [not here, not here, not here]
    assert runner.resumed_from == str(strangers)
    own = [name for name in saved(runner) if name.startswith("best_accuracy_epoch_1")]
    assert own == ["best_accuracy_epoch_11.pth"], "what this one has saved is still removed"
