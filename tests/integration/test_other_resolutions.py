"""Transformers of timm and torchvision take weights of another input size, in every way of loading.

Neither library resizes while a state dict is loaded: who fine-tunes registers a hook that calls the
library's own function. What that function gives, loaded by torch, is what each way has to leave.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from engine_checkpoint import WrongModelError, load_checkpoint
from engine_runner import BaseModel, Runner

pytestmark = [
    pytest.mark.usefixtures("torchvision_imports"),
    # in timm's function
    pytest.mark.filterwarnings("ignore:torch.searchsorted", "ignore:Using a non-tuple"),
]

State = dict[str, Tensor]
Resize = Callable[[State, nn.Module], Mapping[str, Tensor]]
SMALL, LARGE = 32, 48


def timm_vit(size: int) -> tuple[nn.Module, Resize]:
    timm = pytest.importorskip("timm.models.vision_transformer", reason="needs timm")
    options = {"embed_dim": 8, "depth": 1, "num_heads": 2, "num_classes": 2}
    return timm.VisionTransformer(img_size=size, patch_size=8, **options), timm.checkpoint_filter_fn


def timm_swin(size: int) -> tuple[nn.Module, Resize]:
    timm = pytest.importorskip("timm.models.swin_transformer", reason="needs timm")
    options = {"embed_dim": 4, "depths": (2, 1), "num_heads": (1, 2), "num_classes": 2}
    made = timm.SwinTransformer(img_size=size, window_size=size // 8, **options)
    return made, timm.checkpoint_filter_fn


def torchvision_vit(size: int) -> tuple[nn.Module, Resize]:
    models = pytest.importorskip("torchvision.models.vision_transformer", reason="torchvision")
    options = {"num_layers": 1, "num_heads": 2, "hidden_dim": 8, "mlp_dim": 16, "num_classes": 2}

    def resize(state: State, _: nn.Module) -> Mapping[str, Tensor]:
        found: Mapping[str, Tensor] = models.interpolate_embeddings(size, 8, dict(state))
        return found

    return models.VisionTransformer(size, 8, **options), resize


def torchvision_swin(size: int) -> tuple[nn.Module, Resize]:
    models = pytest.importorskip("torchvision.models.swin_transformer", reason="torchvision")
    layers = pytest.importorskip("timm.layers", reason="needs timm, whose function resizes")
    window = [size // 8, size // 8]

    def resize(state: State, module: nn.Module) -> Mapping[str, Tensor]:
        own, new = module.state_dict(), dict(state)
        for key in state:
            if key.endswith("relative_position_index"):
                new[key] = own[key]
            elif key.endswith("relative_position_bias_table"):
                side = 2 * window[0] - 1
                new[key] = layers.resize_rel_pos_bias_table(state[key], window, (side * side, 0))
        return new

    made = models.SwinTransformer([4, 4], 4, [2, 1], [1, 2], window, num_classes=2)
    return made, resize


KINDS = [timm_vit, timm_swin, torchvision_vit, torchvision_swin]


class Net(BaseModel):
    """A backbone in a model whose loss needs no picture."""

    def __init__(self, backbone: nn.Module, init_cfg: Any = None) -> None:
        super().__init__(init_cfg=init_cfg)
        self.backbone = backbone

    def forward(self, *_: Any, **__: Any) -> dict[str, Tensor]:
        return {"loss": torch.stack([each.sum() for each in self.parameters()]).sum()}


def hook(resize: Resize, module: nn.Module, state: State, prefix: str, *_: Any) -> None:
    """Resize what lies below ``prefix`` by the library's function."""
    keys = [key for key in state if key.startswith(prefix)]
    found = resize({key.removeprefix(prefix): state.pop(key) for key in keys}, module)
    state.update({prefix + key: value for key, value in found.items()})


def large(make: Any, *, hooked: bool, **options: Any) -> Net:
    """A model of the large size whose weights are all zero."""
    backbone, resize = make(LARGE)
    for each in backbone.parameters():
        nn.init.zeros_(each)
    if hooked:
        backbone.register_load_state_dict_pre_hook(partial(hook, resize))
    return Net(backbone, **options)


def trainer(model: nn.Module, folder: Path, *, epochs: int, **options: Any) -> Runner:
    """A training that leaves the weights as they are."""
    return Runner(
        model,
        work_dir=str(folder),
        train_dataloader={"dataset": [0, 1], "batch_size": 1, "sampler": None},
        train_cfg={"by_epoch": True, "max_epochs": epochs},
        optim_wrapper={"optimizer": {"type": "SGD", "lr": 0.0}},
        log_level="ERROR",
        **options,
    )


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Any], tuple[Path, State]]:
    """Trains at the small size; gives the checkpoint and the backbone's weights."""
    known: dict[Any, tuple[Path, State]] = {}

    def train(make: Any) -> tuple[Path, State]:
        if make not in known:
            torch.manual_seed(0)
            backbone, _ = make(SMALL)
            for each in backbone.parameters():
                nn.init.normal_(each)
            folder = tmp_path_factory.mktemp(make.__name__)
            trainer(Net(backbone), folder, epochs=1).train()
            weights = {key: value.clone() for key, value in backbone.state_dict().items()}
            known[make] = folder / "epoch_1.pth", weights
        return known[make]

    return train


def by_load_checkpoint(make: Any, file: Path, _: Path, *, hooked: bool) -> Net:
    model = large(make, hooked=hooked)
    load_checkpoint(model, str(file), strict=hooked)
    return model


def by_init_cfg(make: Any, file: Path, _: Path, *, hooked: bool) -> Net:
    model = large(make, hooked=hooked, init_cfg={"type": "Pretrained", "checkpoint": str(file)})
    model.init_weights()
    return model


def by_load_from(make: Any, file: Path, folder: Path, *, hooked: bool) -> Net:
    model = large(make, hooked=hooked)
    trainer(model, folder, epochs=1, load_from=str(file)).train()
    return model


def by_resuming(make: Any, file: Path, folder: Path, *, hooked: bool) -> Net:
    model = large(make, hooked=hooked)
    runner = trainer(model, folder, epochs=2, load_from=str(file), resume=True)
    runner.train()
    assert runner.epoch == 2
    return model


WAYS = [by_load_checkpoint, by_init_cfg, by_load_from, by_resuming]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("make", KINDS)
def test_a_hook_that_resizes_is_obeyed(
    make: Any, way: Any, trained: Callable[[Any], tuple[Path, State]], tmp_path: Path
) -> None:
    file, weights = trained(make)
    wanted, resize = make(LARGE)
    wanted.load_state_dict(resize(dict(weights), wanted), strict=True)
    found = way(make, file, tmp_path, hooked=True).backbone.state_dict()
    different = [key for key, v in wanted.state_dict().items() if not torch.equal(found[key], v)]
    assert different == []
    assert any(found[key].shape != value.shape for key, value in weights.items())


@pytest.mark.parametrize("way", WAYS[:3])
@pytest.mark.parametrize("make", KINDS)
def test_without_one_all_but_what_has_another_size_is_loaded(
    make: Any, way: Any, trained: Callable[[Any], tuple[Path, State]], tmp_path: Path
) -> None:
    file, weights = trained(make)
    found = way(make, file, tmp_path, hooked=False).backbone.state_dict()
    other = {key for key, value in weights.items() if found[key].shape != value.shape}
    assert other
    assert all(torch.equal(found[key], weights[key]) for key in weights.keys() - other)


@pytest.mark.parametrize("make", KINDS)
def test_strictly_they_are_refused(make: Any, trained: Callable[[Any], tuple[Path, State]]) -> None:
    file, _ = trained(make)
    with pytest.raises(WrongModelError, match=r"pos_embed|relative_position|pos_embedding"):
        load_checkpoint(large(make, hooked=False), str(file), strict=True)
