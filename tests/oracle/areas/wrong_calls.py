"""Every public callable with what it can't take: errors have the classes that MMEngine's have."""

from __future__ import annotations

import sys
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import strategies as st

_API = Path(__file__).parents[2] / "reference" / "mmengine_public_api.tsv"
_START = """import io
from pathlib import Path
import numpy as np
import torch
from torch import nn
import {module} as module
write('text.txt', 'a')
write('values.json', '{{"a": 1}}')
write('broken.json', '{{')
write('config.py', 'a = 1')
write('broken.py', 'a = (')
def weights(): return [nn.Parameter(torch.ones(1))]
"""
_VALUES = [
    "None",
    "1",
    "-1",
    "1.5",
    "''",
    "'nowhere'",
    "'nowhere.json'",
    "'nowhere.py'",
    "'values.json'",
    "'broken.json'",
    "'broken.py'",
    "'config.py'",
    "'text.txt'",
    "'a.b'",
    "[]",
    "[1]",
    "['a']",
    "(1, 2)",
    "{}",
    "dict(a=1)",
    "dict(type='Nothing')",
    "dict(type='SGD', lr='x')",
    "object()",
    "np.zeros((2, 2))",
    "int",
    "len",
    "Path('nowhere')",
    "b'x'",
    "nn.Linear(1, 1)",
    "torch.optim.SGD(weights(), lr=0.1)",
]
# Of no use here: what waits, talks to others, starts processes, or belongs to tests.
_NOT_MODULES = ("mmengine.testing", "mmengine._strategy", "mmengine.hub")
_NOT_NAMES = (
    "http", "launch", "track_", "collect_env", "init_dist", "get_model", "openmmlab", "torchvision",
    "timer", "Timer", "Petrel", "Ceph", "set_multi_processing", "install_package", "MMLogger", "setup_",
    "ProgressBar", "cuda_memory", "ColossalAI", "DeepSpeed", "FSDP", "vis_backend", "VisBackend",
)  # fmt: skip
# How to make one of a class whose methods are called.
_MADE = {
    "Config": "module.Config(dict(a=dict(b=1), c=[1]))",
    "ConfigDict": "module.ConfigDict(a=dict(b=1), c=[1])",
    "Registry": "module.Registry('thing')",
    "InstanceData": "module.InstanceData(b=torch.ones(2))",
    "PixelData": "module.PixelData(m=torch.ones(1, 2, 2))",
    "BaseDataElement": "module.BaseDataElement(metainfo=dict(a=1), x=1)",
    "HistoryBuffer": "module.HistoryBuffer([1.0, 2.0], [1, 1])",
    "MessageHub": "module.MessageHub('name')",
    "LocalBackend": "module.LocalBackend()",
    "OptimWrapper": "module.OptimWrapper(torch.optim.SGD(weights(), lr=0.1))",
    "OptimWrapperDict": "module.OptimWrapperDict(a=module.OptimWrapper(torch.optim.SGD(weights(), lr=0.1)))",
    "Visualizer": "module.Visualizer(image=np.zeros((4, 4, 3), dtype='uint8'))",
    "Compose": "module.Compose([])",
    "JsonHandler": "module.JsonHandler()",
    "YamlHandler": "module.YamlHandler()",
    "PickleHandler": "module.PickleHandler()",
    "DefaultScope": "module.DefaultScope('name', scope_name='mmengine')",
    "Evaluator": "module.Evaluator([])",
    "LogProcessor": "module.LogProcessor()",
    "BaseDataset": "module.BaseDataset(lazy_init=True)",
    "ConcatDataset": "module.ConcatDataset([module.BaseDataset(lazy_init=True)], lazy_init=True)",
    "CheckpointHook": "module.CheckpointHook()",
}


class _Call(NamedTuple):
    module: str
    function: str
    required: tuple[str, ...]
    optional: tuple[str, ...]


@cache
def _conftest() -> Any:
    """The module of the whole repository's tests that reads the list, whoever runs this."""
    spec = spec_from_file_location("conftest_of_all", Path(__file__).parents[2] / "conftest.py")
    assert spec is not None and spec.loader is not None
    sys.modules[spec.name] = module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _arguments(signature: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    listed = _conftest().Listed("", "", "", signature).parameters
    named = [(name, default) for name, default in listed if not name.startswith("*")]
    required = tuple(name for name, default in named if default is None)
    return required, tuple(name for name, default in named if default is not None)


def calls() -> list[_Call]:
    """Return what can be called, once under each name that it has first."""
    found: dict[str, _Call] = {}
    for line in sorted(_API.read_text(encoding="utf-8").splitlines()):
        module, name, kind, signature = line.split("\t")
        if module.startswith(_NOT_MODULES) or any(part in name for part in _NOT_NAMES):
            continue
        owner, _, method = name.partition(".")
        if kind in ("function", "class", "classmethod", "staticmethod"):
            function = f"module.{name}"
        elif kind == "method" and owner in _MADE and not method.startswith("_"):
            function = f"{_MADE[owner]}.{method}"
        else:
            continue
        if signature.startswith("("):
            found.setdefault(name, _Call(module, function, *_arguments(signature)))
    return list(found.values())


@st.composite
def _call(draw: Any, known: list[_Call]) -> str:
    call = draw(st.sampled_from(known))
    names = list(call.required)
    if call.optional and (not names or draw(st.booleans())):
        names.append(draw(st.sampled_from(call.optional)))
    given = ", ".join(f"{name}={draw(st.sampled_from(_VALUES))}" for name in names)
    return _START.format(module=call.module) + f"({call.function}({given}), 'fine')[1]"


def programs() -> st.SearchStrategy[str]:
    """One call, with an argument of any kind in each place."""
    return _call(calls())
