"""Layers spread over teams of processes, and the weights over all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from torch import nn

from engine_dist import get_world_size
from engine_dist.shards import is_sharded
from engine_model.sharding import ShardOptions
from engine_runner.strategy.base import optimizers_of
from engine_runner.strategy.fsdp import FSDPStrategy
from engine_runner.strategy.mesh import data_mesh
from engine_runner.strategy.parallel_styles import layers_of_plan, style_of
from engine_runner.strategy.request import StrategyRequest

__all__ = ["TensorParallelStrategy"]


class TensorParallelStrategy(FSDPStrategy):
    """Tensor parallelism (Shoeybi et al., arXiv:1909.08053), with FSDP2 between the teams.

    The processes of a team, neighbours by rank, hold each a part of the layers of the plan, and
    work on the same samples together; over the teams what a process holds is sharded once more.

    Args:
        plan: how layers are spread: names of submodules or patterns, each with a style: "colwise",
            "rowwise", "sequence", "prepare_input", "prepare_output", "prepare_input_output", or a
            dict with one as its type and the arguments of torch's class.
        size: how many processes are a team.
        options: of `FSDPStrategy`.

    Raises:
        TypeError, ValueError: the plan is wrong, or there is no whole number of teams.
    """

    def __init__(self, *, plan: Mapping[str, Any], size: int, **options: Any) -> None:
        super().__init__(**options)
        if not plan:
            raise ValueError(
                "plan is empty: give styles by names of layers, such as {'layers.*.up': 'colwise', "
                "'layers.*.down': 'rowwise'}, or use FSDPStrategy"
            )
        self.plan = {name: style_of(style) for name, style in plan.items()}
        self.size = size

    def cannot(self, request: StrategyRequest) -> Iterator[str]:
        """Yield what tensor parallelism can't do."""
        yield from super().cannot(request)
        if request.diff_rank_seed:
            yield (
                "work with randomness=dict(diff_rank_seed=True), since the processes of a team "
                "have to draw the same: leave it away; per_sample=True lets samples differ"
            )

    def data_group(self) -> Any:
        """Return the group of the processes that have the same place in their teams."""
        mesh = self._data_mesh()
        return mesh.get_group() if mesh.ndim == 1 else mesh._flatten("data").get_group()

    def join(self, model: nn.Module, optim_wrapper: Any) -> tuple[nn.Module, Any]:
        """Let the optimizer take one weight after the other where they are spread differently."""
        spread: list[Any] = [each for each in model.parameters() if is_sharded(each)]
        meshes = {each.device_mesh for each in spread}
        if len(meshes) > 1:
            for optimizer in optimizers_of(optim_wrapper):
                for group in optimizer.param_groups:
                    if "foreach" in group and not group.get("fused"):
                        group["foreach"] = False
        return super().join(model, optim_wrapper)

    def _shape(self, options: ShardOptions) -> dict[str, int]:
        processes = get_world_size()
        if not isinstance(self.size, int) or self.size < 1 or processes % self.size:
            raise ValueError(
                f"size, of a team, must divide the {processes} processes, got {self.size!r}"
            )
        return {**data_mesh(options.replicate, processes // self.size), "tensor": self.size}

    def _arrange(self) -> None:
        is_new = self.mesh is None
        super()._arrange()
        if is_new:
            self.mesh._flatten("all")  # torch then reduces over all in one message

    def _data_mesh(self) -> Any:
        self._arrange()
        names = tuple(name for name in self.mesh.mesh_dim_names if name != "tensor")
        return self.mesh[names]

    def _spread(self, model: nn.Module) -> None:
        """Spread the layers of the plan over the team."""
        from torch.distributed.tensor.parallel import parallelize_module

        parallelize_module(model, self.mesh["tensor"], layers_of_plan(model, self.plan))
