"""A batch that lets a training fail is named, kept, and replayed; and so is the layer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from digit_steps import DigitNet, Digits, runner
from torch import Tensor, nn

from engine_runner.hooks import NonFiniteLossError
from engine_runner.loops import replay_failed_batch

BAD = 77


class OneIsDark(Digits):
    """One sample is all zeros, and no other is."""

    def __init__(self, size: int = 512) -> None:
        super().__init__(size)
        self.images[BAD] = 0


class Normed(nn.Module):
    """Divides by the length, which of a dark picture is none."""

    def forward(self, x: Tensor) -> Tensor:
        return x / x.flatten(1).norm(dim=1)[:, None, None, None]


class Divides(DigitNet):
    """NaN for the dark picture."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = Normed()
        self.dropout = nn.Dropout(0.2)

    def forward(self, images: Tensor, labels: Tensor, mode: str = "tensor") -> Any:
        return super().forward(self.dropout(self.norm(images)), labels, mode=mode)


class Length(nn.Module):
    """The length of a picture; the derivative at zero is NaN, times zero elsewhere."""

    def forward(self, x: Tensor) -> Tensor:
        return x.square().sum(dim=(1, 2, 3)).sqrt()


class Slopes(DigitNet):
    """Finite for every picture, but not its gradient for the dark one."""

    def __init__(self) -> None:
        super().__init__()
        self.gain = nn.Conv2d(1, 1, 1, bias=False)
        self.length = Length()

    def forward(self, images: Tensor, labels: Tensor, mode: str = "tensor") -> Any:
        found = super().forward(images, labels, mode=mode)
        found["loss_length"] = self.length(self.gain(images)).mean()
        return found


class Greedy(DigitNet):
    """Asks for a memory that no machine has, in the third iteration."""

    seen = 0

    def forward(self, images: Tensor, labels: Tensor, mode: str = "tensor") -> Any:
        self.seen += 1
        if self.seen == 3:
            torch.empty(2**60, dtype=torch.uint8)
        return super().forward(images, labels, mode=mode)


def train(tmp_path: Path, model: Any, error: Any, **options: Any) -> tuple[Any, Any, Any]:
    """The runner, what was raised, and what the file holds."""
    made = runner(tmp_path, OneIsDark(), model=model, **options)
    with pytest.raises(error) as caught:
        made.train()
    (file,) = Path(made.work_dir).glob("failed_batch_iter_*.pth")
    assert str(file) in "\n".join(caught.value.__notes__)
    return made, caught.value, torch.load(file, weights_only=True)


LOOPS = [{}, {"by_epoch": False, "max_epochs": None, "max_iters": 40}]


def loop(options: dict[str, Any]) -> dict[str, Any]:
    """The config of a loop, without what is None."""
    cfg = {"by_epoch": True, "max_epochs": 2, **options}
    return {key: value for key, value in cfg.items() if value is not None}


@pytest.mark.parametrize("cfg", LOOPS, ids=["by epoch", "by iteration"])
@pytest.mark.parametrize("workers", [0, 2])
def test_a_loss_that_is_nan_at_a_line_leads_to_the_sample(
    tmp_path: Path, cfg: Any, workers: int
) -> None:
    made, error, content = train(
        tmp_path,
        Divides(),
        NonFiniteLossError,
        train_cfg=loop({**cfg, "prefetch": 1 if workers else 0}),
        loader={"num_workers": workers},
    )
    assert BAD in content["indices"]
    assert len(content["indices"]) == 16
    assert content["reason"] == "NonFiniteLossError"
    assert f"NaN since iteration {content['iteration']} " in str(error)
    assert content["noticed_in_iteration"] >= content["iteration"]
    assert content["losses"]["loss"] != content["losses"]["loss"]
    images, labels = replay_failed_batch(
        str(Path(made.work_dir, f"failed_batch_iter_{content['iteration']}.pth")),
        made.train_dataloader,
    )
    assert images.shape == (16, 1, 8, 8)
    assert labels.tolist() == [made.train_dataloader.dataset.labels[i] for i in content["indices"]]
    assert (images.flatten(1).norm(dim=1) == 0).sum() == 1


def test_the_layer_is_named_and_the_step_can_be_made_again(tmp_path: Path) -> None:
    made, error, content = train(
        tmp_path,
        Divides(),
        NonFiniteLossError,
        train_cfg=loop({"detect_anomaly": True}),
        default_hooks={"logger": {"interval": 1000}},
    )
    said = str(error)
    assert "the loss is nan in iteration " in said
    assert "the layer norm (Normed) is the first whose output is not finite" in said
    assert "16x1x8x8 in [0, 1]" in said and "64 NaN and 0 infinite of 1024" in said
    assert BAD in content["indices"]
    assert content["noticed_in_iteration"] == content["iteration"]
    assert content["shapes"]["batch[0]"] == "(16, 1, 8, 8) float32 cpu"
    weights = made.model.state_dict().values()
    assert all(torch.isfinite(each).all() for each in weights)  # they didn't move any more
    file = Path(made.work_dir, f"failed_batch_iter_{content['iteration']}.pth")
    batch = replay_failed_batch(str(file), made.train_dataloader)
    assert torch.isnan(made.model(*batch, mode="loss")["loss"])
    assert "step" not in vars(made.optim_wrapper)


def test_the_layer_whose_gradient_is_not_finite_is_named(tmp_path: Path) -> None:
    _, error, content = train(
        tmp_path, Slopes(), NonFiniteLossError, train_cfg=loop({"detect_anomaly": True})
    )
    said = str(error)
    assert "the loss is finite, but a gradient is not" in said
    assert "the gradient at the output of gain (Conv2d) is the first that is not finite" in said
    assert "at the output of length (Length) before it was finite" in said
    assert "autograd: Function 'PowBackward0' returned nan values" in said
    assert BAD in content["indices"]


def test_a_loss_that_no_layer_is_to_blame_for_is_told_so(tmp_path: Path) -> None:
    class LogOfZero(DigitNet):
        def forward(self, images: Tensor, labels: Tensor, mode: str = "tensor") -> Any:
            found = super().forward(images, labels, mode=mode)
            return {**found, "loss_b": images.amax(dim=(1, 2, 3)).log().sum()}

    _, error, content = train(
        tmp_path, LogOfZero(), NonFiniteLossError, train_cfg=loop({"detect_anomaly": True})
    )
    assert "the loss is -inf" in str(error)
    assert "every layer's output is finite, so it begins where forward computes" in str(error)
    assert BAD in content["indices"]


@pytest.mark.parametrize("kind", ["OptimWrapper", "AmpOptimWrapper"])
def test_watching_changes_no_weight(tmp_path: Path, kind: str) -> None:
    def weights(**options: Any) -> Any:
        made = runner(
            tmp_path / str(len(options)),
            Digits(64),
            train=options,
            optim_wrapper={
                "type": kind,
                "optimizer": {"type": "SGD", "lr": 0.1},
                "clip_grad": {"max_norm": 1.0},
                "accumulative_counts": 2,
            },
        )
        made.train()
        return made.model.state_dict()

    expected = weights()
    for name, weight in weights(detect_anomaly=True).items():
        assert torch.equal(weight, expected[name])


def test_memory_that_runs_out_leaves_the_batch_and_advice(tmp_path: Path) -> None:
    made, error, content = train(tmp_path, Greedy(), RuntimeError)
    assert "can't allocate memory" in str(error)
    said = "\n".join(error.__notes__)
    assert "take a smaller batch_size, with accumulative_counts" in said
    assert (content["iteration"], content["batch_in_epoch"], content["epoch"]) == (3, 3, 1)
    assert content["shapes"]["batch[0]"] == "(16, 1, 8, 8) float32 cpu"
    assert len(content["indices"]) == 16
    assert content["rng_before"] is None
    log = Path(made.log_dir, f"{made.timestamp}.log").read_text("utf-8")
    assert "The batch of iteration 3 (samples [" in log


def test_an_order_that_cant_be_known_is_told(tmp_path: Path) -> None:
    made, error, content = train(
        tmp_path, Greedy(), RuntimeError, loader={"sampler": None, "shuffle": True}
    )
    assert content["indices"] is None
    assert "the order of RandomSampler" in "\n".join(error.__notes__)
    with pytest.raises(ValueError, match="can't be replayed: the order of RandomSampler"):
        replay_failed_batch(
            str(Path(made.work_dir, "failed_batch_iter_3.pth")), made.train_dataloader
        )


def test_any_other_error_leaves_nothing(tmp_path: Path) -> None:
    class Fails(DigitNet):
        def forward(self, images: Tensor, labels: Tensor, mode: str = "tensor") -> Any:
            raise RuntimeError("of the model")

    made = runner(tmp_path, Digits(64), model=Fails())
    with pytest.raises(RuntimeError, match="of the model"):
        made.train()
    assert not [*Path(made.work_dir).glob("failed_batch*")]
