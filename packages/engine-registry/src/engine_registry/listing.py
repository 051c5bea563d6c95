"""What is registered, in numbers."""

from __future__ import annotations

from engine_registry.log import logger
from engine_registry.plugins import load_plugins
from engine_registry.root import ROOT_REGISTRIES

TYPE_CHECKING = False  # without the price of importing typing
if TYPE_CHECKING:
    from typing import Any

    from engine_registry.registry import Registry

FILE_NAME = "modules_statistic_results.json"


def traverse_registry_tree(registry: Registry, verbose: bool = True) -> list[dict[str, Any]]:
    """List what the tree around ``registry`` holds, its root first.

    Args:
        registry: any registry of the tree.
        verbose: log a line for each registry.

    Returns:
        For each registry ``num_modules``, ``scope``, and the names in each folder of modules.
    """
    found: list[dict[str, Any]] = []
    waiting = [registry.root]
    while waiting:
        here = waiting.pop(0)
        waiting = [*here.children.values(), *waiting]
        entry: dict[str, Any] = {"num_modules": len(here), "scope": here.scope}
        for name, target in here.module_dict.items():
            folder = "/".join(target.__module__.split(".")[:-1])
            entry.setdefault(folder, []).append(name)
        found.append(entry)
        if verbose:
            logger().info(
                "found %d modules in the %s registry of %s", len(here), here.name, here.scope
            )
    return found


def count_registered_modules(save_path: str | None = None, verbose: bool = True) -> dict[str, Any]:
    """Survey all root registries and what hangs below them, plug-ins loaded.

    Args:
        save_path: a folder, made if it isn't there, for ``modules_statistic_results.json``.
        verbose: log what is found.

    Returns:
        ``scan_date``, and under ``registries`` the survey of every tree that holds anything.
    """
    import json  # here, because a survey is rare and importing these three takes long
    from datetime import datetime
    from pathlib import Path

    load_plugins()
    trees = {name: traverse_registry_tree(root, verbose) for name, root in ROOT_REGISTRIES.items()}
    survey = {"scan_date": datetime.now().strftime("%Y-%m-%d %H:%M:%S"), "registries": trees}
    if verbose:
        logger().info("registry survey: %s", survey)
    if save_path is not None:
        file = Path(save_path) / FILE_NAME
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(survey, indent=2), encoding="utf-8")
        logger().info("saved the registry survey to %s", file)
    return survey
