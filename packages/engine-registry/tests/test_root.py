from __future__ import annotations

from typing import Any

import engine_registry
from engine_registry import Registry
from engine_registry.root import ROOT_REGISTRIES

NAMES = [
    "DATASETS",
    "DATA_SAMPLERS",
    "EVALUATOR",
    "FUNCTIONS",
    "HOOKS",
    "INFERENCERS",
    "LOG_PROCESSORS",
    "LOOPS",
    "METRICS",
    "MODELS",
    "MODEL_WRAPPERS",
    "OPTIMIZERS",
    "OPTIM_WRAPPERS",
    "OPTIM_WRAPPER_CONSTRUCTORS",
    "PARAM_SCHEDULERS",
    "RUNNERS",
    "RUNNER_CONSTRUCTORS",
    "STRATEGIES",
    "TASK_UTILS",
    "TRANSFORMS",
    "VISBACKENDS",
    "VISUALIZERS",
    "WEIGHT_INITIALIZERS",
]


def test_there_are_23_roots_and_the_package_offers_each() -> None:
    assert sorted(ROOT_REGISTRIES) == sorted(NAMES)
    assert len(NAMES) == 23
    for name, registry in ROOT_REGISTRIES.items():
        assert getattr(engine_registry, name) is registry
        assert isinstance(registry, Registry)
        assert registry.parent is None
        assert registry.scope == "engine"


def test_kinds_have_names_of_their_own() -> None:
    assert len({registry.name for registry in ROOT_REGISTRIES.values()}) == 23


def test_importing_is_light_and_registers_nothing(run_code: Any) -> None:
    out = run_code(
        """
        import sys
        import engine_registry
        from engine_registry.root import ROOT_REGISTRIES
        heavy = {"inspect", "logging", "typing", "difflib", "json", "importlib.metadata"}
        print(sorted(heavy & sys.modules.keys()))
        print(sum(map(len, ROOT_REGISTRIES.values())))
        """
    )
    assert out.splitlines() == ["[]", "0"]
