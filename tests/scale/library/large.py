"""A model that is built, sharded and loaded, and how large its tensors are; for processes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from engine_model.shard_units import shard_units
from engine_runner import BaseModel
from engine_runner.strategy import FSDPStrategy


class Wide(BaseModel):
    """Layers of width x width."""

    def __init__(self, width: int, depth: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(width, width) for _ in range(depth))

    def forward(self, x: Tensor, mode: str = "tensor") -> Any:
        for layer in self.layers:
            x = layer(x)
        return x


class Largest(TorchDispatchMode):
    """Notes how many bytes the largest tensor has that an operation makes in memory."""

    def __init__(self) -> None:
        super().__init__()
        self.size = 0

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        found = func(*args, **(kwargs or {}))
        if func.overloadpacket.__name__ != "set_" and _is_new(found, args):  # that maps a file
            self.size = max(self.size, found.nbytes)
        return found


def _is_new(found: Any, args: Any) -> bool:
    if type(found) is not Tensor or found.is_meta:
        return False
    memory = found.untyped_storage().data_ptr()
    given = [each for each in args if type(each) is Tensor and not each.is_meta]
    return all(each.untyped_storage().data_ptr() != memory for each in given)


def write_weights(folder: Path, width: int, depth: int, files: int) -> dict[str, Tensor]:
    """Write weights as several files of safetensors and their index, one layer after the other."""
    weights = {}
    for number in range(depth):
        torch.manual_seed(number)
        weights[f"layers.{number}.weight"] = torch.rand(width, width)
        weights[f"layers.{number}.bias"] = torch.rand(width)
    names = {key: f"model-{int(key.split('.')[1]) % files}.safetensors" for key in weights}
    for name in set(names.values()):
        held = {key: value for key, value in weights.items() if names[key] == name}
        save_file(held, folder / name)
    index = {"metadata": {}, "weight_map": names}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    return weights


def loaded(folder: str, width: int, depth: int, init: str) -> dict[str, Any]:
    """Build a model, shard it and load it; the largest tensor on the way, in bytes."""
    torch.set_num_threads(1)
    strategy = FSDPStrategy(wrap_policy="layers.*", init=init, skip_init_weights=True)
    with strategy.building():  # constructors ask for memory, and give it back untouched
        model: nn.Module = Wide(width, depth)
    with Largest() as largest:
        model = strategy.place(model)
        state = strategy.read(folder, logger="silent", model=model)["state_dict"]
        report = strategy.load_model_state(model, state, strict=True)
    whole = strategy.model_state(model)
    return {
        "largest": largest.size,
        "loaded": report.num_loaded,
        "sums": {name: float(value.double().sum()) for name, value in whole.items()},
        "units": len(shard_units(model, "layers.*")),
    }
