"""Of a checkpoint that any ranks have written, any others read their parts."""

from __future__ import annotations

from collections import OrderedDict
from functools import partial
from pathlib import Path
from typing import Any

import pretended
import pytest
import torch
from torch.distributed.tensor import Replicate, Shard

from engine_checkpoint import (
    CheckpointError,
    CheckpointLoader,
    ShardedWriter,
    load_checkpoint,
    read_sharded,
)

# torch's own saving and reading tell that they are done by one process
pytestmark = pytest.mark.filterwarnings("ignore:torch.distributed is disabled")

# Meshes, and how the dimensions of a weight are spread over theirs.
MESHES = {
    "one": ([1], [Shard(0)]),
    "three": ([3], [Shard(0)]),
    "seven": ([7], [Shard(0)]),
    "columns": ([2], [Shard(1)]),
    "copies": ([2, 2], [Replicate(), Shard(0)]),
    "both": ([2, 2], [Shard(0), Shard(1)]),
    "twice": ([2, 3], [Shard(0), Shard(0)]),
}


def content() -> dict[str, Any]:
    """A checkpoint with weights of uneven sizes."""
    torch.manual_seed(0)
    weights: dict[str, Any] = OrderedDict(
        (f"w{rows}", torch.randn(rows, 5)) for rows in (1, 4, 10, 13)
    )
    weights |= {"half": torch.randn(6, 2).bfloat16(), "count": torch.tensor(7)}
    rng = [torch.arange(5, dtype=torch.uint8)]
    return {"meta": {"epoch": 2, "iter": 9}, "state_dict": weights, "rng": rng}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A folder of each mesh with the same content."""
    folder = tmp_path_factory.mktemp("meshes")
    for name, (shape, placements) in MESHES.items():
        pretended.save_as_all(content(), folder / name, shape, placements)
    return {name: folder / name for name in MESHES}


@pytest.mark.parametrize("name", MESHES)
def test_a_process_alone_reads_what_any_mesh_has_written(
    written: dict[str, Path], name: str
) -> None:
    found, expected = CheckpointLoader.load_checkpoint(str(written[name])), content()
    assert found["meta"] == expected["meta"]
    assert found["rng"][0].tolist() == [0, 1, 2, 3, 4]
    assert list(found["state_dict"]) == list(expected["state_dict"])
    for key, value in expected["state_dict"].items():
        assert torch.equal(found["state_dict"][key], value)


def named(given: dict[str, Any], place: Any, _: Any) -> Any:
    return given.get(str(place[-1]))


@pytest.mark.parametrize("reader", MESHES)
def test_ranks_of_any_mesh_read_their_part_of_what_another_has_written(
    written: dict[str, Path], reader: str
) -> None:
    shape, placements = MESHES[reader]
    expected = content()["state_dict"]
    for rank in range(torch.Size(shape).numel()):
        with pretended.as_rank(rank, shape) as mesh:
            like = {
                key: pretended.spread(torch.zeros_like(each), mesh, placements)
                for key, each in expected.items()
                if each.ndim
            }
            for writer in written.values():
                found = read_sharded(writer, like=partial(named, like))
                for key, own in like.items():
                    part = found["state_dict"][key]
                    whole = pretended.spread(expected[key], mesh, placements)
                    assert part.placements == own.placements
                    assert part.shape == own.shape
                    assert torch.equal(part.to_local(), whole.to_local())


def test_only_files_with_wanted_parts_are_read(written: dict[str, Path], tmp_path: Path) -> None:
    target = tmp_path / "three"
    pretended.save_as_all(content(), target, *MESHES["three"])
    (target / "__2_0.distcp").write_bytes(b"")
    with pytest.raises(CheckpointError, match="__2_0"):
        read_sharded(target)
    with pretended.as_rank(0, [3]) as mesh:
        expected = content()["state_dict"]["w13"]
        spread = pretended.spread(expected, mesh, [Shard(0)])

        def like(place: Any, shape: Any) -> Any:
            return pretended.spread(torch.zeros(shape), mesh, [Shard(0)]) if shape else None

        found = read_sharded(target, like=like)
    assert torch.equal(found["state_dict"]["w13"].to_local(), spread.to_local())


def test_parts_of_a_checkpoint_are_read_alone(written: dict[str, Path]) -> None:
    assert read_sharded(written["three"], keys=("meta",)) == {"meta": {"epoch": 2, "iter": 9}}


def test_torch_reads_our_folders(written: dict[str, Path], tmp_path: Path) -> None:
    dcp = pytest.importorskip("torch.distributed.checkpoint")
    from torch.distributed.checkpoint.format_utils import dcp_to_torch_save

    expected = content()["state_dict"]
    dcp_to_torch_save(written["twice"], tmp_path / "a.pth")
    found = torch.load(tmp_path / "a.pth")
    assert found["state_dict"].keys() == expected.keys()
    assert all(torch.equal(found["state_dict"][key], expected[key]) for key in expected)
    state = {"state_dict": {"w13": torch.zeros(13, 5)}}
    dcp.load(state, checkpoint_id=written["both"], no_dist=True)
    assert torch.equal(state["state_dict"]["w13"], expected["w13"])


def test_folders_that_torch_has_saved_are_read(tmp_path: Path) -> None:
    dcp = pytest.importorskip("torch.distributed.checkpoint")
    model = torch.nn.Linear(3, 2)
    weights = dict(model.state_dict())
    saved = {"state_dict": weights, "step": 5, "more": {"list": [torch.ones(2), "text"]}}
    dcp.save(saved, checkpoint_id=tmp_path / "torch", no_dist=True)
    other = torch.nn.Linear(3, 2)
    found = load_checkpoint(other, str(tmp_path / "torch"), strict=True)
    assert torch.equal(other.weight, model.weight)
    assert found["step"] == 5
    assert found["more"]["list"]["1"] == "text"


def test_a_device_is_where_whole_tensors_go(written: dict[str, Path]) -> None:
    found = read_sharded(written["three"], "meta")["state_dict"]
    assert {each.device.type for each in found.values()} == {"meta"}


def test_what_two_places_share_is_written_once(tmp_path: Path) -> None:
    weight = torch.randn(1000, 50)
    parts = {"state_dict": {"a": weight, "b": weight}, "ema_state_dict": {"module.a": weight}}
    ShardedWriter().stage({"meta": {}, **parts}, str(tmp_path / "a"))()
    assert (tmp_path / "a" / "__0_0.distcp").stat().st_size < 1.1 * weight.nbytes
    found = read_sharded(tmp_path / "a")
    for key, names in parts.items():
        for name in names:
            assert torch.equal(found[key][name], weight)


def test_a_view_is_written_without_what_it_is_a_view_of(tmp_path: Path) -> None:
    large = torch.randn(1000, 100)
    weights = {"row": large[3], "column": large[:, 7], "turned": large[:5, :4].t()}
    ShardedWriter().stage({"meta": {}, "state_dict": weights}, str(tmp_path / "a"))()
    assert (tmp_path / "a" / "__0_0.distcp").stat().st_size < large.nbytes / 20
    found = read_sharded(tmp_path / "a")["state_dict"]
    assert all(torch.equal(found[key], weights[key]) for key in weights)


def test_everything_that_a_checkpoint_holds_comes_back(tmp_path: Path) -> None:
    model = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))
    optimizer = torch.optim.Adam(model.parameters())
    model(torch.randn(4, 3)).sum().backward()
    optimizer.step()
    saved = {
        "meta": {"epoch": 1},
        "state_dict": model.state_dict(),
        "optimizer": {"g": optimizer.state_dict()},
        "empty": torch.zeros(0, 4),
        "nothing": None,
        "pairs": [(1, torch.ones(2)), {"a": (True, 1.5)}],
    }
    ShardedWriter().stage(saved, str(tmp_path / "a"))()
    found = read_sharded(tmp_path / "a")
    torch.save(saved, tmp_path / "b.pth")
    expected = torch.load(tmp_path / "b.pth")
    torch.testing.assert_close(found, expected, rtol=0, atol=0)
    assert found["state_dict"]._metadata == expected["state_dict"]._metadata
    optimizer.load_state_dict(found["optimizer"]["g"])
