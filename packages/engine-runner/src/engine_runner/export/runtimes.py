"""Formats of exported programs: how each is written, and by what it is run."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor

__all__ = ["EXTRA", "run_onnx", "run_program", "write_onnx", "write_program"]

EXTRA: Final = "engine-runner[export]"


def write_onnx(
    program: Any,
    path: Path,
    *,
    inputs: Sequence[str],
    outputs: Sequence[str],
    sizes: Mapping[str, Mapping[int, str]],
) -> None:
    """Write a traced program as ONNX.

    Raises:
        ImportError: ``onnxscript`` is missing; the message has the command.
    """
    try:
        import onnxscript  # noqa: F401 - torch imports it, and says less
    except ImportError as error:
        raise ImportError(f"ONNX needs packages: pip install '{EXTRA}'") from error
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of torch's own code
        written: Any = torch.onnx.export(
            program,
            (),
            None,
            input_names=inputs,
            output_names=outputs,
            dynamic_shapes=tuple(dict(sizes[name]) for name in inputs),
            dynamo=True,
            verbose=False,
        )
        written.save(path)


def run_onnx(path: Path, inputs: Mapping[str, Tensor]) -> tuple[list[Tensor], str]:
    """Run a program by onnxruntime; return what comes out, and the name of what ran it.

    Raises:
        ImportError: ``onnxruntime`` is missing; the message has the command.
    """
    try:
        onnxruntime: Any = import_module("onnxruntime")  # which has no types
    except ImportError as error:
        raise ImportError(f"comparing needs a package: pip install '{EXTRA}'") from error
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    found = session.run(None, {name: tensor.numpy() for name, tensor in inputs.items()})
    name = f"onnxruntime {onnxruntime.__version__}"
    return [torch.as_tensor(each) for each in found], name


def write_program(program: Any, path: Path, **_: Any) -> None:
    """Write a traced program as ``torch.export.save`` does."""
    torch.export.save(program, path)


def run_program(path: Path, inputs: Mapping[str, Tensor]) -> tuple[list[Tensor], str]:
    """Run a program by ``torch.export.load``; return what comes out, and what ran it."""
    program = torch.export.load(path)
    with torch.no_grad():
        found = program.module()(*inputs.values())
    return torch.utils._pytree.tree_leaves(found), f"torch.export of {torch.__version__}"
