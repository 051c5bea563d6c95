"""What DeepSpeed and ColossalAI are refused, by name and with what to use instead."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from engine_optim import OptimWrapper
from engine_registry import STRATEGIES
from engine_runner.strategy import StrategyRequest


def deepspeed(**settings: Any) -> Any:
    return STRATEGIES.build({"type": "DeepSpeedStrategy", **settings})


def stage(number: int) -> dict[str, Any]:
    return {"zero_optimization": {"stage": number}}


@pytest.mark.parametrize(
    ("settings", "asked", "instead"),
    [
        (stage(1), StrategyRequest(optim_wrapper={"type": "AmpOptimWrapper"}), "bf16=dict"),
        (stage(3), StrategyRequest(hooks=[{"type": "EMAHook"}]), "use stage 2, or FSDPStrategy"),
        (stage(3), StrategyRequest(compile=True), "use stage 2, or FSDPStrategy"),
    ],
    ids=["amp", "ema", "compile"],
)
def test_deepspeed_refuses_what_its_engine_cant_do(
    settings: dict[str, Any], asked: StrategyRequest, instead: str
) -> None:
    with pytest.raises(ValueError, match=instead):
        deepspeed(**settings).check(asked)
    deepspeed(**stage(2)).check(StrategyRequest(hooks=[{"type": "EMAHook"}], compile=True))


def test_half_precision_needs_the_first_stage() -> None:
    with pytest.raises(ValueError, match=r"half precision needs zero_optimization=dict\(stage=1\)"):
        deepspeed(bf16={"enabled": True})


def test_an_optimizer_in_deepspeeds_config_is_sent_where_it_belongs(tmp_path: Path) -> None:
    file = tmp_path / "deepspeed.json"
    file.write_text(json.dumps({"optimizer": {"type": "Adam"}, **stage(1)}))
    with pytest.raises(ValueError, match="optimizer is in DeepSpeed's config, and belongs into"):
        deepspeed(config=str(file))
    file.write_text(json.dumps(stage(2)))
    assert deepspeed(config=str(file)).zero_stage == 2
    file.write_text("[]")
    with pytest.raises(ValueError, match="holds no config of DeepSpeed"):
        deepspeed(config=str(file))


@pytest.mark.parametrize(
    ("settings", "wrapper", "told"),
    [
        ({}, {"clip_grad": {"type": "value", "clip_value": 1.0}}, "clips by the Euclidean norm"),
        ({}, {"clip_grad": {"max_norm": 1.0, "norm_type": 1}}, "clips by the Euclidean norm"),
        (
            {"gradient_clipping": 2.0},
            {"clip_grad": {"max_norm": 1.0}},
            "max_norm|gradient_clipping of DeepSpeedStrategy 2.0: give one",
        ),
        (
            {"gradient_accumulation_steps": 4},
            {"accumulative_counts": 2},
            "gradient_accumulation_steps of DeepSpeedStrategy 4: give one",
        ),
    ],
    ids=["by value", "another norm", "two norms", "two windows"],
)
def test_settings_that_deepspeed_lacks_or_has_twice_are_refused(
    settings: dict[str, Any], wrapper: dict[str, Any], told: str
) -> None:
    model = nn.Linear(2, 1)
    optim_wrapper = OptimWrapper(torch.optim.SGD(model.parameters(), lr=0.1), **wrapper)
    with pytest.raises(ValueError, match=told):
        deepspeed(**stage(1), **settings).join(model, optim_wrapper)


@pytest.mark.skipif(torch.accelerator.is_available(), reason="there is an accelerator")
@pytest.mark.parametrize("plugin", ["gemini", "lowlevel-zero", "torch-fsdp"])
def test_colossalais_plugins_for_accelerators_say_what_they_need(plugin: str) -> None:
    with pytest.raises(RuntimeError, match=r"needs a CUDA or NPU device, .*plugin='torch-ddp'"):
        STRATEGIES.build({"type": "ColossalAIStrategy", "plugin": plugin})


def test_colossalai_refuses_mixed_precision_of_another_kind() -> None:
    strategy = STRATEGIES.build({"type": "ColossalAIStrategy", "plugin": "torch-ddp"})
    with pytest.raises(ValueError, match="use OptimWrapper, for mixed precision with"):
        strategy.check(StrategyRequest(optim_wrapper={"type": "AmpOptimWrapper"}))
