"""MMEngine's wrapper around a model whose weights are spread over processes."""

from __future__ import annotations

from typing import Any

from torch import nn

from engine_dist import broadcast, get_world_size
from engine_dist.accelerator import get_device
from engine_dist.shards import tensors_of
from engine_model.fsdp1_arguments import options_of_wrapper
from engine_model.sharding import shard_model
from engine_model.wrapped_steps import ModelSteps

__all__ = ["MMFullyShardedDataParallel"]


class MMFullyShardedDataParallel(ModelSteps, nn.Module):
    """A model that torch's FSDP2 has sharded, with the arguments that FSDP1 had.

    Training by `FSDPStrategy` needs no wrapper; this is for code that makes one. Every process has
    to call each step, validation too, as weights are gathered.

    Args:
        module: the model; all processes get the main one's weights.
        process_group: only None: all processes; for hybrid sharding give ``replicate``.
        sharding_strategy: FULL_SHARD, SHARD_GRAD_OP or HYBRID_SHARD, torch's or by name.
        cpu_offload: whether weights, gradients and the optimizer stay in the host's memory.
        auto_wrap_policy: which parts are gathered each by itself; see `shard_units`.
        backward_prefetch: only BACKWARD_PRE or None, which are the same.
        mixed_precision: torch's MixedPrecision, or its arguments, dtypes by name.
        param_init_fn: only None.
        use_orig_params: no matter what: weights keep names and shapes.
        kwargs: of FSDP1, or of `ShardOptions`.

    Raises:
        TypeError, ValueError: FSDP2 can't do what an argument asks for.
        RuntimeError: there is no process group.
    """

    def __init__(
        self,
        module: nn.Module,
        process_group: Any = None,
        sharding_strategy: Any = None,
        cpu_offload: Any = None,
        auto_wrap_policy: Any = None,
        backward_prefetch: Any = None,
        mixed_precision: Any = None,
        param_init_fn: Any = None,
        use_orig_params: bool = True,
        **kwargs: Any,
    ) -> None:
        from torch.distributed.device_mesh import init_device_mesh

        super().__init__()
        options = options_of_wrapper(
            {
                "process_group": process_group,
                "sharding_strategy": sharding_strategy,
                "cpu_offload": cpu_offload,
                "auto_wrap_policy": auto_wrap_policy,
                "backward_prefetch": backward_prefetch,
                "mixed_precision": mixed_precision,
                "param_init_fn": param_init_fn,
                "use_orig_params": use_orig_params,
                **kwargs,
            }
        )
        if options.replicate != 1:
            raise ValueError("hybrid sharding is for FSDPStrategy: strategy=dict(replicate=...)")
        for value in tensors_of(module).values():
            broadcast(value)
        mesh = init_device_mesh(get_device(), (get_world_size(),), mesh_dim_names=("shard",))
        self.module: Any = shard_model(module, mesh, options)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Call the model."""
        return self.module(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        try:
            return super().__getattr__(name)
        except AttributeError:
            if name == "module":
                raise
            return getattr(self.module, name)
