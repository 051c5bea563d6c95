"""What a config switches on at top level, beside what a runner is given."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from engine_registry import MODELS
from engine_runner import BaseModel

Make = Callable[..., Any]

# As configs of mmdet, mmpretrain and mmseg have them, beside a runner's own.
OF_LIBRARIES: dict[str, Any] = {
    "backend_args": None,
    "base_lr": 0.004,
    "bgr_mean": [103.5, 116.3, 123.7],
    "checkpoint": "https://example.com/a.pth",
    "codec": {"type": "SimCCLabel"},
    "crop_size": (512, 1024),
    "data_root": "data/coco/",
    "dataset_type": "CocoDataset",
    "file_client_args": {"backend": "disk"},
    "img_scales": [(640, 640), (320, 320)],
    "interval": 10,
    "max_epochs": 300,
    "metainfo": {"classes": ("a",)},
    "norm_cfg": {"type": "SyncBN", "requires_grad": True},
    "num_classes": 80,
    "policies": [],
    "stage2_num_epochs": 20,
    "test_pipeline": [{"type": "LoadImageFromFile"}],
    "train_ann_file": "a.json",
    "train_dataset": {"type": "CocoDataset"},
    "train_pipeline": [{"type": "LoadImageFromFile"}],
    "tta_model": {"type": "DetTTAModel"},
    "tta_pipeline": [{"type": "TestTimeAug"}],
    "val_pipeline": [],
    "vis_backends": [{"type": "LocalVisBackend"}],
}


@MODELS.register_module()
class Normed(BaseModel):
    """A convolution that is normalised, for its frozen statistics; it may count its forwards."""

    def __init__(self, counted: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.backbone = nn.Sequential(nn.Conv1d(1, 4, 3), nn.BatchNorm1d(4), nn.ReLU())
        self.head = nn.Linear(4, 1)
        self.num_forwards = 0
        if counted:
            self.backbone[0].register_forward_hook(self._count)

    def _count(self, *_: Any) -> None:
        self.num_forwards += 1

    def forward(self, x: Tensor, y: Tensor, mode: str = "tensor") -> Any:
        found = self.head(self.backbone(x[:, None]).mean(dim=2))
        if mode == "loss":
            return {"loss": ((found - y) ** 2).mean()}
        return [*zip(found, y, strict=True)]


def weights(runner: Any) -> Tensor:
    return torch.cat([each.detach().flatten() for each in runner.model.parameters()])


def test_keys_of_the_libraries_are_left_alone(tiny: Make) -> None:
    runner = tiny(OF_LIBRARIES | {"train_cfg.max_epochs": 1})
    runner.train()
    assert runner.cfg.img_scales == [(640, 640), (320, 320)]


@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor:UserWarning")
@pytest.mark.parametrize("setting", [{"backend": "aot_eager"}, {"modules": ["first", "last"]}])
def test_compile_gives_the_same_training(tiny: Make, setting: dict[str, Any]) -> None:
    torch._dynamo.reset()
    plain = tiny({"randomness.seed": 1})
    plain.train()
    setting = {"backend": "aot_eager", **setting}
    compiled = tiny({"randomness.seed": 1, "compile": setting, "log_level": "INFO"})
    compiled.train()
    assert torch.allclose(weights(plain), weights(compiled), atol=1e-6)
    text = Path(compiled.log_dir, f"{compiled.timestamp}.log").read_text(encoding="utf-8")
    name = "first" if "modules" in setting else "TinyNet"
    assert f"compiled {name}: 1 graph in" in text
    assert "no graph breaks" in text


def test_activation_checkpointing_works_activations_out_again(tiny: Make) -> None:
    model = {"model": {"_delete_": True, "type": "Normed", "counted": True}, "val_cfg": None}
    model |= {"val_dataloader": None, "val_evaluator": None}
    plain = tiny({**model, "randomness.seed": 1})
    plain.train()
    less = tiny({**model, "randomness.seed": 1, "activation_checkpointing": ["backbone"]})
    less.train()
    assert torch.allclose(weights(plain), weights(less), atol=1e-6)
    assert less.model.num_forwards == 2 * plain.model.num_forwards


def test_efficient_conv_bn_eval_joins_what_is_frozen(tiny: Make) -> None:
    model = {"model": {"_delete_": True, "type": "Normed"}}
    joined = tiny({**model, "efficient_conv_bn_eval": ["backbone"]})
    x, y = torch.randn(3, 8), torch.zeros(3, 1)
    conv, norm = joined.model.backbone[0], joined.model.backbone[1]
    norm.running_mean.normal_()
    joined.model.eval()
    found = joined.model.val_step((x, y))
    del vars(norm)["forward"]
    expected = nn.functional.relu(norm(nn.functional.conv1d(x[:, None], conv.weight, conv.bias)))
    whole = joined.model.head(expected.mean(dim=2))
    assert torch.allclose(torch.stack([each for each, _ in found]), whole, atol=1e-6)
    assert not vars(tiny(model).model.backbone[0]).get("forward")


def test_resume_takes_auto_or_an_address(tiny: Make) -> None:
    first = tiny({"train_cfg.max_epochs": 1})
    first.train()
    address = str(Path(first.work_dir) / "epoch_1.pth")
    for resume in ("auto", True, address):
        runner = tiny({"train_cfg.max_epochs": 2, "resume": resume})
        runner.prepare_training()
        runner.load_or_resume()
        assert runner.epoch == 1
    other = tiny({"train_cfg.max_epochs": 2, "resume": address, "work_dir": first.work_dir + "_b"})
    other.train()
    assert other.epoch == 2


def test_a_dry_run_of_a_config_says_what_is_wrong_with_it(tiny: Make) -> None:
    report = tiny().dry_run()
    assert report.is_ready, report
    report = tiny({"train_dataloader.dataset.bad": 3}).dry_run(num_batches=6)
    assert [problem.split(":")[0] for problem in report.problems] == ["train"]
    assert "broken picture" in report.problems[0]
    assert [each.what for each in report.rehearsed] == ["build", "checkpoint", "val", "test"]
