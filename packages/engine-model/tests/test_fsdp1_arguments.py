"""MMEngine's arguments of a fully sharded model mean the same, or are refused."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch.distributed.fsdp import CPUOffload, MixedPrecision, ShardingStrategy

from engine_model.fsdp1_arguments import options_of_wrapper
from engine_model.sharding import ShardOptions


@pytest.mark.parametrize(
    ("given", "means"),
    [
        ({"type": "MMFullyShardedDataParallel"}, {}),
        ({"use_orig_params": True, "sync_module_states": True, "limit_all_gathers": True}, {}),
        ({"sharding_strategy": "FULL_SHARD"}, {}),
        ({"sharding_strategy": "SHARD_GRAD_OP"}, {"reshard_after_forward": False}),
        (
            {"sharding_strategy": ShardingStrategy.SHARD_GRAD_OP},
            {"reshard_after_forward": False},
        ),
        ({"sharding_strategy": "HYBRID_SHARD"}, {"replicate": "node"}),
        ({"cpu_offload": True}, {"cpu_offload": True}),
        ({"cpu_offload": CPUOffload(offload_params=True)}, {"cpu_offload": True}),
        ({"cpu_offload": {"offload_params": True}}, {"cpu_offload": True}),
        ({"auto_wrap_policy": "Block"}, {"wrap_policy": "Block"}),
        ({"backward_prefetch": "torch.distributed.fsdp.BackwardPrefetch.BACKWARD_PRE"}, {}),
        ({"replicate": 2, "ignored": ("head.*",)}, {"replicate": 2, "ignored": ("head.*",)}),
    ],
)
def test_arguments_are_translated(given: dict[str, Any], means: dict[str, Any]) -> None:
    assert options_of_wrapper(given) == ShardOptions(**means)


@pytest.mark.parametrize(
    "given",
    [
        {"param_dtype": "torch.bfloat16", "reduce_dtype": "float32", "buffer_dtype": "float32"},
        MixedPrecision(param_dtype=torch.bfloat16, reduce_dtype=torch.float32),
    ],
)
def test_mixed_precision_is_translated(given: Any) -> None:
    assert options_of_wrapper({"mixed_precision": given}).computes_in is torch.bfloat16


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"sharding_strategy": "NO_SHARD"}, "use DDPStrategy"),
        ({"sharding_strategy": "SHARD"}, "must be one of FULL_SHARD"),
        ({"backward_prefetch": "BACKWARD_POST"}, "no backward_prefetch='BACKWARD_POST'"),
        ({"process_group": (1, 2)}, "give replicate=N"),
        ({"param_init_fn": print}, "give init='meta'"),
        ({"ignored_modules": ["head"]}, "give ignored="),
        ({"mixed_precision": {"buffer_dtype": "bfloat16"}}, "leaves buffers in their dtype"),
        ({"mixed_precision": {"param_dtype": "int8"}}, "param_dtype must be one of"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_do_instead(
    given: dict[str, Any], says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        _ = options_of_wrapper(given).computes_in


@pytest.mark.parametrize("given", [{"cpu_ofload": True}, {"mixed_precision": {"dtype": "half"}}])
def test_unknown_names_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match=r"has no (argument|setting)"):
        _ = options_of_wrapper(given).computes_in
