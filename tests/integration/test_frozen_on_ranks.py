"""A layer that `custom_keys` freezes, in two processes that average their gradients."""

from __future__ import annotations

from pathlib import Path

import frozen

from engine_dist import launch


def test_a_layer_that_custom_keys_freeze_stays_as_it_is_on_every_rank(tmp_path: Path) -> None:
    given = (str(tmp_path),)
    first, second = launch(
        frozen.training, 2, given, backend="gloo", start_method="forkserver", timeout=120
    )
    assert first["wrapper"] == "MMDistributedDataParallel"
    assert first["as before"] == ["frozen.weight", "frozen.bias"]
    assert first == second
