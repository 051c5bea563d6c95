"""Configs and models of installed libraries, by ``library::name``."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Any

from torch import nn

from engine_checkpoint import load_checkpoint
from engine_checkpoint.model_index import weights_of_config
from engine_config import Config, ConfigNotFoundError
from engine_config.library import library_file
from engine_registry import MODELS, DefaultScope

__all__ = ["get_config", "get_model"]


def get_config(cfg_path: str, pretrained: bool = False) -> Config:
    """Return the config of an installed library.

    Nothing of the library is imported; its configs are found by its distribution, and its models'
    weights by its model index, ``model-index.yml``.

    Args:
        cfg_path: ``"mmdet::faster_rcnn/faster-rcnn_r50_fpn_1x_coco.py"``: the library, and the
            file in its folder of configs; ``.py`` may be left out.
        pretrained: whether ``model_path`` of the config shall be the address of trained weights.

    Raises:
        ValueError: ``cfg_path`` names no library.
        ConfigNotFoundError: the library isn't installed, or has no such config.
        LookupError: ``pretrained``, and the library knows no weights for this config.
    """
    path, library = _file(cfg_path)
    config = Config.fromfile(path)
    if pretrained:
        config.model_path = weights_of_config(path, library)
    return config


def get_model(cfg_path: str, pretrained: bool = False, **kwargs: Any) -> nn.Module:
    """Return the model of a config of an installed library.

    Args:
        cfg_path: as in `get_config`.
        pretrained: whether it gets its trained weights; they are downloaded once.
        kwargs: arguments of the model that its config doesn't set.

    Raises:
        ValueError: ``cfg_path`` names no library.
        ConfigNotFoundError: the library isn't installed, or has no such config.
        KeyError: the config has no ``model``.
        LookupError: ``pretrained``, and the library knows no weights for this config.
    """
    config = get_config(cfg_path, pretrained)
    if "model" not in config:
        raise KeyError(f"the config {cfg_path!r} has no 'model'")
    library = cfg_path.partition("::")[0].strip()
    scope = config.get("default_scope", library.replace("-", "_"))
    with DefaultScope.overwrite_default_scope(scope):
        model: nn.Module = MODELS.build(config.model, default_args=kwargs)
        if pretrained:
            load_checkpoint(model, config.model_path, map_location="cpu")
    return model


def _file(reference: str) -> tuple[Path, str]:
    library, separator, name = (part.strip() for part in reference.partition("::"))
    if not (library and separator and name):
        raise ValueError(
            f"{reference!r} names no config of a library: give the library and the file, such as "
            "'mmdet::faster_rcnn/faster-rcnn_r50_fpn_1x_coco.py'"
        )
    try:
        return library_file(f"{library}::{name}")
    except ConfigNotFoundError:
        if PurePosixPath(name).suffix in (".py", ".yaml", ".yml", ".json"):
            raise
        return library_file(f"{library}::{name}.py")
