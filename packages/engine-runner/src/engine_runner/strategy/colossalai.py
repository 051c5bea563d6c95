"""Training with ColossalAI's booster."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import torch
from torch import nn

from engine_checkpoint import LoadReport, read_file
from engine_dist import is_main_process
from engine_optim.colossalai import ColossalAIOptimWrapper
from engine_registry import MODEL_WRAPPERS
from engine_runner.strategy.foreign_engine import EngineStrategy
from engine_runner.strategy.request import StrategyRequest

__all__ = ["ColossalAIStrategy"]

_PLUGINS: Final = {
    "gemini": "GeminiPlugin",
    "lowlevel-zero": "LowLevelZeroPlugin",
    "torch-ddp": "TorchDDPPlugin",
    "torch-fsdp": "TorchFSDPPlugin",
}
_ON_CPU: Final = "TorchDDPPlugin"
_WRAPPERS: Final = ("OptimWrapper", "ColossalAIOptimWrapper")


class ColossalAIStrategy(EngineStrategy):
    """Training with a plug-in of ColossalAI's booster (Li et al., arXiv:2110.14883).

    Checkpoints are one file, as a single process writes it.

    Args:
        config: None; ColossalAI no longer has one.
        mixed_precision: as the booster knows it: "fp16", "bf16", or its arguments.
        plugin: "gemini", "lowlevel-zero", "torch-ddp", "torch-fsdp", or the config of a plug-in,
            such as ``dict(type="LowLevelZeroPlugin", stage=2, max_norm=1.0)``. All but "torch-ddp"
            need an accelerator.
        model_wrapper: config of the wrapper; by default `ColossalAIModelWrapper`.

    Raises:
        ImportError: ColossalAI isn't installed.
        RuntimeError: the plug-in needs an accelerator, and there is none.
        TypeError, ValueError: there is no such plug-in or argument.
    """

    def __init__(
        self,
        *,
        config: str | dict[str, Any] | None = None,
        mixed_precision: str | dict[str, Any] | None = None,
        plugin: str | dict[str, Any] = "gemini",
        model_wrapper: dict[str, Any] | None = None,
    ) -> None:
        if config is not None:
            raise TypeError(
                "ColossalAIStrategy: config was for ColossalAI before its booster; give plugin, "
                "such as dict(type='LowLevelZeroPlugin', stage=2), and mixed_precision"
            )
        self.plugin = {"type": plugin} if isinstance(plugin, str) else dict(plugin)
        self.plugin["type"] = _PLUGINS.get(self.plugin["type"], self.plugin["type"])
        self.mixed_precision = mixed_precision
        self.model_wrapper = model_wrapper
        if find_spec("colossalai") is None:
            raise ImportError(
                "ColossalAIStrategy needs a package: pip install --no-deps colossalai, and what it "
                "imports; its own requirements want an old torch"
            )
        if self.plugin["type"] != _ON_CPU and not torch.accelerator.is_available():
            raise RuntimeError(
                f"ColossalAI's {self.plugin['type']} needs a CUDA or NPU device, and there is "
                "none: use plugin='torch-ddp' here, or FSDPStrategy to share weights out"
            )
        self._booster: Any = None
        self._optimizer: Any = None

    def cannot(self, request: StrategyRequest) -> Iterator[str]:
        """Yield what the booster does by itself."""
        for name in request.optim_wrapper_types():
            if name not in _WRAPPERS:
                yield (
                    f"work with {name}: use OptimWrapper, for mixed precision with "
                    "mixed_precision='bf16' of the strategy; for several optimizers, DDPStrategy"
                )

    def join(self, model: nn.Module, optim_wrapper: Any) -> tuple[nn.Module, Any]:
        """Return the model in the booster's wrapper, and the optimizer in ours for the booster."""
        clips = dict(optim_wrapper.clip_grad_kwargs)
        if clips and self.plugin["type"] != _ON_CPU:
            raise ValueError(
                f"ColossalAI's {self.plugin['type']} clips by itself, and optim_wrapper has "
                f"clip_grad={clips}: give max_norm to the plugin"
            )
        booster_module: Any = import_module("colossalai.booster")
        self._booster = booster_module.Booster(
            plugin=_plugin(self.plugin), mixed_precision=self.mixed_precision
        )
        boosted, optimizer, *_ = self._booster.boost(model, optim_wrapper.optimizer)
        self._optimizer = optimizer
        config = self.model_wrapper or {"type": "ColossalAIModelWrapper"}
        wrapped = MODEL_WRAPPERS.build({"model_wrapper": boosted, "model": model, **config})
        if clips:
            clips["type"] = optim_wrapper.grad_name.removeprefix("grad_")
        return wrapped, ColossalAIOptimWrapper(
            optimizer=optimizer,
            booster=self._booster,
            accumulative_counts=optim_wrapper.accumulative_counts,
            clip_grad=clips or None,
        )

    def model_state(self, model: Any, *, on_cpu: bool = True) -> dict[str, Any]:
        """Return the weights by name, as the booster puts them together, on the main rank."""
        if self._booster is None:
            return super().model_state(model, on_cpu=on_cpu)
        return _written(lambda path: self._booster.save_model(model.model, path, shard=False))

    def load_model_state(
        self, model: Any, state: Mapping[str, Any], *, strict: bool, logger: Any = None
    ) -> LoadReport:
        """Put weights into the model; what the plug-in shares out, each rank its part."""
        if self._booster is None or self.plugin["type"] == _ON_CPU:
            inner = model if self._booster is None else model.module
            return super().load_model_state(inner, state, strict=strict, logger=logger)
        _read(state, lambda path: self._booster.load_model(model.model, path, strict=strict))
        return LoadReport(num_loaded=len(state), missing=[], unexpected=[], wrong_shape=[])

    def optim_state(self, model: Any, optim_wrapper: Any) -> dict[str, Any]:
        """Return the optimizer's state, as the booster puts it together, on the main rank."""
        optimizer = self._optimizer
        return _written(lambda path: self._booster.save_optimizer(optimizer, path, shard=False))

    def load_optim_state(self, model: Any, optim_wrapper: Any, state: Mapping[str, Any]) -> None:
        """Put a state into the optimizer; what the plug-in shares out, each rank its part."""
        _read(state, lambda path: self._booster.load_optimizer(self._optimizer, path))


def _plugin(config: Mapping[str, Any]) -> Any:
    arguments = dict(config)
    plugins: Any = import_module("colossalai.booster.plugin")
    name = arguments.pop("type")
    if not hasattr(plugins, name):
        known = ", ".join([*_PLUGINS, *_PLUGINS.values()])
        raise ValueError(f"ColossalAI has no plug-in {name!r}; there are {known}")
    return getattr(plugins, name)(**arguments)


def _written(write: Callable[[str], None]) -> dict[str, Any]:
    """What the booster writes into a file; on other ranks than the main one, nothing."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "state.bin")
        write(str(path))
        return dict(read_file(path, "cpu")) if is_main_process() else {}


def _read(state: Mapping[str, Any], read: Callable[[str], None]) -> None:
    """Let the booster read what a checkpoint holds."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "state.bin")
        torch.save(dict(state), path)
        read(str(path))
