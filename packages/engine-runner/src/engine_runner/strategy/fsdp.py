"""The weights of one model spread over the processes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
import torch._functorch.config
from torch import nn

from engine_dist import broadcast, get_world_size
from engine_dist.shards import tensors_of
from engine_model import convert_sync_batchnorm
from engine_model.activation_checkpointing import turn_on_activation_checkpointing
from engine_model.fsdp1_arguments import options_of_wrapper
from engine_model.meta import built_on_meta, drawn_whole, materialise
from engine_model.shard_units import shard_units
from engine_model.sharding import ShardOptions, shard_model
from engine_optim.external_optimizers import OPTIONAL
from engine_runner.strategy.base import BaseStrategy, optimizers_of
from engine_runner.strategy.checkpoint_kind import checkpoint_kind
from engine_runner.strategy.mesh import data_mesh, make_mesh
from engine_runner.strategy.request import StrategyRequest

__all__ = ["FSDPStrategy"]


class FSDPStrategy(BaseStrategy):
    """Fully sharded data-parallel training by torch's FSDP2 (Zhao et al., arXiv:2304.11277).

    The model stays what it was, with DTensors for weights. It is initialised before it is sharded,
    so that it begins with the weights that a single process would give it.

    Args:
        model_wrapper: MMEngine's arguments, those of torch's FSDP1; they are translated.
        skip_init_weights: whether the model's ``init_weights`` isn't called.
        state_dict_cfg: "full" for checkpoints of one file, "sharded" (MMEngine: "local") for a
            folder to which each rank writes its part.
        activation_checkpointing: the parts that forget their activations, as `wrap_policy`.
        init: "full" builds the whole model in each process, before it is sharded; "meta" gives
            memory to each process's part alone, for models that are larger than that of a host.
            With skip_init_weights it holds NaN until weights are loaded.
        sync_bn: "torch" or "mmcv" to compute batch normalisation over all processes.
        options: of `ShardOptions`.
    """

    def __init__(
        self,
        *,
        model_wrapper: dict[str, Any] | None = None,
        skip_init_weights: bool = False,
        state_dict_cfg: str | dict[str, Any] = "full",
        activation_checkpointing: Any = None,
        init: str = "full",
        sync_bn: str | None = None,
        **options: Any,
    ) -> None:
        self.model_wrapper = model_wrapper
        self.skip_init_weights = skip_init_weights
        self.state_dict_type = checkpoint_kind(state_dict_cfg)
        self.activation_checkpointing = activation_checkpointing
        self.sync_bn = sync_bn
        if init not in ("full", "meta"):
            raise ValueError(f"FSDPStrategy: init must be 'full' or 'meta', got {init!r}")
        self.init = init
        self._options = options
        self.mesh: Any = None

    @property
    def options(self) -> ShardOptions:
        """How the model is sharded."""
        if self.model_wrapper is not None:
            return options_of_wrapper({**self.model_wrapper, **self._options})
        return ShardOptions(**self._options)

    def cannot(self, request: StrategyRequest) -> Iterator[str]:
        """Yield what FSDP2 can't do."""
        self._arrange()  # refuses processes that can't be arranged, or aren't there
        if "ZeroRedundancyOptimizer" in request.optimizer_types():
            yield (
                "work with ZeroRedundancyOptimizer, which spreads an optimizer whose weights are "
                "whole: give the optimizer of its optimizer_type itself, its state is sharded too"
            )
        for name in request.optimizer_types():
            if OPTIONAL.get(name, ("",))[0].startswith("bitsandbytes"):
                yield (
                    f"work with {name} of bitsandbytes, which knows no spread weights: use "
                    "torchao's, such as dict(type='ao_AdamW8bit', ...), or DDPStrategy"
                )
        if isinstance(request.compile, Mapping) and request.compile.get("target") == "train_step":
            yield (
                "compile a whole train_step, as gathering weights breaks its graph: compile the "
                "parts that are gathered, such as compile=dict(modules='layers.*')"
            )
        if request.efficient_conv_bn_eval:
            yield (
                "work with efficient_conv_bn_eval, which computes with weights past the modules "
                "that gather them: leave it away, or use DDPStrategy"
            )
        wrappers = request.optim_wrapper_types()
        if "ApexOptimWrapper" in wrappers:
            yield (
                "work with ApexOptimWrapper, which replaces the weights: use AmpOptimWrapper, or "
                "mixed_precision='bfloat16' of the strategy"
            )
        if self.options.computes_in == torch.float16 and "OptimWrapper" in wrappers:
            yield (
                "train in float16 without a scaled loss, as small gradients vanish: use "
                "dict(type='AmpOptimWrapper', dtype='float16', ...), or bfloat16"
            )

    def building(self) -> AbstractContextManager[Any]:
        """Return the context in which the model gets no memory for its weights, or none."""
        return built_on_meta() if self.init == "meta" else nullcontext()

    def convert_model(self, model: nn.Module) -> nn.Module:
        """Return the model where it was built: its parts go to the device as they are sharded."""
        model = model if self.sync_bn is None else convert_sync_batchnorm(model, self.sync_bn)
        if self.activation_checkpointing is not None:
            parts = shard_units(model, _checked_parts(self.activation_checkpointing))
            turn_on_activation_checkpointing(model, parts)
        return model

    def wrap(self, model: nn.Module) -> nn.Module:
        """Return the same model, initialised and sharded."""
        self._arrange()
        options = self.options
        is_empty = any(each.is_meta for each in model.parameters())
        if not is_empty:
            self._initialise(model)
        self._make_same(model)
        self._spread(model)
        shard_model(model, self._data_mesh(), options)
        if is_empty:
            self._materialise(model, offload=options.cpu_offload)
        if not options.cpu_offload:
            return model.to(self.device)
        preprocessor = getattr(model, "data_preprocessor", None)
        if isinstance(preprocessor, nn.Module):
            preprocessor.to(self.device)
        return model

    def join(self, model: nn.Module, optim_wrapper: Any) -> tuple[nn.Module, Any]:
        """Let torchao's optimizers compile their steps anew, which takes some seconds more.

        A rank may hold no row of a small weight. torch 2.13 lets it read the step that another rank
        compiled for more rows out of the cache on disk, and that one ends in a segmentation fault.
        """
        optimizers = optimizers_of(optim_wrapper)
        if any(type(each).__module__.startswith("torchao.") for each in optimizers):
            torch._functorch.config.enable_autograd_cache = False
        return model, optim_wrapper

    def init_weights(self, model: nn.Module) -> None:
        """Do nothing: `wrap` has initialised them."""

    def _arrange(self) -> None:
        """Make the mesh of processes, once."""
        if self.mesh is None:
            self.mesh = make_mesh(self.device.type, self._shape(self.options))

    def _shape(self, options: ShardOptions) -> dict[str, int]:
        """How many processes there are along each dimension of the mesh."""
        return data_mesh(options.replicate, get_world_size())

    def _data_mesh(self) -> Any:
        """The part of the mesh over which weights are sharded."""
        return self.mesh

    def _spread(self, model: nn.Module) -> None:
        """Spread the model over the part of the mesh that isn't sharded over; here there's none."""

    def _initialise(self, model: Any) -> None:
        """Let the model initialise its weights, if it knows how."""
        if hasattr(model, "init_weights") and not self.skip_init_weights:
            model.init_weights()

    def _make_same(self, model: nn.Module) -> None:
        """Let all ranks have the main one's weights, as far as there are any."""
        for value in tensors_of(model).values():
            if not value.is_meta:
                broadcast(value)

    def _materialise(self, model: Any, *, offload: bool) -> None:
        """Give this rank's parts memory and values."""
        device = torch.device("cpu") if offload else self.device
        materialise(model, device, draw=not self.skip_init_weights)
        if hasattr(model, "init_weights") and not self.skip_init_weights:
            with drawn_whole():
                model.init_weights()


def _checked_parts(given: Any) -> Any:
    """Which parts forget their activations: MMEngine says it by a ``check_fn`` of a module."""
    if not isinstance(given, Mapping) or "check_fn" not in given:
        return given
    if unknown := [key for key in given if key != "check_fn"]:
        raise TypeError(
            f"activation_checkpointing has no setting {unknown[0]!r}: give check_fn, or names of "
            "classes or submodules"
        )
    check = given["check_fn"]
    if not callable(check):
        return check
    return lambda module, recurse, nonwrapped_numel: recurse or check(module)
