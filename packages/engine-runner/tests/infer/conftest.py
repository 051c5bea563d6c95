"""A model, a pipeline and a library that publishes models, all tiny."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
import torch
from torch import Tensor

from engine_registry import MODELS, TRANSFORMS, DefaultScope
from engine_runner import BaseModel
from engine_runner.infer import BaseInferencer


class Sum(BaseModel):
    """Predicts the sum of each input, times its one weight; keeps the sizes of its batches."""

    def __init__(self, data_preprocessor: Any = None) -> None:
        super().__init__(data_preprocessor)
        self.factor = torch.nn.Parameter(torch.tensor(1.0))
        self.sizes: list[int] = []

    def forward(self, inputs: Any, mode: str = "tensor") -> Any:
        assert not torch.is_grad_enabled() and not self.training
        self.sizes.append(len(inputs))
        return [each.sum() * self.factor for each in inputs]


class ReadArray:
    """Reads the array in a file, unless the sample has it already."""

    def __call__(self, data: dict[str, Any]) -> dict[str, Any]:
        data.setdefault("img", np.load(data["img_path"]) if "img_path" in data else None)
        return data


class Pack:
    """What the model takes."""

    def __call__(self, data: dict[str, Any]) -> dict[str, Tensor]:
        return {"inputs": torch.as_tensor(data["img"]).float()}


class Doubles(BaseInferencer):
    """Predicts for paths, without reading them; every step returns what it was given."""

    preprocess_kwargs: ClassVar[set[str]] = {"before"}
    forward_kwargs: ClassVar[set[str]] = {"during"}
    visualize_kwargs: ClassVar[set[str]] = {"drawing"}
    postprocess_kwargs: ClassVar[set[str]] = {"after"}

    def _init_pipeline(self, cfg: Any) -> Any:
        return lambda item: {"inputs": torch.full((2,), float(Path(item).stem))}

    def preprocess(self, inputs: Any, batch_size: int = 1, **kwargs: Any) -> Iterator[Any]:
        self.seen: dict[str, Any] = {"preprocess": kwargs}
        yield from super().preprocess(inputs, batch_size=batch_size)

    def forward(self, inputs: Any, **kwargs: Any) -> Any:
        self.seen["forward"] = kwargs
        return super().forward(inputs)

    def visualize(self, inputs: list[Any], preds: Any, show: bool = False, **kwargs: Any) -> Any:
        self.seen["visualize"] = kwargs
        return [np.zeros((1, 1, 3))] * len(inputs)

    def postprocess(
        self, preds: Any, visualization: Any, return_datasample: bool = False, **kwargs: Any
    ) -> dict[str, Any]:
        self.seen["postprocess"] = kwargs
        found = preds if return_datasample else [float(each) for each in preds]
        return {"predictions": found, "visualization": visualization}


@pytest.fixture(autouse=True)
def _no_scope_in_force(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runners of other tests leave their scope in force."""
    monkeypatch.setattr(DefaultScope, "_instance_dict", {})


@pytest.fixture
def sums() -> Iterator[dict[str, Any]]:
    """The config of a model that sums what the arrays of ``.npy`` files hold."""
    added = [(MODELS, Sum), (TRANSFORMS, ReadArray), (TRANSFORMS, Pack)]
    for registry, kind in added:
        registry.register_module(module=kind, force=True)
    yield {
        "model": {"type": "Sum"},
        "test_dataloader": {
            "batch_size": 2,
            "collate_fn": {"type": "default_collate"},
            "dataset": {"pipeline": [{"type": "ReadArray"}, {"type": "Pack"}]},
        },
    }
    for registry, kind in added:
        registry.module_dict.pop(kind.__name__, None)


@pytest.fixture
def doubles() -> type[BaseInferencer]:
    """An inferencer as a library writes one."""
    return Doubles


@pytest.fixture
def weights(tmp_path: Path) -> str:
    """A checkpoint whose factor is 2, trained with the config of `sums` on numbers."""
    meta = {"cfg": "model = dict(type='Sum')\n", "dataset_meta": {"classes": ["none", "one"]}}
    state = {"factor": torch.tensor(2.0)}
    torch.save({"state_dict": state, "meta": meta}, tmp_path / "weights.pth")
    return str(tmp_path / "weights.pth")


@pytest.fixture
def arrays(tmp_path: Path) -> Path:
    """A folder of three arrays of two numbers each, and a hidden file."""
    folder = tmp_path / "arrays"
    folder.mkdir()
    for number in (3, 1, 2):
        np.save(folder / f"{number}.npy", np.full(2, number))
    (folder / ".hidden").touch()
    return folder


@pytest.fixture
def library(tmp_path: Path, weights: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Installs the library ``mmsums``, which publishes two models, one without weights."""
    files = {
        "__init__.py": "",
        ".mim/model-index.yml": "Import:\n  - configs/sum/metafile.yml\n",
        ".mim/configs/sum/one.py": "model = dict(type='Sum')\ndefault_scope = 'mmengine'\n",
        ".mim/configs/sum/metafile.yml": (
            "Models:\n"
            "  - Name: sum_one\n    Alias: one\n    Config: configs/sum/one.py\n"
            f"    Weights: {Path(weights).as_posix()}\n"
            "  - Name: sum_two\n    Alias: [two, zwei]\n    Config: configs/sum/one.py\n"
        ),
    }
    for name, text in files.items():
        path = tmp_path / "installed" / "mmsums" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(os.fspath(tmp_path / "installed"))
    yield tmp_path / "installed" / "mmsums" / ".mim"
    sys.modules.pop("mmsums", None)
