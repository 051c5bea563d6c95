"""The summary of a model against numbers by hand and against torch's own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from engine_config import Config
from engine_model import BaseModel
from engine_registry import DATASETS, MODELS
from engine_runner.tuning import summarise_model


@MODELS.register_module(name="summary.Net", force=True)
class Net(BaseModel):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(100, 50), nn.Linear(50, 10)
        self.last.bias.requires_grad_(False)

    def forward(self, inputs: Tensor, labels: Tensor, mode: str = "tensor") -> Any:
        found = self.last(self.first(inputs).relu())
        if mode != "loss":
            return found
        return {"loss": nn.functional.cross_entropy(found, labels)}


@DATASETS.register_module(name="summary.Samples", force=True)
def samples() -> list[dict[str, Any]]:
    return [{"inputs": torch.randn(100), "labels": i % 10} for i in range(64)]


def config(optimizer: str, **wrapper: Any) -> Config:
    return Config(
        {
            "model": {"type": "summary.Net"},
            "train_dataloader": {
                "batch_size": 64,
                "dataset": {"type": "summary.Samples"},
                "sampler": {"type": "DefaultSampler", "shuffle": True},
                "collate_fn": {"type": "default_collate"},
            },
            "optim_wrapper": {"optimizer": {"type": optimizer, "lr": 0.1}, **wrapper},
        }
    )


def bytes_by_torch(optimizer: str) -> tuple[int, int]:
    """What a real step keeps: of the optimizer, and for the backward pass."""
    net, kept = Net(), {}
    own = {each.untyped_storage().data_ptr() for each in net.parameters()}

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            kept[storage.data_ptr()] = (storage.nbytes(), tensor)
        return tensor

    batch = torch.utils.data.default_collate(samples())
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        loss = net(**batch, mode="loss")["loss"]
    activations = sum(size for size, _ in kept.values())
    loss.backward()
    step = getattr(torch.optim, optimizer)(net.parameters(), lr=0.1)
    step.step()
    states = [value for each in step.state.values() for value in each.values()]
    return sum(x.nbytes for x in states if isinstance(x, Tensor)), activations


@pytest.mark.filterwarnings("ignore:there are no weights")
@pytest.mark.parametrize("optimizer", ["SGD", "AdamW", "RMSprop"])
def test_memory_is_what_torch_keeps(optimizer: str) -> None:
    generator = torch.get_rng_state()
    summary = summarise_model(config(optimizer))
    assert torch.equal(torch.get_rng_state(), generator)
    memory = summary.memory
    assert memory is not None
    assert (summary.num_parameters, summary.num_trained) == (5560, 5550)
    assert (memory.weights, memory.gradients) == (5560 * 4, 5550 * 4)
    assert summary.flops == 100 * 50 + 50 * 10
    kept, activations = bytes_by_torch(optimizer)
    assert (memory.optimizer, memory.activations) == (kept, pytest.approx(activations, rel=0.01))
    assert memory.total == sum((memory.weights, memory.gradients, kept, memory.activations))
    assert "memory of a training with batches of 64, MiB:" in str(summary)


def test_the_command_tells_it(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(Path(__file__).read_text(encoding="utf-8"))
    cfg = config("SGD")
    cfg.custom_imports = {"imports": ["net"]}
    cfg.dump(tmp_path / "config.py")
    command = [sys.executable, "-m", "engine_runner", "summary", "config.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "parameters   5,560, 5,550 of them trained" in done.stdout
    assert not done.stderr
