"""Every module of mmpretrain, mmdet and mmseg can be imported, but for those listed here."""

from __future__ import annotations

import json
from pathlib import Path

from programs import LIBRARY, start


def failing(*arguments: str, first: Path | None = None, at_least: int) -> dict[str, str]:
    """Why which modules can't be imported, of at least so many."""
    lines = start(LIBRARY / "imports.py", *arguments, first=first).splitlines()
    found = json.loads(lines[-1])
    assert found["count"] >= at_least
    failed: dict[str, str] = found["failed"]
    return failed


def test_of_mmpretrain_only_what_needs_a_language_model_fails() -> None:
    multimodal = "mmpretrain.models.multimodal"
    # by what stands for it where transformers is missing; mmengine 0.10.7 refuses that as well
    taken = "already registered"
    reasons = {
        f"{multimodal}.blip": taken,
        f"{multimodal}.blip2": taken,
        f"{multimodal}.chinese_clip": taken,
        f"{multimodal}.clip": taken,
        f"{multimodal}.flamingo": taken,
        f"{multimodal}.llava": "no_load_hf_pretrained_model",  # mmpretrain's own, and not there
        f"{multimodal}.minigpt4": taken,
        f"{multimodal}.ofa": "transformers",
        f"{multimodal}.otter": taken,
        f"{multimodal}.ram": "transformers",
        "mmpretrain.models.utils.huggingface": "transformers",
        "mmpretrain.models.utils.tokenizer": "transformers",
    }
    failed = failing("mmpretrain", at_least=314)
    assert sorted(failed) == sorted(reasons), failed
    assert {name: failed[name] for name in failed if reasons[name] not in failed[name]} == {}


def test_of_mmdet_and_mmseg_only_what_imports_compiled_operators_fails(older: Path) -> None:
    failed = failing("mmdet", "mmseg", first=older, at_least=60)
    assert sorted(failed) == [
        "mmdet.apis",
        "mmdet.datasets",
        "mmdet.engine",
        "mmdet.evaluation",
        "mmdet.models",
        "mmdet.structures.bbox",
        "mmdet.structures.mask",
        "mmdet.testing",
        "mmdet.utils.large_image",
        "mmdet.visualization",
        "mmseg.apis",
        "mmseg.datasets",
        "mmseg.models",
        "mmseg.utils",
        "mmseg.visualization",
    ]
    assert {reason for reason in failed.values() if "mmcv._ext" not in reason} == set()


def test_all_of_mmdet_and_mmseg_imports_where_the_operators_have_names(older: Path) -> None:
    assert failing("--uncompiled", "mmdet", "mmseg", first=older, at_least=696) == {}
