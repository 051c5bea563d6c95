"""Statistics that a user asked for."""

from __future__ import annotations

import logging
from typing import Any

from engine_logging import MessageHub

__all__ = ["CustomScalars"]

logger = logging.getLogger(__name__)


class CustomScalars:
    """Statistics of scalars, beside the usual ones or in place of them.

    Args:
        configs: each with ``data_src`` and ``method_name``, and optionally ``log_name`` and
            ``window_size``.
        by_epoch: whether "epoch" has a meaning.

    Raises:
        TypeError, ValueError: a config is wrong.
    """

    def __init__(self, configs: list[dict[str, Any]], *, by_epoch: bool) -> None:
        self._configs = configs
        self._has_warned = False
        names: set[str] = set()
        for index, config in enumerate(configs):
            where = f"LogProcessor: custom_cfg[{index}]"
            if not isinstance(config, dict) or "data_src" not in config:
                raise TypeError(f"{where} must be a dict with the key data_src, got {config!r}")
            name = config.get("log_name", config["data_src"])
            if name in names:
                raise ValueError(f"{where} logs {name!r}, as one before; give it a log_name")
            names.add(name)
            window = config.get("window_size")
            if window == "epoch" and not by_epoch:
                raise ValueError(f"{where}: window_size='epoch' needs by_epoch=True")
            if not (window in ("epoch", "global", None) or isinstance(window, int)):
                raise TypeError(
                    f"{where}: window_size is a number, 'epoch' or 'global', got {window!r}"
                )

    def of(self, hub: MessageHub, mode: str, num_in_epoch: int) -> dict[str, Any]:
        """Return the statistics of ``mode``, by name.

        Args:
            hub: holds the histories.
            mode: "train", "val" or "test".
            num_in_epoch: how many iterations the epoch has had.
        """
        found = {}
        for config in self._configs:
            arguments = dict(config)
            source = arguments.pop("data_src")
            if f"{mode}/{source}" not in hub.log_scalars:
                continue
            name = arguments.pop("log_name", source)
            method = arguments.pop("method_name", "current")
            window = arguments.pop("window_size", None)
            history = hub.get_scalar(f"{mode}/{source}")
            if window is not None and method != "current":
                size = {"epoch": num_in_epoch, "global": None}.get(window, window)
                arguments["window_size"] = size
            value = history.statistics(method, **arguments)
            found[name] = value.item() if hasattr(value, "item") else value
        return found

    def warn_of_missing(self, hub: MessageHub) -> None:
        """Say once which scalars no mode has; only when every mode had the time to log them."""
        known = {key.partition("/")[2] for key in hub.log_scalars}
        missing = {config["data_src"] for config in self._configs} - known
        if missing and not self._has_warned:
            self._has_warned = True
            logger.warning(
                "LogProcessor: custom_cfg asks for %s, which nobody has logged; there are %s",
                *(sorted(missing), sorted(known)),
            )
