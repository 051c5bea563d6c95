"""Export of a trained model: traced, written, run by another program, compared."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor, nn

from engine_checkpoint import load_state_dict, revised, weights_of
from engine_config import Config, ConfigDict
from engine_runner.export.errors import ExportError
from engine_runner.export.runtimes import run_onnx, run_program, write_onnx, write_program
from engine_runner.export.traced_model import TracedModel
from engine_runner.infer.components import ConfigType, MakesParts
from engine_runner.runner import build

__all__ = ["FORMATS", "ExportReport", "export_model"]

FORMATS: Final = {"onnx": (write_onnx, run_onnx), "torch": (write_program, run_program)}
_TOLERANCE = 1e-3
_FIXED: Final = (
    "\nif a size can't change: --static fixes all, --dynamic lets those change that it names"
)


@dataclass(frozen=True, kw_only=True)
class ExportReport:
    """What was written, and how near to the model it is.

    Attributes:
        path: the file.
        inputs: what the program takes: for each name the sizes, those that may change by name.
        outputs: the names of what it returns.
        batch_sizes: with how many samples it was run.
        difference: the largest absolute difference to the model's own numbers.
        magnitude: the largest of these.
        runtime: what ran it, with its version.
    """

    path: Path
    inputs: dict[str, tuple[int | str, ...]]
    outputs: list[str]
    batch_sizes: list[int]
    difference: float
    magnitude: float
    runtime: str


def export_model(
    cfg: Config | ConfigDict,
    checkpoint: str | None,
    out: str | Path,
    *,
    to: str | None = None,
    method: str = "forward",
    preprocess: bool = False,
    dynamic: Mapping[str, Mapping[int, str]] | None = None,
    tolerance: float = _TOLERANCE,
) -> ExportReport:
    """Export a model to a file that needs none of its Python, and keep it if it computes the same.

    An example batch comes from the config's test loader (else the validation's or training's).
    Inputs that have no effect on what comes out are left out.

    Args:
        cfg: the config of the model and its data.
        checkpoint: its weights; None takes those that a training would begin with.
        out: the file; it appears when it has been run and compared.
        to: ``onnx`` or ``torch``; by default what ``out`` ends with: ``.onnx``, or ``.pt2``.
        method: what is exported; ``forward`` means ``forward(..., mode="tensor")``.
        preprocess: whether the data preprocessor is part of the program.
        dynamic: for each input, sizes that may change, by dimension. None lets the number of
            samples change; {} fixes all.
        tolerance: the largest difference to the model, as part of its largest number.

    Raises:
        ValueError: the format is none.
        ExportError: weights are missing, it can't be traced so, or the file computes another thing.
        ImportError: what the format needs isn't installed.
    """
    kind = _format(Path(out), to)
    model = _MakesWholeModel()._init_model(cfg, checkpoint)
    traced = _traced(model, _example(cfg), method, preprocess=preprocess)
    program, sizes = _program(traced, _dynamic(traced, dynamic))
    outputs = traced.outputs()
    write, run = FORMATS[kind]
    target = Path(out)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, ignore_cleanup_errors=True) as folder:
        draft = Path(folder) / target.name
        write(program, draft, inputs=[*traced.inputs], outputs=[*outputs], sizes=sizes)
        difference, magnitude, counts, runtime = _compared(traced, sizes, partial(run, draft))
        if not difference <= tolerance * max(magnitude, 1e-6):
            raise ExportError(
                f"{kind} computes another thing than the model: it differs by {difference:.3g} "
                f"where the largest number is {magnitude:.3g}; nothing was written"
            )
        for file in Path(folder).iterdir():  # weights of more than 2 GB are beside the program
            file.replace(target.parent / file.name)
    return ExportReport(
        path=target,
        inputs=_sizes_of(traced.inputs, sizes),
        outputs=[*outputs],
        batch_sizes=counts,
        difference=difference,
        magnitude=magnitude,
        runtime=runtime,
    )


class _MakesWholeModel(MakesParts):
    """Makes a model with all of its weights: those that a file lacks would be random ones."""

    def _load_weights_to_model(
        self, model: nn.Module, checkpoint: dict[str, Any] | None, cfg: ConfigType | None
    ) -> None:
        if checkpoint is None:
            super()._load_weights_to_model(model, checkpoint, cfg)
            return
        state = revised(weights_of(checkpoint), [(r"^module\.", "")])
        report = load_state_dict(model, state, logger="silent")
        if report.missing or report.wrong_shape:
            raise ExportError(
                f"the weights are not those of this {type(model).__name__}; is the config the one "
                f"that was trained, with the same options?\n{report}"
            )


def _format(out: Path, to: str | None) -> str:
    kind = to or {".onnx": "onnx", ".pt2": "torch"}.get(out.suffix, "")
    if kind not in FORMATS:
        raise ValueError(f"{out}: the format is onnx or torch, by --to or by .onnx or .pt2: {to}")
    return kind


def _example(cfg: Config | ConfigDict) -> Any:
    for mode in ("test", "val", "train"):
        given = cfg.get(f"{mode}_dataloader")
        if given is not None:
            return next(iter(build.dataloader({**given, "num_workers": 0}, None)))
    raise ExportError("the config has no data loader for an example of what the model takes")


def _traced(model: nn.Module, batch: Any, method: str, *, preprocess: bool) -> TracedModel:
    preprocessor: Any = getattr(model, "data_preprocessor", None)
    if not preprocess and preprocessor is not None:
        with torch.no_grad():
            batch = preprocessor(batch, False)
    return TracedModel(model, method, batch, preprocess=preprocess).eval()


def _dynamic(
    traced: TracedModel, given: Mapping[str, Mapping[int, str]] | None
) -> dict[str, dict[int, str]]:
    """The sizes that may change, for each input."""
    inputs = traced.inputs
    if not inputs:
        raise ExportError("there is no tensor in what the model takes")
    unknown = set(given or ()) - set(inputs)
    if unknown:
        raise ExportError(f"no input is called {min(unknown)!r}; there are {', '.join(inputs)}")
    sizes = {name: dict((given or {}).get(name, {})) for name in inputs}
    for name, tensor in inputs.items():
        wrong = [i for i in sizes[name] if not 0 <= i < tensor.dim()]
        if wrong:
            raise ExportError(f"{name} has {tensor.dim()} dimensions, and none numbered {wrong[0]}")
        if given is None and tensor.dim():
            sizes[name] = {0: "batch"}
    return sizes


def _program(traced: TracedModel, sizes: dict[str, dict[int, str]]) -> tuple[Any, Any]:
    """Trace, without inputs that nothing uses."""
    while True:
        changes = torch.export.Dim.DYNAMIC  # within what the model allows, such as multiples of 4
        shapes = tuple(dict.fromkeys(sizes[name], changes) for name in traced.inputs)
        example = tuple(_at_least_two(traced.inputs[name], sizes[name]) for name in traced.inputs)
        try:
            with torch.no_grad():
                program = torch.export.export(traced, example, dynamic_shapes=shapes, strict=False)
        except Exception as error:
            raise ExportError(
                f"torch.export can't trace {type(traced.model).__name__}.{traced.method}: {error}"
                f"{_FIXED if any(sizes.values()) else ''}"
            ) from error
        used = {node.name: len(node.users) for node in program.graph.nodes}
        idle = [name for name in traced.inputs if not used.get(name, 1)]
        if not idle or len(idle) == len(traced.inputs):
            return program, sizes
        for name in idle:
            traced.drop(name)
            sizes = {key: value for key, value in sizes.items() if key != name}


def _at_least_two(tensor: Tensor, sizes: Mapping[int, str]) -> Tensor:
    """A tensor whose changing sizes are not 1, which a trace would take for a constant."""
    for i in sizes:
        if tensor.shape[i] == 1:
            tensor = torch.cat([tensor, tensor], dim=i)
    return tensor


def _sizes_of(
    inputs: Mapping[str, Tensor], sizes: Mapping[str, Mapping[int, str]]
) -> dict[str, tuple[int | str, ...]]:
    return {
        name: tuple(sizes[name].get(i, size) for i, size in enumerate(tensor.shape))
        for name, tensor in inputs.items()
    }


def _compared(
    traced: TracedModel,
    sizes: Mapping[str, Mapping[int, str]],
    run: Callable[[Mapping[str, Tensor]], tuple[list[Tensor], str]],
) -> tuple[float, float, list[int], str]:
    """Run the file on the example, and on one with another number of samples."""
    batches = [{name: _at_least_two(x, sizes[name]) for name, x in traced.inputs.items()}]
    if any(0 in each for each in sizes.values()):
        longer = {
            name: torch.cat([x, x[:1]]) if 0 in sizes[name] else x for name, x in batches[0].items()
        }
        batches.append(longer)
    difference, magnitude, runtime = 0.0, 0.0, ""
    for inputs in batches:
        found, runtime = run(inputs)
        with torch.no_grad():
            expected = torch.utils._pytree.tree_leaves(traced(*inputs.values()))
        for mine, its in zip(expected, found, strict=True):
            difference = max(difference, _gap(mine, its))
            finite = mine[mine.isfinite()].to(torch.float64).abs()
            magnitude = max(magnitude, float(finite.max()) if finite.numel() else 0.0)
    counts = [_num_samples(inputs, sizes) for inputs in batches]
    return difference, magnitude, counts, runtime


def _num_samples(inputs: Mapping[str, Tensor], sizes: Mapping[str, Mapping[int, str]]) -> int:
    """The first size of the first input where that may change, or else of the first one."""
    tensors = [x for name, x in inputs.items() if 0 in sizes[name]] or [*inputs.values()]
    return tensors[0].shape[0] if tensors[0].dim() else 1


def _gap(mine: Tensor, its: Tensor) -> float:
    """The largest difference; an infinity differs from all but itself, a NaN from all."""
    if mine.shape != its.shape:
        return math.inf
    mine, its = mine.to(torch.float64), its.to(torch.float64)
    gaps = (mine - its).abs()[mine != its].nan_to_num(nan=math.inf)
    return float(gaps.max()) if gaps.numel() else 0.0
