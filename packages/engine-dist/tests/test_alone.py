"""The same calls in a process that is alone: they return at once what a group of one would."""

from __future__ import annotations

import pytest
import torch

import engine_dist as d


def test_this_process_is_the_main_one() -> None:
    assert d.get_dist_info() == (0, 1) and d.is_main_process() and not d.is_distributed()
    assert (d.get_local_rank(), d.get_local_size()) == (0, 1)
    assert d.get_backend() is d.get_default_group() is d.get_local_group() is None
    assert d.get_comm_device() == torch.device("cpu")
    assert d.master_only(lambda: 3)() == 3
    d.init_local_group(0, 1)


def test_collectives_return_their_argument() -> None:
    data = torch.arange(3)
    for op in ("sum", "mean", "max"):
        d.all_reduce(data, op)
    d.broadcast(data)
    d.barrier()
    d.all_reduce_dict({"a": data})
    d.all_reduce_params([data])
    assert data.tolist() == [0, 1, 2]
    assert d.all_gather(data)[0] is data and d.gather(data)[0] is data
    assert d.all_gather_object("a") == d.gather_object("a") == ["a"]
    values = [1, 2]
    d.broadcast_object_list(values)
    assert values == [1, 2]
    assert 0 <= d.sync_random_seed() < 2**31


def test_results_are_cut_to_the_size() -> None:
    assert d.collect_results([1, 2, 3], 2) == [1, 2]
    assert d.collect_results_cpu([1], 1) == d.collect_results_gpu([1], 1) == [1]


@pytest.mark.parametrize(("device", "tmpdir"), [("tpu", None), ("gpu", "folder")])
def test_a_wrong_way_to_collect_is_refused(device: str, tmpdir: str | None) -> None:
    with pytest.raises(ValueError, match=rf"got (device=)?'{device}'"):
        d.collect_results([1], 1, device, tmpdir)


def test_a_wrong_op_is_refused_alone_too() -> None:
    with pytest.raises(ValueError, match="'bxor': got 'avg'"):
        d.all_reduce(torch.ones(1), "avg")


def test_a_wrong_container_is_refused_alone_too() -> None:
    with pytest.raises(TypeError, match="data must be a dict"):
        d.all_reduce_dict([1])
    with pytest.raises(TypeError, match="data must be a list"):
        d.broadcast_object_list(1)
