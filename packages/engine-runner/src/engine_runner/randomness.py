"""Seeds, and the state of every random number generator of this process."""

from __future__ import annotations

import os
import random
from typing import Any

import numpy as np
import torch
from torch import Tensor

from engine_dist import get_rank, sync_random_seed
from engine_logging import print_log

__all__ = [
    "rng_state",
    "set_random_seed",
    "set_rng_state",
    "try_rng_state",
]


def set_random_seed(
    seed: int | None = None, deterministic: bool = False, diff_rank_seed: bool = False
) -> int:
    """Seed Python's, numpy's and torch's generators, those of all devices among them.

    Args:
        seed: from 0 to 2**32 - 1; None takes a random one, the same on all ranks.
        deterministic: let torch use deterministic algorithms only, and let cuDNN not benchmark.
        diff_rank_seed: add the rank to the seed.

    Returns:
        The seed without the rank.

    Raises:
        TypeError: ``seed`` is no int.
        ValueError: ``seed`` is out of range.
    """
    if seed is None:
        seed = sync_random_seed()
    if not isinstance(seed, int) or isinstance(seed, bool):
        raise TypeError(f"randomness: the seed must be an int or None, got {seed!r}")
    if not 0 <= seed < 2**32:
        raise ValueError(f"randomness: the seed must lie in [0, 2**32), got {seed}")
    own = (seed + get_rank()) % 2**32 if diff_rank_seed else seed
    random.seed(own)
    np.random.seed(own)
    torch.manual_seed(own)
    if deterministic:
        _make_deterministic()
    return seed


def _make_deterministic() -> None:
    # What cuBLAS needs to be told before its first use.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    if torch.backends.cudnn.benchmark:
        print_log(
            "torch.backends.cudnn.benchmark is switched off: randomness asks for deterministic",
            logger="current",
        )
        torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.deterministic = True
    torch.use_deterministic_algorithms(True)


def rng_state(*, with_devices: bool = True) -> dict[str, Any]:
    """Return the state of this process's generators, as plain data and tensors of fixed sizes.

    Args:
        with_devices: whether those of the devices are part of it.

    Returns:
        ``python``, ``numpy`` and ``torch``, and ``devices``: a state for each device of the
        accelerator that this process has used.
    """
    version, numbers, gauss = random.getstate()
    numpy_state: Any = np.random.get_state(legacy=True)
    kind, keys, position, has_gauss, cached = numpy_state
    state: dict[str, Any] = {
        "python": [version, _as_tensor(np.array(numbers, dtype=np.uint32)), gauss],
        "numpy": [kind, _as_tensor(keys), position, has_gauss, cached],
        "torch": torch.get_rng_state(),
        "devices": [],
    }
    if with_devices:
        state["devices"] = _device_states()
    return state


def set_rng_state(state: dict[str, Any]) -> None:
    """Put this process's generators into a state that `rng_state` returned."""
    version, numbers, gauss = state["python"]
    random.setstate((version, tuple(_as_array(numbers).tolist()), gauss))
    kind, keys, position, has_gauss, cached = state["numpy"]
    np.random.set_state((kind, _as_array(keys), position, has_gauss, cached))
    torch.set_rng_state(state["torch"].cpu())
    devices = [each.cpu() for each in state["devices"]]
    module = _device_module()
    if not devices or module is None:
        return
    if not hasattr(module, "set_rng_state_all"):
        module.set_rng_state(devices[0])
    elif len(devices) == module.device_count():
        module.set_rng_state_all(devices)


def try_rng_state(state: dict[str, Any]) -> None:
    """Fail now if a state is none that generators can be put into; they stay as they are.

    Raises:
        Exception: whatever a generator says of it.
    """
    before = rng_state()
    try:
        set_rng_state(state)
    finally:
        set_rng_state(before)


def _device_states() -> list[Tensor]:
    module = _device_module()
    if module is None or not getattr(module, "is_initialized", lambda: True)():
        return []
    if not hasattr(module, "get_rng_state_all"):  # mps has one device
        return [module.get_rng_state()]
    found: list[Tensor] = module.get_rng_state_all()
    return found


def _device_module() -> Any:
    """The module of the accelerator, such as torch.cuda; None where there is none."""
    if not torch.accelerator.is_available():
        return None
    accelerator: Any = torch.accelerator.current_accelerator()
    module = torch.get_device_module(accelerator)
    return module if hasattr(module, "get_rng_state") else None


def _as_tensor(keys: Any) -> Tensor:
    return torch.from_numpy(keys.view(np.int32).copy())  # torch saves no uint32 everywhere


def _as_array(keys: Tensor) -> Any:
    return keys.cpu().numpy().view(np.uint32)
