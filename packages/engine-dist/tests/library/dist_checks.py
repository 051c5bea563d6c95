"""What every process of a group does in the tests.

Each function whose name begins with ``check_`` runs in all processes of a group; it raises where
something is wrong. They live here, not in a test file, so that new processes can import them.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import traceback
from collections import namedtuple
from pathlib import Path

import numpy as np
import torch
from torch import distributed as dist

import engine_dist

DTYPES = [
    torch.bool,
    torch.uint8,
    torch.int8,
    torch.int16,
    torch.int32,
    torch.int64,
    torch.uint16,
    torch.uint32,
    torch.uint64,
    torch.float16,
    torch.bfloat16,
    torch.float32,
    torch.float64,
    torch.complex64,
    torch.complex128,
    torch.float8_e4m3fn,
    torch.float8_e5m2,
]
Pair = namedtuple("Pair", ["a", "b"])


def run_all(names: list[str]) -> dict[str, str]:
    """Run the checks and return the traceback of each, or nothing where it passed."""
    outcome = {}
    for name in names:
        try:
            globals()[name]()
            outcome[name] = ""
        except Exception:
            outcome[name] = traceback.format_exc()
    return outcome


def check_who_is_there() -> None:
    rank, size = engine_dist.get_dist_info()
    assert (rank, size) == (int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"]))
    assert engine_dist.is_distributed() and engine_dist.get_backend() == "gloo"
    assert engine_dist.is_main_process() == (rank == 0)
    assert engine_dist.get_default_group() is not None
    assert engine_dist.get_comm_device() == torch.device("cpu")
    assert engine_dist.infer_launcher() == "pytorch"
    assert engine_dist.get_local_rank() == rank and engine_dist.get_local_size() == size
    shown = engine_dist.master_only(lambda value: value)(5)
    assert shown == (5 if rank == 0 else None)


def check_local_groups() -> None:
    rank, size = engine_dist.get_dist_info()
    try:
        engine_dist.init_local_group(size, 1)
    except ValueError as error:
        assert "node_rank must lie in" in str(error)
    engine_dist.init_local_group(rank // 2, 2)
    assert engine_dist.get_local_size() == 2
    assert engine_dist.get_local_rank() == rank % 2
    total = torch.tensor([rank])
    engine_dist.all_reduce(total, group=engine_dist.get_local_group())
    assert int(total) == rank // 2 * 4 + 1


def check_all_reduce_of_every_dtype() -> None:
    rank, size = engine_dist.get_dist_info()
    for dtype in DTYPES:
        for shape in ((), (3,), (2, 0), (2, 3)):
            data = torch.full(shape, rank + 1).to(dtype)
            expected = torch.full(shape, size * (size + 1) // 2).to(dtype)
            if dtype is torch.bool:
                expected = torch.ones(shape, dtype=torch.bool)
            assert engine_dist.all_reduce(data) is None
            assert data.dtype == dtype and torch.equal(data, expected), (dtype, shape, data)


def check_all_reduce_by_every_op() -> None:
    rank, size = engine_dist.get_dist_info()
    all_values = torch.stack([torch.tensor([r + 1, r + 2]) for r in range(size)])
    expected = {
        "sum": all_values.sum(0),
        "product": all_values.prod(0),
        "min": all_values.amin(0),
        "MAX": all_values.amax(0),
        "mean": all_values.sum(0) // size,
    }
    for op in ("band", "bor", "bxor"):
        result = all_values[0].clone()
        for value in all_values[1:]:
            result = getattr(torch, "bitwise_" + op[1:])(result, value)
        expected[op] = result
    for op, result in expected.items():
        data = all_values[rank].clone()
        engine_dist.all_reduce(data, op=op)
        assert torch.equal(data, result), op
    mean = torch.tensor([float(rank)], dtype=torch.float16)
    engine_dist.all_reduce(mean, "mean")
    assert mean.dtype == torch.float16 and float(mean) == (size - 1) / 2


def check_what_cannot_be_reduced_is_refused_everywhere() -> None:
    for data, op, error in (
        (torch.ones(1), "avg", ValueError),
        (torch.ones(1, dtype=torch.complex64), "max", TypeError),
        (torch.ones(1, dtype=torch.uint64), "min", TypeError),
    ):
        try:
            engine_dist.all_reduce(data, op)
        except error:
            continue
        raise AssertionError(op)


def check_tensors_that_are_not_contiguous() -> None:
    rank, size = engine_dist.get_dist_info()
    base = torch.zeros(4, 6)
    view = base.t()[1:4, ::2]
    view.fill_(rank + 1.0)
    engine_dist.all_reduce(view, "max")
    assert torch.all(view == size) and base.sum() == 6 * size
    gathered = engine_dist.all_gather(view + rank)
    assert [float(part[0, 0]) for part in gathered] == [float(size + r) for r in range(size)]
    view.fill_(float(rank))
    engine_dist.broadcast(view, src=size - 1)
    assert torch.all(view == size - 1)


def check_parameters_that_require_gradients() -> None:
    weight = torch.nn.Parameter(torch.full((2,), float(engine_dist.get_rank())))
    engine_dist.broadcast(weight)
    engine_dist.all_reduce(weight, "mean")
    assert torch.equal(weight.detach(), torch.zeros(2)) and weight.requires_grad


def check_transport_of_every_dtype() -> None:
    rank, size = engine_dist.get_dist_info()
    for dtype in DTYPES:
        for shape in ((), (3,), (0, 2)):
            mine = torch.full(shape, rank % 2).to(dtype)
            gathered = engine_dist.all_gather(mine)
            assert len(gathered) == size
            for other, part in enumerate(gathered):
                assert part.dtype == dtype and part.shape == mine.shape
                assert torch.equal(part, torch.full(shape, other % 2).to(dtype)), dtype
            received = engine_dist.gather(mine, dst=1)
            assert len(received) == (size if rank == 1 else 0)
            sent = mine.clone()
            engine_dist.broadcast(sent, src=1)
            assert torch.equal(sent, torch.full(shape, 1).to(dtype)), dtype


def check_sub_groups() -> None:
    rank, size = engine_dist.get_dist_info()
    ranks = [r for r in range(size) if r % 2]
    group = dist.new_group(ranks)
    if rank not in ranks:
        assert engine_dist.get_dist_info(group) == (-1, -1)
        return
    assert engine_dist.get_rank(group) == ranks.index(rank)
    data = torch.tensor([rank])
    engine_dist.all_reduce(data, group=group)
    assert int(data) == sum(ranks)
    assert engine_dist.all_gather_object(rank, group) == ranks
    received = engine_dist.gather_object([rank], ranks[0], group)
    assert received == ([[r] for r in ranks] if rank == ranks[0] else None)
    values = [rank]
    engine_dist.broadcast_object_list(values, ranks[-1], group)
    assert values == [ranks[-1]]
    seeds = engine_dist.all_gather_object(engine_dist.sync_random_seed(group), group)
    assert len(set(seeds)) == 1
    engine_dist.barrier(group)


def check_a_seed_is_the_same_everywhere() -> None:
    np.random.seed(engine_dist.get_rank())
    seeds = engine_dist.all_gather_object(engine_dist.sync_random_seed())
    assert len(set(seeds)) == 1 and 0 <= seeds[0] < 2**31


def check_dicts_are_reduced_by_dtype() -> None:
    rank, size = engine_dist.get_dist_info()
    keys = ["loss", "count", "acc"] if rank else ["acc", "loss", "count"]
    values = {"loss": torch.tensor([float(rank)]), "count": torch.tensor(2), "acc": torch.ones(2)}
    data = {key: values[key] for key in keys}
    engine_dist.all_reduce_dict(data, "mean")
    assert float(data["loss"]) == (size - 1) / 2
    assert data["count"].dtype == torch.int64 and int(data["count"]) == 2
    assert data["acc"].tolist() == [1.0, 1.0]


def check_params_are_reduced_in_buckets() -> None:
    rank, size = engine_dist.get_dist_info()
    for coalesce, bucket in ((True, -1), (True, 1), (False, -1)):
        params = [torch.full((200_000,), float(rank)) for _ in range(3)]
        params.append(torch.full((3, 2), rank, dtype=torch.float64))
        engine_dist.all_reduce_params((p for p in params), coalesce, bucket, "mean")
        assert all(torch.all(param == (size - 1) / 2) for param in params)


def tree(rank: int) -> dict:
    """An object whose size depends on the rank, with every kind of leaf."""
    return {
        "tensor": torch.arange(rank * 3.0).view(rank, 3),
        "bf16": torch.ones(rank, dtype=torch.bfloat16),
        "view": torch.arange(12).view(3, 4).t()[1:],
        "conj": torch.ones(2, dtype=torch.complex64).conj(),
        "sparse": torch.eye(2).to_sparse(),
        "array": np.arange(rank, dtype=np.int16),
        "fortran": np.asfortranarray(np.ones((2, 3))),
        "strided": np.arange(10)[::2],
        "text": "ä" * rank,
        "nested": [(rank, {"x": np.float32(rank)})],
        "grad": torch.ones(1, requires_grad=True),
        "empty": torch.empty(0, 4, dtype=torch.int32),
    }


def assert_tree(value: dict, rank: int) -> None:
    for key, expected in tree(rank).items():
        found = value[key]
        if isinstance(expected, torch.Tensor):
            assert found.dtype == expected.dtype and found.shape == expected.shape, key
            assert found.requires_grad == expected.requires_grad
            assert torch.equal(found.to_dense(), expected.to_dense()), key
        elif isinstance(expected, np.ndarray):
            assert found.dtype == expected.dtype and np.array_equal(found, expected), key
        else:
            assert found == expected, key


def check_objects_of_unequal_size() -> None:
    rank, size = engine_dist.get_dist_info()
    mine = tree(rank)
    for other, value in enumerate(engine_dist.all_gather_object(mine)):
        assert_tree(value, other)
    received = engine_dist.gather_object(mine, dst=size - 1)
    assert (received is None) == (rank != size - 1)
    for other, value in enumerate(received or []):
        assert_tree(value, other)
    values = [mine, rank]
    assert engine_dist.broadcast_object_list(values, src=1) is None
    assert_tree(values[0], 1)
    assert values[1] == 1


def check_what_arrives_can_be_written_to() -> None:
    received = engine_dist.all_gather_object((torch.zeros(3), np.zeros(3)))
    for tensor, array in received:
        tensor += 1
        array += 1


def check_objects_larger_than_a_message() -> None:
    rank = engine_dist.get_rank()
    rows = 34 * 2**20 // engine_dist.get_world_size() // 8  # all streams together: over 64 MiB
    mine = [np.full(rows, rank), torch.full((rows,), rank), b"x" * 3000]
    parts = engine_dist.all_gather_object(mine), engine_dist.gather_object(mine)
    for part in parts:
        for other, (array, tensor, text) in enumerate(part or []):
            assert np.all(array == other) and torch.all(tensor == other) and len(text) == 3000
    engine_dist.broadcast_object_list(mine, src=1)
    assert np.all(mine[0] == 1) and torch.all(mine[1] == 1)


def check_results_come_in_the_order_of_the_data_set() -> None:
    rank, size = engine_dist.get_dist_info()
    for total in (0, 1, size, 3 * size - 1):
        each = -(-total // size)
        mine = [{"i": i % max(total, 1)} for i in range(rank, each * size, size)]
        for device in ("cpu", "gpu"):
            found = engine_dist.collect_results(mine, total, device)
            expected = [{"i": i} for i in range(total)] if rank == 0 else None
            assert found == expected, (total, device, found)
    unequal = [rank] * rank
    found = engine_dist.collect_results(unequal, 100)
    if rank == 0:
        assert sorted(found) == sorted(r for r in range(size) for _ in range(r))


def check_results_through_a_folder() -> None:
    rank, size = engine_dist.get_dist_info()
    folder = Path(os.environ["ENGINE_DIST_TEST_FOLDER"]) / f"new{size}"
    found = engine_dist.collect_results_cpu([rank, rank + size], 2 * size, str(folder))
    assert found == (list(range(2 * size)) if rank == 0 else None)
    if rank == 0:
        assert not any(folder.glob("*"))


def check_processes_with_the_same_samples_count_once() -> None:
    rank, size = engine_dist.get_dist_info()
    groups = [dist.new_group(list(range(first, size, 2))) for first in range(2)]
    engine_dist.set_data_group(groups[rank % 2])
    try:
        assert engine_dist.get_data_info() == (rank // 2, size // 2)
        mine = list(range(rank // 2, size, size // 2))
        folder = Path(os.environ["ENGINE_DIST_TEST_FOLDER"]) / f"teams{size}"
        for found in (
            engine_dist.collect_results(mine, size - 1),
            engine_dist.collect_results_cpu(mine, size - 1, str(folder)),
        ):
            assert found == (list(range(size - 1)) if rank == 0 else None), found
    finally:
        engine_dist.set_data_group(None)
    assert engine_dist.get_data_info() == (rank, size)


def check_devices_of_nested_data() -> None:
    data = [torch.ones(1), {"a": Pair(torch.ones(2), (torch.ones(1),))}]
    assert engine_dist.get_data_device(data) == torch.device("cpu")


def missing(timeout: float, names: list[str]) -> list[str]:
    """All but the last process enter each collective; return what they were told."""
    rank, size = engine_dist.get_dist_info()
    told = []
    calls = {
        "barrier": lambda: engine_dist.barrier(timeout=timeout),
        "all_reduce": lambda: engine_dist.all_reduce(torch.ones(1), timeout=timeout),
        "all_gather": lambda: engine_dist.all_gather(torch.ones(1), timeout=timeout),
        "gather_object": lambda: engine_dist.gather_object(1, timeout=timeout),
    }
    store = dist.distributed_c10d._get_default_store()
    if rank == size - 1:
        store.wait([f"told{r}" for r in range(size - 1)])
        return []
    for name in names:
        try:
            calls[name]()
        except engine_dist.CollectiveError as error:
            told.append(str(error))
    store.set(f"told{rank}", "")
    return told


def elsewhere(timeout: float) -> str:
    """Process 0 is in one collective, the others are in another."""
    try:
        if engine_dist.get_rank() == 0:
            engine_dist.all_gather(torch.ones(3), timeout=timeout)
        else:
            engine_dist.barrier(timeout=timeout)
    except engine_dist.CollectiveError as error:
        return str(error)
    return ""


def late() -> list[str]:
    """The last process comes only when the others have complained; return what they logged."""
    rank, size = engine_dist.get_dist_info()
    store = dist.distributed_c10d._get_default_store()
    complaints: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            complaints.append(record.getMessage())
            dist.TCPStore(
                os.environ["MASTER_ADDR"],
                int(os.environ["MASTER_PORT"]),
                is_master=False,
                wait_for_workers=False,
            ).set("/complained", "")

    logging.getLogger("engine_dist.collective_watch").addHandler(Listener())
    if rank == size - 1:
        while isinstance(store, dist.PrefixStore):
            store = store.underlying_store
        store.wait(["/complained"])
    engine_dist.barrier()
    return complaints


def rank_and_argument(argument: str) -> tuple[int, str]:
    return engine_dist.get_rank(), argument


def environment() -> tuple[str, str | None]:
    return os.environ["RANK"], os.environ.get("ENGINE_TEST_VALUE")


def fail_on_one() -> None:
    if engine_dist.get_rank() == 1:
        raise KeyError("the data of rank 1")
    engine_dist.barrier()


def say_and_wait() -> None:
    """Say that this process is there, then wait for ever."""
    os.write(1, b"up\n")  # in one piece: two processes share the pipe
    threading.Event().wait()


def interrupted() -> None:
    """Run as a program: start processes that wait for ever."""
    try:
        engine_dist.launch(say_and_wait, 2, backend="gloo")
    except KeyboardInterrupt:
        print("interrupted", flush=True)


def same_after_mpirun() -> None:
    """Run by mpirun as a program: join by the variables of MPI."""
    engine_dist.init_dist("mpi", backend="gloo")
    print(f"met {engine_dist.all_gather_object(engine_dist.get_rank())}")
    dist.destroy_process_group()


if __name__ == "__main__":
    globals()[sys.argv[1]]()
