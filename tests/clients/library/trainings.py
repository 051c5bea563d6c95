"""Trainings of OpenMMLab's libraries by their own tools: on engine-compat and on MMEngine."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import formats

HERE = Path(__file__).parent
OPERATORS = HERE.parent / "operators"
CONFIGS = HERE.parent / "configs"
LINE = re.compile(r"((?:Epoch|Iter)\((?:train|val|test)\).*)$")
# What differs from one run of the same training to the next.
TIMES = re.compile(r"\b(?:time|data_time|memory): \S+|\beta: (?:\d+ days?, )?\S+")
TIMEOUT_S = 600  # a run that hangs fails

# Libraries that want the same mmcv, in a folder each: two folders, since no mmcv suits all.
GROUPS = {
    "mmcv-2.1": (
        *("mmcv-lite==2.1.0", "mmdet==3.3.0", "mmsegmentation==1.2.2", "mmpose==1.3.2"),
        "mmaction2==1.2.0",
    ),
    "mmdet3d": ("mmcv-lite==2.1.0", "mmdet==3.3.0", "mmdet3d==1.4.0"),
    "mmrazor": ("mmcv-lite==2.1.0", "mmdet==3.3.0", "mmrazor==1.0.0"),
    "mmagic": ("mmcv-lite==2.1.0", "mmagic==1.2.0"),
    "mmpretrain": ("mmcv-lite==2.2.0", "mmpretrain==1.2.0"),
    "mmcv-2.0": ("mmcv-lite==2.0.1", "mmdet==3.1.0", "mmocr==1.0.1", "mmyolo==0.6.0"),
    "published": ("mmselfsup==1.0.0", "opencompass==0.5.4", "xtuner==0.1.11"),
}
MMENGINE = "mmengine==0.10.7"


@dataclass(frozen=True)
class Training:
    """A config of ours that inherits a library's.

    Attributes:
        config: its name, which begins with the library's.
        group: whose folder holds the library.
        data: writes the data into a folder.
        checkpoint: the one that it ends with.
        resumed: options by which it goes on for a while from there.
        is_quick: whether every run of the tests has it.
        pictures: a pattern of what its library's inferencer looks at.
        draws: whether the inferencer writes pictures.
    """

    config: str
    group: str
    data: Callable[[Path], None]
    checkpoint: str = "epoch_2.pth"
    resumed: str = "train_cfg.max_epochs=3"
    is_quick: bool = False
    pictures: str = ""
    draws: bool = True

    @property
    def library(self) -> str:
        return self.config.partition("_")[0]


def _coco(folder: Path) -> None:
    formats.coco(folder / "coco", numbers=(12, 4))


def _faces(folder: Path) -> None:
    formats.faces(folder / "faces", number=8)


def _in(name: str, write: Callable[..., None], numbers: tuple[int, int]) -> Callable[[Path], None]:
    return partial(_write, name, write, numbers)


def _write(name: str, write: Callable[..., None], numbers: tuple[int, int], folder: Path) -> None:
    write(folder / name, numbers=numbers)


_SEGMENTATION = _in("segmentation", formats.segmentation, (8, 3))
_PICTURES = "coco/val2017/*.png"
_ITERATIONS = {"checkpoint": "iter_6.pth", "resumed": "train_cfg.max_iters=8"}

TRAININGS = [
    Training("mmdet_retinanet", "mmcv-2.1", _coco, is_quick=True, pictures=_PICTURES),
    Training("mmdet_rtmdet", "mmcv-2.1", _coco),
    Training(
        *("mmseg_fcn", "mmcv-2.1", _SEGMENTATION),
        **_ITERATIONS,
        is_quick=True,
        pictures="segmentation/images/val/*.png",
    ),
    Training(
        *("mmpretrain_resnet", "mmpretrain", _in("labelled", formats.labelled, (16, 10))),
        is_quick=True,
        pictures="labelled/val/*/*.png",
    ),
    Training("mmpretrain_swin", "mmpretrain", _in("labelled", formats.labelled, (16, 10))),
    Training("mmseg_segformer", "mmcv-2.1", _SEGMENTATION, **_ITERATIONS),
    Training("mmpose_simple", "mmcv-2.1", _coco, is_quick=True, pictures=_PICTURES),
    Training(
        *("mmaction_tsn", "mmcv-2.1", _in("videos", formats.videos, (8, 4))),
        pictures="videos/val/*.mp4",
    ),
    Training(
        *("mmocr_crnn", "mmcv-2.0", _in("words", formats.words, (16, 4))),
        is_quick=True,
        pictures="words/val/*.png",
    ),
    Training("mmyolo_v5", "mmcv-2.0", _coco, is_quick=True, pictures=_PICTURES),
    Training("mmyolo_rtmdet", "mmcv-2.0", _coco),
    Training(
        *("mmdet3d_pointpillars", "mmdet3d", _in("kitti", formats.kitti, (6, 2))),
        pictures="kitti/training/velodyne_reduced/val*.bin",
        draws=False,
    ),
    Training("mmrazor_cwd", "mmrazor", _coco),
    Training("mmagic_wgan", "mmagic", _faces, **_ITERATIONS, pictures="faces/*.png"),
]


def installed(folder: Path, requirements: tuple[str, ...]) -> Path:
    """A folder to import from, with these packages and nothing that they ask for."""
    if not folder.is_dir():
        draft = folder.with_suffix(".draft")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--upgrade"]
        subprocess.run([*pip, "--target", str(draft), *requirements], check=True)
        draft.rename(folder)
    _complete(folder)
    return folder


def _complete(folder: Path) -> None:
    """Add the module that mmaction2's wheel lacks, and imports."""
    missing = folder / "mmaction/models/localizers/drn"
    if missing.parent.is_dir() and not missing.is_dir():
        missing.mkdir()
        (missing / "__init__.py").touch()
        (missing / "drn.py").write_text("class DRN:\n    pass\n", "utf-8")


@dataclass(frozen=True)
class Side:
    """One of the two mmengines.

    Attributes:
        first: folders to import from before all others.
        is_original: whether it is MMEngine 0.10.7, which can't resume with this torch by itself.
    """

    first: tuple[Path, ...]
    is_original: bool = False

    def tool(self, training: Training, name: str, *arguments: str | Path, folder: Path) -> str:
        """Run one of the library's tools in ``folder``; return all that it said.

        Raises:
            AssertionError: it failed.
            subprocess.TimeoutExpired: it didn't end.
        """
        return self.python(self.tool_file(training, name), *arguments, folder=folder)

    def tool_file(self, training: Training, name: str) -> Path:
        """Where one of the library's tools is."""
        return self.first[-1] / training.library / ".mim/tools" / f"{name}.py"

    def environment(self) -> dict[str, str]:
        """What a process needs to find this side's mmengine and libraries."""
        return {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(map(str, [OPERATORS, *self.first, HERE])),
            "OMP_NUM_THREADS": "1",
            "MPLBACKEND": "Agg",
            "PYTHONHASHSEED": "0",  # a config of opencompass makes a list of a set
            "NUMBA_ENABLE_CUDASIM": "1",  # mmdet3d's metric has a kernel
            **({"TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD": "1"} if self.is_original else {}),
        }

    def python(self, *arguments: str | Path, folder: Path) -> str:
        """Run Python with ``arguments`` in ``folder``; return all that it said."""
        done = subprocess.run(
            [sys.executable, "-W", "ignore", *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env=self.environment(),
            cwd=folder,
            timeout=TIMEOUT_S,
        )
        assert done.returncode == 0, done.stdout[-6000:]
        return done.stdout


def lines(said: str) -> list[str]:
    """The lines of a training, validation or test, without times."""
    found = [match[1] for line in said.splitlines() if (match := LINE.search(line))]
    return [" ".join(TIMES.sub("", line).split()) for line in found]
