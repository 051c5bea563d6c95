"""Which model is meant: a config, a file, a name that a library publishes, or none but weights."""

from __future__ import annotations

import os
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path, PurePath
from typing import Any, Final, NamedTuple

from engine_checkpoint.model_index import (
    library_folder,
    names_of,
    published_models,
    weights_of_config,
)
from engine_checkpoint.resume_check import meta_of
from engine_config import Config, ConfigDict
from engine_config.library import library_file
from engine_registry.scope import ROOT_SCOPE, real_scope

__all__ = ["Trained", "config_in", "config_of", "named_model", "publishes"]

_SUFFIXES: Final = (".py", ".yaml", ".yml", ".json")


class Trained(NamedTuple):
    """A config, and the address of the weights that its library publishes; "" for none."""

    config: Config | ConfigDict
    weights: str


def config_of(model: Any) -> Trained | None:
    """Return what ``model`` is the config of; None if it is the name of a published model.

    Args:
        model: a config, a dict, a config's file, or ``"library::file"``.

    Raises:
        TypeError: it is none of them.
    """
    if isinstance(model, Config | ConfigDict):
        return Trained(model, "")
    if isinstance(model, Mapping):
        return Trained(ConfigDict(model), "")
    if not isinstance(model, str | os.PathLike):
        raise TypeError(
            "model must be a config, the path of one, a dict or the name of a model, got "
            f"{type(model).__name__}"
        )
    text = os.fspath(model)
    if "::" in text:
        return _of_library(text)
    if PurePath(text).suffix in _SUFFIXES or Path(text).is_file():
        return Trained(Config.fromfile(text), "")
    return None


def _of_library(reference: str) -> Trained:
    suffix = "" if PurePath(reference).suffix in _SUFFIXES else ".py"
    path, library = library_file(reference + suffix)
    config = Config.fromfile(path)
    try:
        return Trained(config, weights_of_config(path, library))
    except LookupError:
        return Trained(config, "")


def publishes(scope: str | None) -> bool:
    """Whether a scope may be that of a library that publishes models: not the root scope."""
    return bool(scope) and real_scope(str(scope)) != ROOT_SCOPE


def named_model(name: str, scope: str | None) -> Trained:
    """Return a model that an installed library publishes in its model index.

    Args:
        name: its name there, or one of its other names.
        scope: the library.

    Raises:
        ValueError: there is no scope, or the library publishes no such model.
        ConfigNotFoundError: the library isn't installed.
    """
    if scope is None or not publishes(scope):
        raise ValueError(
            f"{name!r} is no file; if it is the name of a published model, say of which library, "
            "such as scope='mmdet'"
        )
    folder = library_folder(scope)
    models = {each: model for model in published_models(folder) for each in names_of(model)}
    if name not in models:
        near = ", ".join(get_close_matches(name, models)) or "none"
        raise ValueError(f"{scope} publishes no model {name!r}; close names: {near}")
    found = models[name]
    places = [folder / found["Config"], folder / "configs" / found["Config"]]
    path = next((place for place in places if place.is_file()), places[0])
    return Trained(Config.fromfile(path), str(found.get("Weights") or ""))


def config_in(checkpoint: Any, weights: str) -> Config:
    """Return the config that a checkpoint was trained with. It is evaluated, never executed.

    Raises:
        ValueError: it holds none.
        CheckpointError: what it holds is none.
    """
    text = meta_of(checkpoint, weights).get("cfg")
    if not isinstance(text, str):
        raise ValueError(
            f"{weights} holds no config of its training; give one, such as model='config.py'"
        )
    return Config.fromstring(text, ".py", trust=False)
