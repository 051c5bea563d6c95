"""Notebooks: those of the documentation run from top to bottom, and no kernel leaves a process."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest
from jupyter_client.manager import start_new_kernel
from nbclient import NotebookClient

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / "packages/engine-runner/tests/library/ending.py"
# a loop and how its workers start, or a loader that the notebook holds until its end
CELLS = (("train", "fork"), ("test", "spawn"), ("by_hand", "fork"))


def is_running(process_id: int) -> bool:
    """Whether it does anything: one that has ended may wait to be collected."""
    try:
        return bool(psutil.Process(process_id).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def running(folder: Path) -> int:
    """How many of the data workers that left files in ``folder`` still run."""
    workers = [int(each.stem) for each in folder.glob("*.worker")]
    assert workers
    return sum(map(is_running, workers))


def test_workers_that_persist_end_with_the_loop_or_the_kernel(tmp_path: Path) -> None:
    left = {}
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(tmp_path))
    try:
        client.execute(f"import sys; sys.path.insert(0, {str(PROGRAM.parent)!r}); import ending")
        for what, start_method in CELLS:
            folder = tmp_path / what
            folder.mkdir()
            cell = f"ending.main({what!r}, 'normal', {start_method!r}, {str(folder)!r})"
            reply = client.execute_interactive(cell, timeout=300)
            assert reply["content"]["status"] == "ok", reply["content"]
            left[what] = running(folder)
    finally:
        client.stop_channels()
        manager.shutdown_kernel()
    assert left == {"train": 0, "test": 0, "by_hand": 2}
    assert not any(running(tmp_path / what) for what, _ in CELLS)


@pytest.mark.parametrize("page", ["fifteen_minutes", "configs", "registries"])
def test_the_notebooks_run_from_top_to_bottom(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook = _hook()
    (source, last), *others = [(k, v) for k, v in hook.NOTEBOOKS.items() if Path(k).stem == page]
    assert not others
    text = (ROOT / "docs" / source).read_text(encoding="utf-8")
    notebook: Any = nbformat.from_dict(hook.notebook_of(text, last))
    nbformat.validate(notebook)
    # what a page installs goes into a folder
    monkeypatch.setenv(
        "PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    )
    monkeypatch.setenv("PIP_TARGET", str(tmp_path / "installed"))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "installed"))
    monkeypatch.setenv("PIP_NO_DEPS", "1")
    monkeypatch.setenv("PIP_NO_BUILD_ISOLATION", "0")  # which switches it off
    resources = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(notebook, timeout=300, resources=resources).execute()
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    shown = "".join(each.get("text", "") for cell in code for each in cell.outputs)
    if page == "fifteen_minutes":
        assert "accuracy: 9" in shown
        (picture,) = [each for each in code[-1].outputs if "data" in each]
        assert len(picture["data"]["image/png"]) > 10_000
    elif page == "configs":
        assert "model.depth = 101" in shown
    else:
        assert "model.heightt: Tower takes no argument 'heightt'" in shown
        assert [each["text"].strip() for each in code[-2].outputs][-1] == "20"


def _hook() -> Any:
    path = ROOT / "docs/_hooks/notebooks.py"
    spec = importlib.util.spec_from_file_location("notebooks", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
