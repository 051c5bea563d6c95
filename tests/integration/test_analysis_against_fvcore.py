"""Operations and activations of real models are those that fvcore counts, module by module."""

from __future__ import annotations

import logging

import pytest
import torch

from engine_model.analysis import ActivationAnalyzer, FlopAnalyzer, parameter_count

# fvcore uses a tracer that torch has deprecated.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module", autouse=True)
def _peers(torchvision_imports: None) -> None:
    pytest.importorskip("timm", reason="needs timm")
    pytest.importorskip("fvcore", reason="needs fvcore")


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("resnet18", 64),
        ("mobilenetv3_small_050", 64),
        ("convnext_atto", 64),
        ("vit_tiny_patch16_224", 224),
    ],
)
def test_counts_equal_those_of_fvcore(
    name: str, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    import timm
    from fvcore.nn import ActivationCountAnalysis, FlopCountAnalysis
    from fvcore.nn import parameter_count as theirs

    # fvcore doesn't know attention as one operator: the model is to write it out.
    monkeypatch.setattr("timm.layers.config._USE_FUSED_ATTN", 0)
    monkeypatch.setattr("timm.layers.attention.use_fused_attn", lambda *_: False)
    logging.getLogger("fvcore").setLevel(logging.ERROR)
    model, image = timm.create_model(name).eval(), torch.randn(1, 3, size, size)
    pairs = [(FlopAnalyzer, FlopCountAnalysis), (ActivationAnalyzer, ActivationCountAnalysis)]
    for ours, peer in pairs:
        analyzer = ours(model, image).unsupported_ops_warnings(False)
        found = analyzer.uncalled_modules_warnings(False).by_module()
        expected = peer(model, image).by_module()
        assert found[""] > 0
        assert {key: found[key] for key in expected} == dict(expected)
    counted = {key: value for key, value in theirs(model).items() if value}
    assert dict(parameter_count(model)) == counted
