"""Weights of one input size in backbones of another, on whichever mmengine is installed.

``python resolutions.py`` prints as JSON, by backbone and way of loading: the sums of what the
backbone holds afterwards, by key, or the class of the error. A way that is not loading at all would
show what the backbone began with, which is all zeros.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import tempfile
import warnings
from collections.abc import Callable
from typing import Any

os.environ["TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD"] = "1"  # MMEngine 0.10.7 can't do without

import torch
from mmpretrain.registry import MODELS
from torch import nn
from torchvision.models import vit_b_16
from torchvision.ops import FeaturePyramidNetwork
from torchvision.ops.misc import FrozenBatchNorm2d

from mmengine.model import BaseModel
from mmengine.runner import Runner, load_checkpoint

ARCH = {"embed_dims": 8, "num_layers": 2, "num_heads": 2, "feedforward_channels": 16}
STAGES = {"embed_dims": 4, "depths": [1, 1, 1, 1], "num_heads": [1, 2, 2, 4]}
# mmpretrain's: a config for each, what changes the shapes of weights, and the two values of it
BACKBONES: dict[str, tuple[dict[str, Any], str, tuple[Any, Any]]] = {
    "VisionTransformer": ({"arch": ARCH, "patch_size": 8}, "img_size", (32, 48)),
    "DistilledVisionTransformer": ({"arch": ARCH, "patch_size": 8}, "img_size", (32, 24)),
    "BEiTViT": ({"arch": ARCH, "patch_size": 8}, "img_size", (32, 48)),
    "ViTEVA02": ({"arch": ARCH, "patch_size": 8}, "img_size", (32, 48)),
    "SwinTransformer": ({"arch": STAGES, "img_size": 64}, "window_size", (4, 7)),
    "SwinTransformerV2": (
        {"arch": {**STAGES, "extra_norm_every_n_blocks": 0}, "img_size": 64},
        "window_size",
        (4, 8),
    ),
    "VAN": ({"arch": "tiny"}, "in_channels", (3, 4)),  # no hook: the shapes stay apart
}


class Old(nn.Module):
    """What a torchvision module reads of files that were written by older ones."""

    def __init__(self) -> None:
        super().__init__()
        self.pyramid = FeaturePyramidNetwork([2, 3], 4)
        self.norm = FrozenBatchNorm2d(3)


def old_weights() -> dict[str, torch.Tensor]:
    """Keys of torchvision before 0.13."""
    state = {}
    for key, value in drawn(Old()).state_dict().items():
        state[key.replace(".0.weight", ".weight").replace(".0.bias", ".bias")] = value
    # the blocks were no sequences: pyramid.inner_blocks.0.weight
    return {**state, "norm.num_batches_tracked": torch.tensor(3)}


def vision_transformer(size: int) -> nn.Module:
    """torchvision's, which has no hook: another size doesn't fit."""
    return vit_b_16(image_size=size, num_classes=2)


def drawn(module: nn.Module) -> nn.Module:
    """Give all that a module holds numbers of one seed."""
    made = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for value in module.state_dict().values():
            if value.is_floating_point():
                value.normal_(generator=made)
    return module


def emptied(module: nn.Module) -> nn.Module:
    """Set all weights to zero."""
    with torch.no_grad():
        for value in module.parameters():
            value.zero_()
    return module


class Model(BaseModel):  # type: ignore[misc,unused-ignore]
    """A backbone in a model, as a config has it."""

    def __init__(self, backbone: nn.Module) -> None:
        super().__init__()
        self.backbone = backbone

    def forward(self, *args: Any, **kwargs: Any) -> dict[str, torch.Tensor]:
        return {"loss": next(self.parameters()).sum()}


def by_load_checkpoint(file: str, make: Callable[..., nn.Module], **kwargs: Any) -> nn.Module:
    """The function."""
    model = Model(emptied(make()))
    load_checkpoint(model, file, **kwargs)
    return model.backbone


def by_init_cfg(file: str, make: Callable[..., nn.Module]) -> nn.Module:
    """What most configs do."""
    model = emptied(make(init_cfg={"type": "Pretrained", "checkpoint": file, "prefix": "backbone"}))
    model.init_weights()
    return model


def by_load_from(file: str, make: Callable[..., nn.Module]) -> nn.Module:
    """A fine-tuning."""
    model = Model(emptied(make()))
    given = {"load_from": file, "log_level": "CRITICAL", "default_scope": "mmpretrain"}
    runner = Runner(model, "work", experiment_name=file[:-4], **given)
    runner.load_or_resume()
    return model.backbone


def outcome(load: Callable[..., nn.Module], *args: Any, **kwargs: Any) -> Any:
    """What a way gives."""
    try:
        state = load(*args, **kwargs).state_dict()
    except Exception as error:
        return next(k.__name__ for k in type(error).__mro__ if k.__module__ == "builtins")
    return {key: round(float(value.double().sum()), 3) for key, value in state.items()}


def ways(name: str, weights: dict[str, Any], make: Callable[..., nn.Module]) -> dict[str, Any]:
    """Load weights in every way."""
    file = f"{name}.pth"
    torch.save({"state_dict": {f"backbone.{k}": v for k, v in weights.items()}}, file)
    found = {
        "load_checkpoint": outcome(by_load_checkpoint, file, make),
        "strict": outcome(by_load_checkpoint, file, make, strict=True),
        "load_from": outcome(by_load_from, file, make),
    }
    if name in BACKBONES:
        found["init_cfg"] = outcome(by_init_cfg, file, make)
    return found


def main() -> None:
    """Tell what each backbone holds."""
    os.chdir(tempfile.mkdtemp())
    found = {}
    for name, (cfg, size, values) in BACKBONES.items():
        source, target = ({"type": name, **cfg, size: value} for value in values)

        def make(cfg: dict[str, Any] = target, **kwargs: Any) -> nn.Module:
            return MODELS.build({**cfg, **kwargs})  # type: ignore[no-any-return,unused-ignore]

        found[name] = ways(name, drawn(MODELS.build(source)).state_dict(), make)
    found["Old"] = ways("Old", old_weights(), Old)
    small = drawn(vision_transformer(32)).state_dict()
    found["vit_b_16"] = ways("vit_b_16", small, lambda: vision_transformer(64))
    print(json.dumps(found))


if __name__ == "__main__":
    said = io.StringIO()
    with warnings.catch_warnings(), contextlib.redirect_stdout(said):
        warnings.simplefilter("ignore")
        main()
    print(said.getvalue().splitlines()[-1])
