"""Checkpoints on disks and networks that fail: never a wrong load, never a good one lost."""

from __future__ import annotations

import contextlib
import errno
import io
import re
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import boto3
import pytest
import torch
import yaml
from moto.server import ThreadedMotoServer

import engine_fileio as fileio
from engine_checkpoint import LAST, CheckpointError, is_whole, read_file
from engine_config import Config
from engine_fileio import register_backend
from engine_fileio.backends import MemoryBackend
from engine_runner import Hook

Tiny = Callable[..., Any]


def epochs(number: int, **hook: Any) -> dict[str, Any]:
    """Changes of the config for a training of so many epochs."""
    return {
        "train_cfg": {"by_epoch": True, "max_epochs": number},
        "default_hooks.checkpoint": {"type": "CheckpointHook", "interval": 1, **hook},
    }


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.pth"))


def weights(runner: Any) -> list[list[Any]]:
    return [value.tolist() for value in runner.model.state_dict().values()]


def log_of(runner: Any) -> str:
    return Path(runner.log_dir, f"{runner.timestamp}.log").read_text("utf-8")


@pytest.fixture
def expected(tiny: Tiny, tmp_path: Path) -> Any:
    """The weights of five epochs that were never touched."""
    runner = tiny(epochs(5), work_dir=str(tmp_path / "untouched"))
    runner.train()
    return weights(runner)


def stopped(tiny: Tiny, changes: dict[str, Any]) -> None:
    """Train until the middle of the fifth epoch."""
    with pytest.raises(InterruptedError):
        tiny(changes, custom_hooks=[{"type": "StopAt", "iteration": 26}]).train()


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    place = content.index(b"PK\x01\x02") // 2
    content[place] ^= 1
    path.write_bytes(content)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-1000]),
    "flipped": flip,
    "empty": lambda path: path.write_bytes(b""),
    "zeros": lambda path: path.write_bytes(b"\0" * path.stat().st_size),
    "gone": Path.unlink,
    "weights alone": lambda path: torch.save(read_file(path)["state_dict"], path),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_checkpoint_is_named_and_the_one_before_is_resumed(
    tiny: Tiny, tmp_path: Path, damage: str, expected: Any
) -> None:
    stopped(tiny, epochs(5))
    last = tmp_path / "work/epoch_4.pth"
    DAMAGES[damage](last)
    runner = tiny(epochs(5), resume=True, log_level="INFO")
    runner.train()
    assert re.search(r"WARNING - .*epoch_4\.pth", log_of(runner))
    assert "resumed epoch: 3, iter: 18" in log_of(runner)
    assert weights(runner) == expected
    assert is_whole(str(last))


@pytest.mark.parametrize("record", [None, "", "\0\0", "/gone/epoch_9.pth"])
def test_a_bad_record_of_the_newest_is_made_up_for(
    tiny: Tiny, tmp_path: Path, record: str | None, expected: Any
) -> None:
    stopped(tiny, epochs(5, save_best="mse", rule="less"))
    file = tmp_path / "work" / LAST
    file.unlink() if record is None else file.write_text(record, "utf-8")
    runner = tiny(epochs(5), resume="auto", log_level="INFO")
    runner.train()
    assert re.search(r"WARNING - .*last_checkpoint", log_of(runner))
    assert "resumed epoch: 4, iter: 24" in log_of(runner)
    assert weights(runner) == expected


def test_nothing_but_damaged_ones_is_an_error_that_names_each(tiny: Tiny, tmp_path: Path) -> None:
    tiny(epochs(2)).train()
    for name in ("epoch_1.pth", "epoch_2.pth"):
        flip(tmp_path / "work" / name)
    with pytest.raises(CheckpointError, match=r"(?s)To start anew.*epoch_2\.pth.*epoch_1\.pth"):
        tiny(epochs(3), resume=True).train()


def test_a_lost_checkpoint_is_no_reason_to_start_anew(tiny: Tiny, tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / LAST).write_text("/gone/epoch_4.pth", "utf-8")
    with pytest.raises(CheckpointError, match=r"names /gone/epoch_4\.pth, which isn't there"):
        tiny(resume=True).train()


def test_a_damaged_one_that_was_asked_for_is_an_error_with_the_good_ones(
    tiny: Tiny, tmp_path: Path
) -> None:
    tiny(epochs(3)).train()
    flip(tmp_path / "work/epoch_3.pth")
    flip(tmp_path / "work/epoch_1.pth")
    with pytest.raises(CheckpointError, match=r"epoch_3\.pth .*damaged.* good ones are \S*epoch_2"):
        tiny(epochs(4), resume=str(tmp_path / "work/epoch_3.pth")).train()


class LimitAt(Hook):
    """Lets the system refuse files above a size while one checkpoint is written."""

    def __init__(self, epoch: int, size: int) -> None:
        self.epoch, self.size = epoch, size

    def before_save_checkpoint(self, runner: Any, checkpoint: dict[str, Any]) -> None:
        if runner.epoch + 1 == self.epoch:
            limit_files(self.size)

    def before_train_epoch(self, runner: Any) -> None:
        limit_files(None)


def limit_files(size: int | None) -> None:
    resource = pytest.importorskip("resource", reason="this system has no limit of a file's size")
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard if size is None else size, hard))


@pytest.fixture
def _without_limit() -> Iterator[None]:
    yield
    limit_files(None)


@pytest.mark.usefixtures("_without_limit")
@pytest.mark.parametrize("size", [100_000, 200_000, 300_000])
@pytest.mark.parametrize("async_save", [False, True])
def test_a_file_that_the_system_refuses_leaves_the_old_ones(
    tiny: Tiny, tmp_path: Path, size: int, *, async_save: bool
) -> None:
    work, seen = tmp_path / "work", []

    class Look(Hook):
        def before_train_epoch(self, runner: Any) -> None:
            seen.append(names(work))

    model = {"type": "TinyNet", "width": 10_000}
    runner = tiny(epochs(3, max_keep_ckpts=1, async_save=async_save), model=model)
    runner.register_hook(LimitAt(2, size))
    runner.register_hook(Look())
    runner.train()
    assert async_save or seen == [[], ["epoch_1.pth"], ["epoch_1.pth"]]
    assert is_whole(str(work / "epoch_3.pth"))
    assert not [path for path in work.iterdir() if ".part" in path.name]
    if not async_save:  # beside the training, it is written before or after the limit is lifted
        said = r"could not save \S*epoch_2\.pth: .*File too large.*GB free"
        assert re.search(said, log_of(runner))


class Failing(MemoryBackend):
    """Refuses the n-th file that is put, and the next ones too, as often as asked."""

    files: ClassVar[dict[str, bytes]] = {}
    numbers: ClassVar[set[int]] = set()
    error: ClassVar[OSError] = OSError(errno.EIO, "injected")
    count: ClassVar[int] = 0
    lost: ClassVar[list[str]] = []

    def __init__(self) -> None:
        super().__init__(files=Failing.files)

    def put(self, obj: Any, filepath: Any, *, overwrite: bool = True) -> None:
        """Write, or fail."""
        Failing.count += 1
        if Failing.count in Failing.numbers:
            raise Failing.error
        super().put(obj, str(filepath).removeprefix("failing://"), overwrite=overwrite)

    def remove(self, filepath: Any) -> None:
        """Remove, and note if nothing is left then."""
        super().remove(filepath)
        if str(filepath).endswith(".pth") and not any(
            name.endswith(".pth") for name in Failing.files
        ):
            Failing.lost.append(str(filepath))


register_backend("failing", Failing, prefixes="failing", force=True)


def failing(numbers: set[int], error: OSError) -> None:
    Failing.files.clear()
    Failing.lost.clear()
    Failing.numbers, Failing.error, Failing.count = numbers, error, 0


ERRORS = [
    OSError(errno.ENOSPC, "No space left on device"),
    OSError(errno.EIO, "Input/output error"),
    OSError(errno.EDQUOT, "Disk quota exceeded"),
    PermissionError(errno.EACCES, "Permission denied"),
    ConnectionError("the server hung up"),
]


@pytest.mark.parametrize("async_save", [False, True])
@pytest.mark.parametrize("number", range(2, 8))
def test_whichever_write_fails_the_others_are_there(
    tiny: Tiny, number: int, *, async_save: bool
) -> None:
    error = ERRORS[number % len(ERRORS)]
    failing({number}, error)
    more = {"max_keep_ckpts": 1, "save_best": "mse", "rule": "less", "async_save": async_save}
    backend = {"backend_args": {"backend": "failing"}, "out_dir": "out"}
    runner = tiny(epochs(3, **more, **backend))
    runner.train()
    assert f"{error}" in log_of(runner)
    assert "out/work/epoch_3.pth" in Failing.files
    assert Failing.lost == []
    best = [name for name in Failing.files if "best" in name]
    assert len(best) == 1


@pytest.mark.parametrize("async_save", [False, True])
def test_a_finished_training_without_its_last_checkpoint_is_an_error(
    tiny: Tiny, *, async_save: bool
) -> None:
    failing({3, 4, 5, 6, 7}, ERRORS[0])
    more = {"backend_args": {"backend": "failing"}, "out_dir": "out", "async_save": async_save}
    runner = tiny(epochs(3, max_keep_ckpts=1, **more))
    with pytest.raises(CheckpointError, match=r"is finished, but its last checkpoint .*epoch_3"):
        runner.train()
    assert sorted(Failing.files) == ["out/work/epoch_1.pth"]
    assert Failing.count == 5  # the probe, three epochs, and once more at the end


def test_the_last_one_is_tried_again_at_the_end(tiny: Tiny, expected: Any) -> None:
    failing({6}, ERRORS[1])
    runner = tiny(epochs(5, backend_args={"backend": "failing"}, out_dir="out"))
    runner.train()
    content = Failing.files["out/work/epoch_5.pth"]
    found = read_file(io.BytesIO(content))
    assert [value.tolist() for value in found["state_dict"].values()] == expected
    assert (found["meta"]["epoch"], found["meta"]["iter"]) == (5, 30)
    assert found["train_state"]["batch_in_epoch"] == 0


def test_a_folder_that_cannot_be_written_is_an_error_at_once(tiny: Tiny, tmp_path: Path) -> None:
    failing({1}, ERRORS[3])
    with pytest.raises(PermissionError, match="Permission denied"):
        tiny(epochs(3, backend_args={"backend": "failing"}, out_dir="out")).train()
    (tmp_path / "taken").write_text("", "utf-8")
    runner = tiny(epochs(3, out_dir=str(tmp_path / "taken")))
    with pytest.raises(OSError, match="taken"):
        runner.train()
    assert runner.iter == 0


def test_a_disk_that_is_known_to_be_too_small_is_told_before_writing(
    tiny: Tiny, tmp_path: Path
) -> None:
    class Huge(Hook):
        def before_save_checkpoint(self, runner: Any, checkpoint: dict[str, Any]) -> None:
            if runner.epoch == 0:  # 2 PB that take no memory
                checkpoint["huge"] = torch.empty(2**51, dtype=torch.uint8, device="meta")

    runner = tiny(epochs(2))
    runner.register_hook(Huge())
    runner.train()
    assert re.search(
        r"epoch_1\.pth: .*no space left: 2\.25e\+06 GB needed, \S+ GB free", log_of(runner)
    )
    assert names(tmp_path / "work") == ["epoch_2.pth"]


def test_a_resumed_training_removes_what_is_there_but_not_every_nth(
    tiny: Tiny, tmp_path: Path
) -> None:
    tiny(epochs(4)).train()
    tiny(epochs(7, max_keep_ckpts=2, keep_every=3), resume=True).train()
    assert names(tmp_path / "work") == [f"epoch_{number}.pth" for number in (3, 6, 7)]


def test_a_training_from_the_beginning_removes_nothing_of_a_former_one(
    tiny: Tiny, tmp_path: Path
) -> None:
    tiny(epochs(5)).train()
    tiny(epochs(3, max_keep_ckpts=1)).train()
    assert names(tmp_path / "work") == [f"epoch_{number}.pth" for number in (3, 4, 5)]
    assert (tmp_path / "work" / LAST).read_text("utf-8").endswith("epoch_3.pth")


def test_a_checkpoint_from_beside_the_training_is_that_of_a_stopped_one(
    tiny: Tiny, tmp_path: Path
) -> None:
    content = {}
    for async_save in (False, True):
        work = tmp_path / f"work_{async_save}"
        tiny(epochs(3, async_save=async_save), work_dir=str(work)).train()
        assert names(work) == [f"epoch_{number}.pth" for number in (1, 2, 3)]
        found = read_file(work / "epoch_2.pth")
        optimizer = found["optimizer"]["state"]
        content[async_save] = (
            {name: value.tolist() for name, value in found["state_dict"].items()},
            {key: each["momentum_buffer"].tolist() for key, each in optimizer.items()},
            found["train_state"],
            found["param_schedulers"],
        )
    assert content[False] == content[True]


def test_an_interrupt_waits_for_what_is_being_written(tiny: Tiny, tmp_path: Path) -> None:
    class Interrupt(Hook):
        priority = "LOWEST"

        def after_train_epoch(self, runner: Any) -> None:
            raise KeyboardInterrupt

    runner = tiny(epochs(3, async_save=True))
    runner.register_hook(Interrupt())
    with pytest.raises(KeyboardInterrupt):
        runner.train()
    assert is_whole(str(tmp_path / "work/epoch_1.pth"))
    assert (tmp_path / "work" / LAST).read_text("utf-8").endswith("epoch_1.pth")


class Cut(socketserver.ThreadingTCPServer):
    """A wire to a server that breaks after so many bytes were sent, whenever one connects anew."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, host: str, port: int) -> None:
        super().__init__(("127.0.0.1", 0), _Wire)
        self.server = (host, port)
        self.left: int | None = None  # bytes until it breaks; None for ever
        self.cuts = 0


class _Wire(socketserver.BaseRequestHandler):
    server: Cut

    def handle(self) -> None:
        with socket.create_connection(self.server.server) as there:
            back = threading.Thread(target=self._back, args=(there,))
            back.start()
            try:
                while data := self.request.recv(65536):
                    if self.server.left is not None:
                        self.server.left -= len(data)
                        if self.server.left < 0:
                            self.server.cuts += 1
                            break
                    there.sendall(data)
            except OSError:
                pass  # the other side has hung up
            for end in (there, self.request):
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
            back.join()

    def _back(self, there: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := there.recv(65536):
                self.request.sendall(data)


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Cut]:
    """A bucket called ``bucket`` behind a wire that can be cut; AWS's own variables lead to it."""
    keys = {"AWS_ACCESS_KEY_ID": "K" * 15, "AWS_SECRET_ACCESS_KEY": "S" * 20}
    for name, value in {**keys, "AWS_DEFAULT_REGION": "us-east-1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.chdir(tmp_path)
    server = ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    wire = Cut(*server.get_host_and_port())
    threading.Thread(target=wire.serve_forever).start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{wire.server_address[1]}")
    client = boto3.client("s3")
    client.create_bucket(Bucket="bucket")
    client.close()
    try:
        yield wire
    finally:
        wire.shutdown()
        wire.server_close()
        server.stop()


def objects(folder: str) -> dict[str, bytes]:
    client = boto3.client("s3")
    found = client.list_objects_v2(Bucket="bucket", Prefix=folder).get("Contents", [])
    keys = [each["Key"] for each in found]
    content = {key: client.get_object(Bucket="bucket", Key=key)["Body"].read() for key in keys}
    client.close()
    return content


@pytest.mark.usefixtures("store")
def test_a_remote_work_dir_is_trained_in_and_resumed_from(tiny: Tiny, expected: Any) -> None:
    work = "s3://bucket/run"
    with pytest.raises(InterruptedError):
        changes = epochs(5, max_keep_ckpts=2)
        tiny(changes, work_dir=work, custom_hooks=[{"type": "StopAt", "iteration": 26}]).train()
    kept = objects("run/epoch")
    assert list(kept) == ["run/epoch_3.pth", "run/epoch_4.pth"]
    assert objects("run/last") == {"run/last_checkpoint": b"s3://bucket/run/epoch_4.pth"}
    client = boto3.client("s3")
    client.put_object(Bucket="bucket", Key="run/epoch_4.pth", Body=kept["run/epoch_4.pth"][:-9])
    client.close()
    runner = tiny(epochs(5, max_keep_ckpts=2), work_dir=work, resume=True, log_level="INFO")
    runner.train()
    assert "resumed epoch: 3, iter: 18" in log_of(runner)
    assert weights(runner) == expected
    assert list(objects("run/epoch")) == ["run/epoch_4.pth", "run/epoch_5.pth"]
    (log,) = [
        content for key, content in objects("run/2").items() if f"{runner.timestamp}.log" in key
    ]
    assert b"passing over" in log


def test_a_connection_that_breaks_in_an_upload_leaves_the_old_ones(
    tiny: Tiny, tmp_path: Path, store: Cut
) -> None:
    class CutAt(Hook):
        def before_save_checkpoint(self, runner: Any, checkpoint: dict[str, Any]) -> None:
            store.left = 9_000_000 if runner.epoch == 1 else None

    settings = {
        "backend": "s3",
        "part_size": 5 * 2**20,
        "retries": 1,
        "endpoint_url": f"http://127.0.0.1:{store.server_address[1]}",
    }
    runner = tiny(
        epochs(3, max_keep_ckpts=1, out_dir="s3://bucket", backend_args=settings),
        model={"type": "TinyNet", "width": 300_000},  # 12 MB, in three parts
        optim_wrapper={"optimizer": {"type": "SGD", "lr": 0.0, "momentum": 0.9}},
    )
    runner.register_hook(CutAt())
    seen = []

    class Look(Hook):
        def before_train_epoch(self, runner: Any) -> None:
            store.left = None
            seen.append({key: len(value) for key, value in objects("work/epoch").items()})

    runner.register_hook(Look())
    runner.train()
    assert store.cuts > 0
    assert [list(each) for each in seen] == [[], ["work/epoch_1.pth"], ["work/epoch_1.pth"]]
    assert seen[1] == seen[2]
    (content,) = objects("work/epoch").values()
    assert read_file(io.BytesIO(content))["meta"]["epoch"] == 3
    assert re.search(r"could not save s3://bucket/work/epoch_2\.pth", log_of(runner))


HOSTILE_TEXTS = {
    "apply.yaml": "a: !!python/object/apply:os.mkdir [{canary}]",
    "new.yaml": "a: !!python/object/new:os.mkdir [{canary}]",
    "module.yaml": "a: !!python/module:antigravity ''",
    "name.yaml": "a: !!python/name:os.system ''",
    "object.yaml": "a: !!python/object:subprocess.Popen {{args: [mkdir, {canary}]}}",
    "tag.yaml": "a: !os.mkdir {canary}",
    "bomb.yaml": "a: {{b: [",
    "py.json": '{{"a": __import__("os").mkdir("{canary}")}}',
    "cut.json": '{{"a": [1, 2',
    "deep.json": "[" * 200_000,
}


@pytest.mark.parametrize("name", HOSTILE_TEXTS)
def test_a_hostile_or_broken_text_is_refused_and_runs_nothing(tmp_path: Path, name: str) -> None:
    canary, file = tmp_path / "canary", tmp_path / name
    file.write_text(HOSTILE_TEXTS[name].format(canary=canary), "utf-8")
    for read in (fileio.load, Config.fromfile):
        with pytest.raises((ValueError, RecursionError, yaml.YAMLError)) as told:
            read(str(file))
        assert not canary.exists()
        for wanted in re.findall(r"!!python/\S+:([\w.]+)", HOSTILE_TEXTS[name]):
            assert wanted in str(told.value)
    assert name in str(told.value)  # a config is told by its file


def test_a_hostile_yaml_would_have_run(tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    yaml.unsafe_load(HOSTILE_TEXTS["apply.yaml"].format(canary=canary))
    assert canary.is_dir()
