"""Checkpoints are read as data: nothing that they name is executed."""

from __future__ import annotations

import pickle
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine_checkpoint import (
    CheckpointError,
    CheckpointLoader,
    UnsafeCheckpointError,
    read_file,
)
from engine_logging import HistoryBuffer
from engine_structures import InstanceData

# Written by mmengine 0.10.7 after two epochs of two iterations with Adam and StepLR.
OLD = Path(__file__).parent / "mmengine_0_10_7.pth"


class Malicious:
    """Touches a file when it is unpickled by pickle."""

    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self) -> Any:
        return Path.touch, (self.canary,)


def test_a_checkpoint_of_mmengine_is_read_whole() -> None:
    checkpoint = read_file(OLD)
    assert checkpoint["meta"]["epoch"] == 2
    assert checkpoint["meta"]["iter"] == 4
    assert checkpoint["meta"]["mmengine_version"] == "0.10.7"
    assert checkpoint["meta"]["dataset_meta"] == {"classes": ("a", "b")}
    weights = checkpoint["state_dict"]
    assert weights["l.weight"].tolist() == [
        [pytest.approx(-0.4470, abs=1e-4), pytest.approx(0.1701, abs=1e-4)]
    ]
    assert checkpoint["optimizer"]["state"][0]["step"] == 4
    assert checkpoint["optimizer"]["param_groups"][0]["lr"] == pytest.approx(0.001)
    assert checkpoint["param_schedulers"][0]["step_size"] == 1
    losses = checkpoint["message_hub"]["log_scalars"]["train/loss"]
    assert isinstance(losses, HistoryBuffer)
    assert len(losses.data[0]) == 4
    assert losses.mean() == pytest.approx(np.mean(losses.data[0]))
    assert checkpoint["message_hub"]["runtime_info"]["max_epochs"] == 2


def test_a_history_of_mmengine_can_be_gone_on_with() -> None:
    buffer = read_file(OLD)["message_hub"]["log_scalars"]["train/lr"]
    buffer.update(7.0)
    assert buffer.current() == 7.0
    assert buffer.statistics("max") == 7.0


@pytest.mark.parametrize("new_format", [True, False], ids=["zip", "legacy"])
def test_a_malicious_checkpoint_is_refused_by_what_it_wanted(
    tmp_path: Path, new_format: bool
) -> None:
    file, canary = tmp_path / "bad.pth", tmp_path / "canary"
    torch.save(
        {"state_dict": {"w": torch.ones(1)}, "meta": Malicious(canary)},
        file,
        _use_new_zipfile_serialization=new_format,
    )
    with pytest.raises(
        UnsafeCheckpointError, match=r"bad\.pth holds more than data.*names [\w.]*Path"
    ) as told:
        CheckpointLoader.load_checkpoint(str(file), logger="silent")
    assert "save its state_dict alone" in str(told.value)
    assert not canary.exists()
    torch.load(file, weights_only=False)
    assert canary.exists()  # so it would have been run


def test_a_plain_malicious_pickle_is_refused(tmp_path: Path) -> None:
    file, canary = tmp_path / "bad.pth", tmp_path / "canary"
    file.write_bytes(pickle.dumps(Malicious(canary), protocol=2))
    with pytest.raises(CheckpointError, match=r"bad\.pth"):
        read_file(file)
    assert not canary.exists()


def test_a_getattr_in_a_checkpoint_fetches_nothing(tmp_path: Path) -> None:
    class Fetch:
        def __reduce__(self) -> Any:
            return getattr, ("text", "upper")

    torch.save({"found": Fetch()}, tmp_path / "fetch.pth")
    assert read_file(tmp_path / "fetch.pth") == {"found": "upper"}


@pytest.mark.parametrize("damage", ["cut", "empty", "text", "flipped"])
def test_a_damaged_checkpoint_is_named(tmp_path: Path, damage: str) -> None:
    file = tmp_path / "damaged.pth"
    whole = OLD.read_bytes()
    middle = len(whole) // 2
    file.write_bytes(
        {
            "cut": whole[:middle],
            "empty": b"",
            "text": b"<html>Not found</html>",
            "flipped": b"\x00" * 64 + whole[64:-64] + b"\x00" * 64,
        }[damage]
    )
    with pytest.raises(CheckpointError, match=r"damaged\.pth is no checkpoint, or damaged"):
        CheckpointLoader.load_checkpoint(str(file), logger="silent")


def test_an_open_file_is_called_by_the_name_that_is_given(tmp_path: Path) -> None:
    shutil.copy(OLD, tmp_path / "copy.pth")
    with (tmp_path / "copy.pth").open("rb") as file:
        assert read_file(file, "cpu")["meta"]["iter"] == 4
    (tmp_path / "bad").write_bytes(b"x")
    with (
        (tmp_path / "bad").open("rb") as file,
        pytest.raises(CheckpointError, match=r"^the weights"),
    ):
        read_file(file, name="the weights")


@pytest.mark.parametrize("dtype", ["?", "i2", "u1", "f2", "f8", "c16", "U3", "S3", "M8[s]", "O"])
def test_arrays_of_numpy_are_read(tmp_path: Path, dtype: str) -> None:
    array = np.array([1, 0]).astype(dtype)
    torch.save({"a": array, "s": array[0]}, tmp_path / "array.pth")
    found = read_file(tmp_path / "array.pth")
    assert found["a"].dtype == array.dtype
    assert (found["a"] == array).all()
    assert found["s"] == array[0]


def test_a_pickled_model_is_refused_by_its_class(tmp_path: Path) -> None:
    torch.save(torch.nn.Linear(1, 1), tmp_path / "model.pth")
    with pytest.raises(UnsafeCheckpointError, match=r"names torch\.nn\.modules\.linear\.Linear"):
        read_file(tmp_path / "model.pth")


def test_elements_are_read_again_and_again_also_by_torch(tmp_path: Path) -> None:
    path = tmp_path / "elements.pth"
    torch.save({"found": InstanceData(labels=torch.ones(2))}, path)
    for _ in range(2):
        assert torch.equal(read_file(path)["found"].labels, torch.ones(2))
    loaded = torch.load(path, weights_only=True)  # reading takes no leave of the whole process's
    assert torch.equal(loaded["found"].labels, torch.ones(2))


# Written by mmengine 0.10.7 with a OneCycleLR and a statistic that its user had registered; of its
# data set and in its hub are values of every kind that pickle knows, empty ones among them.
KINDS = Path(__file__).parent / "mmengine_0_10_7_kinds.pth"


def test_every_kind_of_value_of_mmengine_is_read() -> None:
    checkpoint = read_file(KINDS)
    (schedule,) = checkpoint["param_schedulers"]
    assert (schedule["total_steps"], schedule["last_step"]) == (10, 3)
    assert checkpoint["message_hub"]["log_scalars"]["train/loss"].current() > 0
    assert checkpoint["meta"]["dataset_meta"]["dd"].default_factory is list
    for found in (checkpoint["meta"]["dataset_meta"], checkpoint["message_hub"]["runtime_info"]):
        found = found.get("mine", found)
        assert found["empty_array"].shape == (0,)
        assert (found["empty_bytes"], found["ba"], found["fz"]) == (b"", b"x", {1})
        assert found["dd"] == {"x": [1]}
        assert found["rec"].b.tolist() == [2.0]
        assert found["masked"].tolist() == [1, None]
        assert found["path"] == Path("x/y")
        assert found["slc"] == slice(1, 2)
        assert found["objarr"].tolist() == [1, [2]]
        assert found["cd"] == {"x": {"y": [{"z": 1}]}}
        assert found["ty"] is np.float32
