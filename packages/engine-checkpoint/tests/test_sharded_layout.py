"""Torch's pickle of what is where is read as data, whatever it names."""

from __future__ import annotations

import builtins
import collections
import os
import pickle
import pickletools
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from engine_checkpoint import CheckpointError, UnsafeCheckpointError, read_sharded
from engine_checkpoint.sharded.layout import read_layout

# torch's own saving tells that it is done by one process
pytestmark = pytest.mark.filterwarnings("ignore:torch.distributed is disabled")


class Calls:
    """Pickles as a call."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.call = function, arguments

    def __reduce__(self) -> Any:
        return self.call


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (os.system, ("touch {}",)),
        (os.mkdir, ("{}",)),
        (subprocess.getoutput, ("touch {}",)),
        (eval, ("open({!r}, 'w')",)),
        (builtins.exec, ("open({!r}, 'w')",)),
        (open, ("{}", "w")),
        (shutil.rmtree, ("{}",)),
        (torch.load, ("{}",)),
        (getattr, (torch.Size, "{}")),
        (torch.serialization.add_safe_globals, ([],)),
        (collections.namedtuple, ("{}", "a")),
    ],
)
@pytest.mark.parametrize("inside", ["alone", "within", "as a state"])
def test_a_hostile_pickle_is_refused_by_what_it_names_and_nothing_runs(
    tmp_path: Path, function: Callable[..., Any], arguments: tuple[Any, ...], inside: str
) -> None:
    mark = tmp_path / "it_ran"
    given = [each.format(str(mark)) if isinstance(each, str) else each for each in arguments]
    call = Calls(function, *given)
    content = {"alone": call, "within": {"a": [call]}, "as a state": (torch.Size, call)}[inside]
    folder = tmp_path / "epoch_1.pth"
    folder.mkdir()
    (folder / ".metadata").write_bytes(pickle.dumps(content))
    with pytest.raises(UnsafeCheckpointError, match=rf"\.metadata names .*{function.__name__}"):
        read_sharded(folder)
    assert not mark.exists()


@pytest.mark.parametrize("data", [b"", b"\x80\x04.", b"no pickle", pickle.dumps({"a": 1})])
def test_what_is_no_layout_is_told(data: bytes) -> None:
    with pytest.raises(CheckpointError, match=r"here is no checkpoint.*\.metadata"):
        read_layout(data, "here")


def changed(data: bytes, **attributes: Any) -> Any:
    """A layout of torch with other attributes of where its first piece is."""
    found = pickle.loads(data)
    (info,) = found.storage_data.values()
    vars(info).update(attributes)
    return pickle.dumps(found)


@pytest.fixture
def metadata(tmp_path: Path) -> bytes:
    """The layout of a folder of torch with one tensor."""
    dcp = pytest.importorskip("torch.distributed.checkpoint")
    dcp.save({"w": torch.ones(3)}, checkpoint_id=tmp_path / "saved", no_dist=True)
    return (tmp_path / "saved" / ".metadata").read_bytes()


def test_a_hostile_tensor_in_a_folder_of_torch_runs_nothing(
    metadata: bytes, tmp_path: Path
) -> None:
    mark, folder = tmp_path / "it_ran", tmp_path / "saved"
    (file,) = folder.glob("*.distcp")
    torch.save(Calls(os.system, f"touch {mark}"), file)
    (folder / ".metadata").write_bytes(changed(metadata, length=file.stat().st_size))
    with pytest.raises(UnsafeCheckpointError, match="system"):
        read_sharded(folder)
    assert not mark.exists()


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "..", "", "c:\\x", "a/b"])
def test_a_file_outside_the_folder_is_refused(metadata: bytes, name: str) -> None:
    with pytest.raises(CheckpointError, match="outside the folder"):
        read_layout(changed(metadata, relative_path=name), "here")


def test_what_is_compressed_is_refused(metadata: bytes) -> None:
    with pytest.raises(CheckpointError, match="compressed"):
        read_layout(changed(metadata, transform_descriptors=["zstd"]), "here")


def test_a_place_before_the_beginning_is_refused(metadata: bytes) -> None:
    with pytest.raises(CheckpointError, match="negative"):
        read_layout(changed(metadata, offset=-1), "here")


def test_one_file_cannot_change_how_the_next_is_read(metadata: bytes) -> None:
    name = "torch.distributed.checkpoint.metadata"
    state = b"}\x8c\x06valuesK\x01s"
    hostile = b"\x80\x04" + f"c{name}\nMetadata\n".encode() + b"N" + state + b"\x86b."
    assert any(code.name == "BUILD" for code, _, _ in pickletools.genops(hostile))
    with pytest.raises(CheckpointError):
        read_layout(hostile, "here")
    found = read_layout(metadata, "here")
    assert (found.tensors["w"].shape, found.tensors["w"].dtype) == ((3,), torch.float32)
