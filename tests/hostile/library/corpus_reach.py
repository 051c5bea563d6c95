"""Configs in checkpoints that name whatever is registered, with addresses for all that take one.

Nothing is said of which names read, write or send: every name of a root registry is tried in
the roles in which an `Inferencer` builds it, and the judge sees what it does.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

from corpus_checkpoint import CheckpointCase, with_config

from engine_registry import Registry
from engine_registry.root import ROOT_REGISTRIES

__all__ = ["reaching"]

_MODEL = "model = dict(type='torch.nn.Identity')\n"
_DATA = "test_dataloader = dict(dataset=dict(pipeline=[{0}]))\n"
_ROLES = {
    "collate_fn": _MODEL + "test_dataloader = dict(dataset=dict(pipeline=[]), collate_fn={0})\n",
    "model": "model = {0}\n" + _DATA.format(""),
    "preprocessor": _MODEL + "data_preprocessor = {0}\nloss = {0}\n" + _DATA.format(""),
    "transform": _MODEL + _DATA,
    "initialisation": "model = dict(type='ModuleList', init_cfg={0})\n" + _DATA.format(""),
    "visualizer": _MODEL + "visualizer = {0}\n" + _DATA.format(""),
    "back-end": _MODEL + _DATA.format("") + "visualizer = dict(type='Visualizer', save_dir='here', "
    "vis_backends=[{0}])\n",
}
_OF = {"FUNCTIONS": ("collate_fn",), "METRICS": ("collate_fn", "transform"),
       "MODELS": ("model", "preprocessor"), "TRANSFORMS": ("transform",),
       "VISBACKENDS": ("back-end",), "VISUALIZERS": ("visualizer",),
       "WEIGHT_INITIALIZERS": ("initialisation",)}  # fmt: skip
_ADDRESS = re.compile(r"file|path|dir|checkpoint|uri|url|address|work|trace|weights|load")
_ADDRESSES = ("http://127.0.0.1:9/x.pth", "/etc/hostname", "here/out.pkl")


def reaching() -> Iterator[CheckpointCase]:
    """Checkpoints for ``Inferencer(weights=...)``, and for a call of it."""
    for kind, roles in _OF.items():
        registry = ROOT_REGISTRIES[kind]
        registry.get("nothing of this name")  # plug-ins register at the first miss
        for number, name in enumerate(sorted({*registry.module_dict, *registry._entries.lazy})):
            for role in roles:
                address = _ADDRESSES[number % len(_ADDRESSES)]
                text = _ROLES[role].format(_component(registry, name, address))
                yield with_config(f"reach: {kind} {name} as {role}", text)


def _component(registry: Registry, name: str, address: str) -> str:
    """A config of a name that gives an address to each argument that may want one."""
    try:
        parameters = inspect.signature(registry.get(name)).parameters
    except (ImportError, TypeError, ValueError):
        parameters = {}
    wanted = [key for key in parameters if _ADDRESS.search(key)]
    return f"dict(type={name!r}{''.join(f', {key}={address!r}' for key in wanted)})"
