"""torchao's optimizers train sharded weights, and their checkpoints need no torchao."""

from __future__ import annotations

from pathlib import Path

import few_bits
import torch
from contract import STOP, Case

import engine_dist
from engine_checkpoint import read_file

FSDP = {"type": "FSDPStrategy", "wrap_policy": "Block"}


def test_a_state_of_few_bits_is_plain_in_checkpoints_and_resumed(tmp_path: Path) -> None:
    case = Case(name="few_bits", processes=2, strategy=FSDP, spread=True)
    arguments = (case, str(tmp_path))
    found = engine_dist.launch(
        few_bits.broken_and_not,
        2,
        arguments,
        backend="gloo",
        start_method="forkserver",
        timeout=300,
    )[0]
    for name, value in found["unbroken"].items():
        resumed = torch.tensor(found["resumed"][name])
        torch.testing.assert_close(resumed, torch.tensor(value), rtol=0.05, atol=0.01)
    assert found["kinds"] == {"OptimState8bit", "Tensor"}  # after it was resumed, too
    states = read_file(tmp_path / "unbroken" / f"iter_{STOP}.pth")["optimizer"]["state"]
    assert states
    assert {type(value) for state in states.values() for value in state.values()} == {torch.Tensor}
