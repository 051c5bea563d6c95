"""Training in DeepSpeed's engine."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from torch import nn

from engine_checkpoint import LoadReport
from engine_model.engine_wrappers import MMDeepSpeedEngineWrapper
from engine_optim.deepspeed import DeepSpeedOptimWrapper
from engine_runner.strategy.deepspeed_state import DeepSpeedState
from engine_runner.strategy.foreign_engine import EngineStrategy
from engine_runner.strategy.request import StrategyRequest

__all__ = ["DeepSpeedStrategy"]

_INSTEAD: Final = {
    "AmpOptimWrapper": "bf16=dict(enabled=True) or fp16=dict(enabled=True) of the strategy",
    "ApexOptimWrapper": "bf16=dict(enabled=True) or fp16=dict(enabled=True) of the strategy",
    "OptimWrapperDict": "DDPStrategy or FSDPStrategy, which train with several optimizers",
}
_HALF: Final = ("fp16", "bf16")


class DeepSpeedStrategy(EngineStrategy):
    """Data-parallel training in DeepSpeed's engine, with ZeRO (arXiv:1910.02054).

    Gradient accumulation and clipping are those of the optimizer wrapper, or of DeepSpeed's config.
    A checkpoint is one file, as a single process writes it, and resumes under any strategy: weights
    and optimizer state are put together on the main rank, one tensor after the other.

    Args:
        config: DeepSpeed's own, or the address of one in JSON. The other arguments are keys of it.
        zero_optimization: such as ``dict(stage=2)``; stages 0 to 3.
        gradient_clipping: the greatest norm of the gradients.
        fp16: such as ``dict(enabled=True)``; needs stage 1 or more, as does ``bf16``.
        inputs_to_half: in half precision, which arguments of the model are cast, by name or place;
            None casts all that are floating-point numbers.
        bf16: such as ``dict(enabled=True)``.
        amp: see DeepSpeed's documentation.
        activation_checkpointing: see DeepSpeed's documentation.
        aio: see DeepSpeed's documentation.
        train_micro_batch_size_per_gpu: a batch of one process; for DeepSpeed's reports alone.
        gradient_accumulation_steps: losses to a step, if the optimizer wrapper doesn't say it.
        steps_per_print: optimizer steps between DeepSpeed's own log lines.
        exclude_frozen_parameters: whether weights that aren't trained are left out of checkpoints.
        kwargs: further keys of DeepSpeed's config.

    Raises:
        ImportError: DeepSpeed isn't installed.
        TypeError, ValueError: the config is none, or has what belongs elsewhere.
    """

    def __init__(
        self,
        *,
        config: str | dict[str, Any] | None = None,
        zero_optimization: dict[str, Any] | None = None,
        gradient_clipping: float | None = None,
        fp16: dict[str, Any] | None = None,
        inputs_to_half: list[int | str] | None = None,
        bf16: dict[str, Any] | None = None,
        amp: dict[str, Any] | None = None,
        activation_checkpointing: dict[str, Any] | None = None,
        aio: dict[str, Any] | None = None,
        train_micro_batch_size_per_gpu: int | None = None,
        gradient_accumulation_steps: int | None = None,
        steps_per_print: int = 10_000_000_000_000,
        exclude_frozen_parameters: bool | None = None,
        **kwargs: Any,
    ) -> None:
        if find_spec("deepspeed") is None:
            raise ImportError(
                "DeepSpeedStrategy needs a package: pip install --no-build-isolation deepspeed"
            )
        given = {
            "zero_optimization": zero_optimization,
            "gradient_clipping": gradient_clipping,
            "fp16": fp16,
            "bf16": bf16,
            "amp": amp,
            "activation_checkpointing": activation_checkpointing,
            "aio": aio,
            "train_micro_batch_size_per_gpu": train_micro_batch_size_per_gpu,
            "gradient_accumulation_steps": gradient_accumulation_steps,
            **kwargs,
        }
        self.config = {"steps_per_print": steps_per_print, **_read(config)}
        self.config |= {key: value for key, value in given.items() if value is not None}
        for key in ("optimizer", "scheduler"):
            if key in self.config:
                raise ValueError(
                    f"DeepSpeedStrategy: {key} is in DeepSpeed's config, and belongs into "
                    f"{'optim_wrapper' if key == 'optimizer' else 'param_scheduler'} of the runner"
                )
        self.inputs_to_half = inputs_to_half
        self.exclude_frozen_parameters = bool(exclude_frozen_parameters)
        self._state: DeepSpeedState | None = None
        if self._is_half and not self.zero_stage:
            raise ValueError(
                "DeepSpeedStrategy: half precision needs zero_optimization=dict(stage=1) or more; "
                "stage 1 differs from 0 in that the optimizer's state is shared out"
            )

    @property
    def zero_stage(self) -> int:
        """The stage of ZeRO: what is shared out beside the optimizer's state (1), gradients (2)."""
        return int((self.config.get("zero_optimization") or {}).get("stage", 0))

    @property
    def _is_half(self) -> bool:
        return any((self.config.get(key) or {}).get("enabled") for key in _HALF)

    def cannot(self, request: StrategyRequest) -> Iterator[str]:
        """Yield what DeepSpeed's engine does in another way, or can't do."""
        for name in request.optim_wrapper_types():
            if name in _INSTEAD:
                yield f"work with {name}: use {_INSTEAD[name]}"
        if self.zero_stage == 3 and "EMAHook" in request.hook_types():
            yield (
                "average weights (EMAHook) in stage 3, where no process holds them: use stage 2, "
                "or FSDPStrategy"
            )
        if self.zero_stage == 3 and request.compile:
            yield (
                "compile in stage 3, which fetches weights in between: use stage 2, or "
                "FSDPStrategy with compile=dict(modules=[...])"
            )

    def join(self, model: nn.Module, optim_wrapper: Any) -> tuple[nn.Module, Any]:
        """Return the model in the engine, and the wrapper that lets the engine step."""
        deepspeed: Any = import_module("deepspeed")
        wrapper = _for_engine(optim_wrapper, self.config)
        groups = [[*group["params"]] for group in wrapper.optimizer.param_groups]
        engine, optimizer, *_ = deepspeed.initialize(
            model=model,
            optimizer=wrapper.optimizer,
            config=self._engine_config(wrapper),
            dist_init_required=False,
        )
        self._state = DeepSpeedState(engine, groups, stage=self.zero_stage)
        wrapper.engine, wrapper.optimizer = engine, optimizer
        return MMDeepSpeedEngineWrapper(model=engine, inputs_to_half=self.inputs_to_half), wrapper

    def _engine_config(self, wrapper: DeepSpeedOptimWrapper) -> dict[str, Any]:
        """DeepSpeed's config; windows of accumulation are reckoned by the wrapper."""
        config = {
            "train_micro_batch_size_per_gpu": 1,
            "gradient_clipping": 0.0,  # DeepSpeed's own default clips
            "zero_allow_untested_optimizer": True,
            "zero_force_ds_cpu_optimizer": False,
            **self.config,
            "gradient_accumulation_steps": 1,
        }
        config.pop("train_batch_size", None)
        if wrapper.clip_grad_kwargs:
            config["gradient_clipping"] = wrapper.clip_grad_kwargs["max_norm"]
        return config

    def model_state(self, model: nn.Module, *, on_cpu: bool = True) -> dict[str, Any]:
        """Return the weights by name, in full precision, on the main rank."""
        if self._state is None:
            return super().model_state(model, on_cpu=on_cpu)
        inner: Any = model.module
        frozen = {name for name, each in inner.named_parameters() if not each.requires_grad}
        without = frozen if self.exclude_frozen_parameters else ()
        return self._state.weights(inner, without=without)

    def load_model_state(
        self, model: nn.Module, state: Mapping[str, Any], *, strict: bool, logger: Any = None
    ) -> LoadReport:
        """Put weights into the model and into the engine's copies in full precision."""
        if self._state is None:
            return super().load_model_state(model, state, strict=strict, logger=logger)
        inner: Any = model.module
        with self._state.whole_weights():
            report = super().load_model_state(inner, state, strict=strict, logger=logger)
        self._state.load_weights(inner, state)
        return report

    def optim_state(self, model: nn.Module, optim_wrapper: Any) -> dict[str, Any]:
        """Return the optimizer's state as torch's own has it, on the main rank."""
        if self._state is None or not self.zero_stage:
            return super().optim_state(model, optim_wrapper)
        return self._state.optimizer()

    def load_optim_state(
        self, model: nn.Module, optim_wrapper: Any, state: Mapping[str, Any]
    ) -> None:
        """Put a state of torch's own kind into the engine's optimizer, to each rank its part."""
        if self._state is None or not self.zero_stage:
            super().load_optim_state(model, optim_wrapper, state)
        else:
            self._state.load_optimizer(state)


def _read(config: str | dict[str, Any] | None) -> dict[str, Any]:
    if config is None or isinstance(config, dict):
        return dict(config or {})
    if not isinstance(config, str):
        raise TypeError(f"DeepSpeedStrategy: config must be a dict or a file, got {config!r:.100}")
    found = json.loads(Path(config).read_text(encoding="utf-8"))
    if not isinstance(found, dict):
        raise ValueError(f"{config} holds no config of DeepSpeed: it is no object of JSON")
    return found


def _for_engine(optim_wrapper: Any, config: Mapping[str, Any]) -> DeepSpeedOptimWrapper:
    """A wrapper for the engine, with what the given one and DeepSpeed's config ask for."""
    clip_grad = dict(optim_wrapper.clip_grad_kwargs) or None
    if clip_grad and (optim_wrapper.grad_name != "grad_norm" or clip_grad.get("norm_type", 2) != 2):
        raise ValueError(
            f"DeepSpeedStrategy clips by the Euclidean norm alone, and clip_grad is {clip_grad}: "
            "use clip_grad=dict(max_norm=...)"
        )
    max_norm, every = config.get("gradient_clipping"), config.get("gradient_accumulation_steps")
    if max_norm and clip_grad and max_norm != clip_grad["max_norm"]:
        raise ValueError(
            f"clip_grad of optim_wrapper says {clip_grad['max_norm']}, and gradient_clipping of "
            f"DeepSpeedStrategy {max_norm}: give one"
        )
    counts = optim_wrapper.accumulative_counts
    if every and counts not in (1, every):
        raise ValueError(
            f"accumulative_counts of optim_wrapper is {counts}, and gradient_accumulation_steps of "
            f"DeepSpeedStrategy {every}: give one"
        )
    return DeepSpeedOptimWrapper(
        optimizer=optim_wrapper.optimizer,
        accumulative_counts=every or counts,
        clip_grad=clip_grad or ({"max_norm": float(max_norm)} if max_norm else None),
    )
