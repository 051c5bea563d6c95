"""MMEngine's second runner, by its name: there is one `Runner`, and this calls it."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from engine_config import Config
from engine_runner.runner import Runner
from engine_runner.strategy import BaseStrategy

__all__ = ["FlexibleRunner"]


class FlexibleRunner(Runner):
    """`Runner`, with the arguments that MMEngine's FlexibleRunner has.

    What is a config's key for a Runner is an argument here: ``compile``.

    Args:
        model: the model, or its config.
        work_dir: the folder of checkpoints and logs.
        compile: whether, or with which arguments, torch compiles the model.
        cfg: the whole config, to be kept with the checkpoints.
        launcher: what started the processes; None is "none".
        arguments: those of `Runner`, by name.
    """

    def __init__(
        self,
        model: Any,
        *,
        work_dir: str = "work_dirs",
        experiment_name: str | None = None,
        train_dataloader: Any = None,
        optim_wrapper: Any = None,
        param_scheduler: Any = None,
        train_cfg: dict[str, Any] | None = None,
        val_dataloader: Any = None,
        val_evaluator: Any = None,
        val_cfg: dict[str, Any] | None = None,
        test_dataloader: Any = None,
        test_evaluator: Any = None,
        test_cfg: dict[str, Any] | None = None,
        strategy: BaseStrategy | dict[str, Any] | None = None,
        auto_scale_lr: dict[str, Any] | None = None,
        default_hooks: dict[str, Any] | None = None,
        custom_hooks: list[Any] | None = None,
        data_preprocessor: Any = None,
        load_from: str | None = None,
        resume: bool | str = False,
        launcher: str | None = None,
        env_cfg: dict[str, Any] = {"dist_cfg": {"backend": "nccl"}},  # noqa: B006 - MMEngine's
        log_processor: dict[str, Any] | None = None,
        log_level: str = "INFO",
        visualizer: Any = None,
        default_scope: str | None = "mmengine",
        randomness: dict[str, Any] = {"seed": None},  # noqa: B006 - MMEngine's
        compile: bool | dict[str, Any] = False,  # noqa: A002 - MMEngine's
        cfg: Any = None,
        loss: Any = None,
    ) -> None:
        given = {key: value for key, value in locals().items() if key in _RUNNERS}
        given["cfg"] = _with_compile(cfg, compile)
        given["launcher"] = launcher or "none"
        given["default_scope"] = default_scope or "mmengine"
        super().__init__(model, work_dir, **given)

    @classmethod
    def from_cfg(cls, cfg: Any) -> FlexibleRunner:
        """Return the runner that a config describes; ``work_dir`` may be missing.

        Raises:
            KeyError: ``model`` is missing.
        """
        given = deepcopy(cfg)
        given.setdefault("work_dir", "work_dirs")
        made = super().from_cfg(given)
        assert isinstance(made, cls)
        return made

    def build_strategy(
        self,
        strategy: BaseStrategy | dict[str, Any] | None = None,
        launcher: str = "none",
        randomness: dict[str, Any] | None = None,
        env_cfg: dict[str, Any] = {"dist_cfg": {"backend": "nccl"}},  # noqa: B006 - MMEngine's
        experiment_name: str | None = None,
        log_level: str | None = None,
    ) -> BaseStrategy:
        """Return what places the model; the process is set up, named and seeded already."""
        return super().build_strategy(strategy)


_RUNNERS = frozenset(
    name
    for name in FlexibleRunner.__init__.__kwdefaults__ or {}
    if name not in ("work_dir", "compile")
)


def _with_compile(cfg: Any, given: bool | Mapping[str, Any]) -> Any:
    """The config, with ``compile`` in it where a Runner reads it."""
    if not given:
        return cfg
    made = deepcopy(cfg) if isinstance(cfg, Config) else Config(dict(cfg or {}))
    made["compile"] = given
    return made
