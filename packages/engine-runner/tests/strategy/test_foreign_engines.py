"""DeepSpeed and ColossalAI where they aren't installed; with them, tests/scale/ trains."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from engine_registry import STRATEGIES


@pytest.mark.skipif(find_spec("deepspeed") is not None, reason="DeepSpeed is installed")
def test_deepspeed_that_is_missing_is_told_with_what_to_do() -> None:
    with pytest.raises(ImportError, match="pip install --no-build-isolation deepspeed"):
        STRATEGIES.build({"type": "DeepSpeedStrategy", "zero_optimization": {"stage": 2}})


@pytest.mark.skipif(find_spec("colossalai") is not None, reason="ColossalAI is installed")
def test_colossalai_that_is_missing_is_told_with_what_to_do() -> None:
    with pytest.raises(ImportError, match="pip install --no-deps colossalai"):
        STRATEGIES.build({"type": "ColossalAIStrategy", "plugin": "torch-ddp"})


def test_a_setting_of_colossalai_of_before_its_booster_is_refused() -> None:
    with pytest.raises(TypeError, match="config was for ColossalAI before its booster"):
        STRATEGIES.build({"type": "ColossalAIStrategy", "config": {"zero": 1}})
