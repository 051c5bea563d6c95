from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from engine_model.efficient_conv_bn_eval import (
    turn_on_efficient_conv_bn_eval,
    turn_on_efficient_conv_bn_eval_for_single_model,
)


class Net(nn.Module):
    """Convolutions that can be joined, and such as must not be."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(4, 6, 3, padding=1, bias=False), nn.BatchNorm2d(6))
        self.grouped = nn.Conv2d(6, 6, 3, groups=3, stride=2, padding=1, padding_mode="reflect")
        self.norm = nn.BatchNorm2d(6, affine=False)
        self.read_twice = nn.Conv2d(6, 6, 1)
        self.read_norm = nn.BatchNorm2d(6)
        self.shared = nn.Conv2d(6, 6, 1)
        self.shared_norm = nn.BatchNorm2d(6)
        self.unkept = nn.Conv2d(6, 6, 1)
        self.unkept_norm = nn.BatchNorm2d(6, track_running_stats=False)

    def forward(self, images: Tensor) -> Tensor:
        found = self.norm(self.grouped(self.stem(images).relu()))
        read = self.read_twice(found)
        found = self.read_norm(read) + read
        found = self.shared_norm(self.shared(self.shared(found)))
        return self.unkept_norm(self.unkept(found))


class Model(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.backbone = Net()
        self.head = nn.Linear(6, 1)

    def forward(self, images: Tensor, mode: str = "tensor") -> Any:
        if not images.sum() > -1e9:  # what torch.fx can't trace
            return None
        return self.head(self.backbone(images).mean((2, 3)))


@pytest.fixture
def images() -> Tensor:
    torch.manual_seed(0)
    return torch.randn(3, 4, 8, 8)


@pytest.fixture
def model(images: Tensor) -> Model:
    """A model with statistics that differ from those at the start."""
    made = Model()
    for part in made.modules():
        if isinstance(part, nn.BatchNorm2d) and part.affine:
            nn.init.uniform_(part.weight, 0.5, 2)
            nn.init.normal_(part.bias)
    made(images)
    return made


def gradients(model: nn.Module) -> dict[str, Tensor]:
    return {name: p.grad for name, p in model.named_parameters() if p.grad is not None}


def test_outputs_and_gradients_in_evaluation_mode_stay(model: Model, images: Tensor) -> None:
    plain = copy.deepcopy(model).eval()
    turn_on_efficient_conv_bn_eval(model, "backbone")
    model.eval()
    found, wanted = model(images), plain(images)
    assert torch.allclose(found, wanted, atol=1e-5)
    found.sum().backward()
    wanted.sum().backward()
    assert gradients(model).keys() == gradients(plain).keys()
    for name, gradient in gradients(plain).items():
        assert torch.allclose(gradients(model)[name], gradient, atol=1e-4), name


def test_training_mode_and_the_names_of_weights_stay(model: Model, images: Tensor) -> None:
    plain = copy.deepcopy(model)
    turn_on_efficient_conv_bn_eval(model, ["backbone"])
    assert torch.equal(model(images), plain(images))
    assert list(model.state_dict()) == list(plain.state_dict())
    assert all(
        torch.equal(value, plain.state_dict()[name]) for name, value in model.state_dict().items()
    )
    assert type(model.backbone) is Net


def test_only_what_one_normalisation_reads_once_is_joined(model: Model) -> None:
    turn_on_efficient_conv_bn_eval(model, "backbone")
    joined = [name for name, part in model.named_modules() if "forward" in vars(part)]
    assert joined == ["backbone.stem.0", "backbone.stem.1", "backbone.grouped", "backbone.norm"]
    turn_on_efficient_conv_bn_eval(model, "backbone")
    again = [name for name, part in model.named_modules() if "forward" in vars(part)]
    assert again == joined


def test_a_joined_normalisation_computes_nothing(model: Model, images: Tensor) -> None:
    turn_on_efficient_conv_bn_eval_for_single_model(model.backbone)
    norm = model.backbone.stem[1].eval()
    assert norm(images) is images


def test_a_copy_uses_its_own_weights(model: Model, images: Tensor) -> None:
    turn_on_efficient_conv_bn_eval(model, "backbone")
    model.eval()
    wanted = model(images)
    for made in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        nn.init.zeros_(made.backbone.stem[1].weight)
        assert not torch.allclose(made(images), wanted)
    assert torch.equal(model(images), wanted)


def test_an_unknown_part_is_refused(model: Model) -> None:
    with pytest.raises(
        AttributeError, match="Model has no module 'neck'; there are backbone, head"
    ):
        turn_on_efficient_conv_bn_eval(model, "neck")


def test_what_cannot_be_traced_is_refused(model: Model) -> None:
    with pytest.raises(ValueError, match=r"can't trace 'the model' \(Model\).*Name the parts"):
        turn_on_efficient_conv_bn_eval(model, "")
