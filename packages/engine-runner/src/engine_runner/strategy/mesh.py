"""How processes are arranged."""

from __future__ import annotations

from typing import Any

from engine_dist import get_local_size, get_world_size, is_distributed

__all__ = ["data_mesh", "make_mesh"]


def make_mesh(device_type: str, sizes: dict[str, int]) -> Any:
    """Return torch's DeviceMesh of all processes; every process has to call it.

    Args:
        device_type: "cpu", "cuda", ...
        sizes: how many processes along each dimension, outermost first, by its name.

    Raises:
        RuntimeError: there is no process group.
        ValueError: they aren't as many as there are processes.
    """
    from torch.distributed.device_mesh import init_device_mesh

    if not is_distributed():
        raise RuntimeError(
            "a model is sharded over the processes of a group, and there is none: start with "
            "`engine train CONFIG --nproc N`, or torchrun and launcher='pytorch', or train with "
            "SingleDeviceStrategy"
        )
    product, world_size = 1, get_world_size()
    for name, size in sizes.items():
        if not isinstance(size, int) or size < 1:
            raise ValueError(f"{name} must be a positive number of processes, got {size!r}")
        product *= size
    if product != world_size:
        shown = " x ".join(f"{name} {size}" for name, size in sizes.items())
        raise ValueError(f"there are {world_size} processes, not {shown}")
    return init_device_mesh(device_type, tuple(sizes.values()), mesh_dim_names=tuple(sizes))


def data_mesh(replicate: int | str, processes: int) -> dict[str, int]:
    """Return the dimensions of ``processes`` that each have a part of each of several copies.

    Args:
        replicate: how many copies, or "node" for one on each node.
        processes: how many processes.

    Raises:
        ValueError: it doesn't divide.
    """
    if replicate == "node":
        replicate = max(1, processes // get_local_size())
    if not isinstance(replicate, int) or replicate < 1 or processes % replicate:
        raise ValueError(
            f"replicate must be 'node' or divide the {processes} processes, got {replicate!r}"
        )
    if replicate == 1:
        return {"shard": processes}
    return {"replicate": replicate, "shard": processes // replicate}
