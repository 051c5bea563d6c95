"""A model gets memory for the part of it that a process has, when it is built and when loaded."""

from __future__ import annotations

from pathlib import Path

import large
import pytest

import engine_dist

WIDTH, DEPTH, RANKS = 64, 4, 2


@pytest.mark.parametrize("init", ["meta", "full"])
def test_weights_are_streamed_to_each_ranks_part(tmp_path: Path, init: str) -> None:
    weights = large.write_weights(tmp_path, WIDTH, DEPTH, files=2)
    arguments = (str(tmp_path), WIDTH, DEPTH, init)
    ranks = engine_dist.launch(
        large.loaded, RANKS, arguments, backend="gloo", start_method="forkserver", timeout=60
    )
    for rank in ranks:
        assert rank["loaded"] == len(weights)
        assert rank["units"] == DEPTH
        # A part of a layer at most; from a whole model each layer is sent, and then parted.
        layer = WIDTH * WIDTH * 4
        if init == "meta":
            assert 0 < rank["largest"] <= layer // RANKS
        else:
            assert rank["largest"] == layer
    for name, value in weights.items():
        assert ranks[0]["sums"][name] == pytest.approx(float(value.double().sum()))
    assert ranks[1]["sums"] == {}
