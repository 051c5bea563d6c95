"""What MMEngine 0.10.7 refuses with a class that somebody may wait for has that class here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from torch import nn

from mmengine import Config
from mmengine.dataset import ConcatDataset
from mmengine.dist import collect_results
from mmengine.fileio import LocalBackend
from mmengine.hooks import CheckpointHook
from mmengine.logging import HistoryBuffer, MessageHub, MMLogger
from mmengine.model import BaseModel
from mmengine.registry import count_registered_modules
from mmengine.runner import Runner, get_priority
from mmengine.utils import mkdir_or_exist, symlink

NO_NAME: Any = 1.5


class Model(BaseModel):
    """A model that nobody trains."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(1, 1)

    def forward(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Give nothing."""
        return {}


def a_file() -> str:
    """A file that is no folder, and no configuration."""
    Path("file.txt").write_text("a")
    return "file.txt"


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        (lambda: MMLogger("error_classes", log_level="info"), KeyError),
        (lambda: Runner(Model(), "work", log_level="loud"), KeyError),
        (lambda: Runner(Model(), a_file()), FileExistsError),
        (lambda: get_priority("quite high"), KeyError),
        (lambda: Runner.build_dataloader({"batch_size": 1}), KeyError),
        (lambda: ConcatDataset([]), IndexError),
        (lambda: collect_results([1], 1, device="tpu"), NotImplementedError),
        (lambda: MessageHub("error_classes").get_scalar(NO_NAME), KeyError),
        (lambda: HistoryBuffer().statistics(NO_NAME), KeyError),
        (lambda: CheckpointHook(save_best="acc", rule="more"), KeyError),
        (lambda: Config.fromfile(a_file()), OSError),
        (lambda: Config.fromfile("nowhere.txt"), FileNotFoundError),
        (lambda: count_registered_modules(a_file(), verbose=False), FileExistsError),
    ],
)
def test_an_error_is_of_the_class_that_mmengine_raises(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    call: Callable[[], Any],
    kind: type[Exception],
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(kind):
        call()


def test_what_mmengine_takes_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: list[Any] = [b"folder", b"folder/a.txt", b"link"]
    mkdir_or_exist(names[0])
    assert Path("folder").is_dir()
    local = LocalBackend()
    local.put(b"a", names[1])
    assert local.get(names[1]) == b"a"
    assert local.isfile(names[1])
    symlink(names[1], names[2])
    assert Path("link").read_text() == "a"
    assert count_registered_modules("new/folder", verbose=False)
    assert Path("new/folder/modules_statistic_results.json").is_file()
    assert CheckpointHook(rule="greater").key_indicators == []
