"""``engine export``."""

from __future__ import annotations

from typing import Any

import click

from engine_runner.cli.config_overrides import read_config
from engine_runner.cli.failures import plainly
from engine_runner.cli.options import TakesPairs, cfg_options, config_file, traceback_option

__all__ = ["export"]


def _dimensions(
    ctx: click.Context, param: click.Parameter, given: tuple[str, ...]
) -> dict[str, dict[int, str]] | None:
    found: dict[str, dict[int, str]] = {}
    for text in given:
        place, _, name = text.partition("=")
        tensor, _, number = place.rpartition(".")
        if not tensor or not number.isdigit() or not name.isidentifier():
            raise click.BadParameter(f"{text!r} is no INPUT.DIM=NAME", ctx, param)
        found.setdefault(tensor, {})[int(number)] = name
    return found or None


@click.command(cls=TakesPairs)
@config_file
@click.argument("checkpoint")
@click.argument("out", type=click.Path(dir_okay=False))
@click.option("--to", type=click.Choice(["onnx", "torch"]), help="By default what OUT ends with.")
@click.option("--method", metavar="NAME", help="Export another method than forward.")
@click.option("--preprocess", is_flag=True, help="Make the data preprocessor part of it.")
@click.option(
    "--dynamic",
    multiple=True,
    callback=_dimensions,
    metavar="INPUT.DIM=NAME",
    help="A size that may change, such as inputs.0=batch; may be repeated. By default the number "
    "of samples.",
)
@click.option("--static", is_flag=True, help="Fix all sizes to those of the example.")
@click.option(
    "--tolerance",
    type=float,
    default=1e-3,
    show_default=True,
    help="The largest difference to the model, as part of its largest number.",
)
@traceback_option
@cfg_options
def export(
    config: str,
    *,
    checkpoint: str,
    out: str,
    to: str | None,
    method: str | None,
    preprocess: bool,
    dynamic: dict[str, dict[int, str]] | None,
    static: bool,
    tolerance: float,
    traceback: bool,
    options: dict[str, Any],
) -> None:
    """Export the model of CONFIG with the weights in CHECKPOINT to OUT, as ONNX or torch.export.

    The file is run on a batch of the test data and compared with the model before it is kept.
    CONFIG may say export=dict(method=..., preprocess=...) for its model.

    \b
    engine export configs/resnet18.py epoch_20.pth resnet18.onnx
    engine export configs/resnet18.py epoch_20.pth resnet18.pt2 --preprocess
    engine export configs/unet.py best.pth unet.onnx --dynamic inputs.0=batch --dynamic inputs.2=h
    """
    with plainly(traceback=traceback):
        cfg = read_config(config, options)
        from engine_runner.export import export_model

        own = dict(cfg.get("export") or {})
        report = export_model(
            cfg,
            checkpoint,
            out,
            to=to,
            method=method or own.get("method", "forward"),
            preprocess=preprocess or own.get("preprocess", False),
            dynamic={} if static else dynamic,
            tolerance=tolerance,
        )
    for name, sizes in report.inputs.items():
        click.echo(f"input    {name} ({', '.join(map(str, sizes))})")
    click.echo(f"output   {', '.join(report.outputs)}")
    counts = " and ".join(map(str, report.batch_sizes))
    click.echo(f"run by   {report.runtime} on {counts} samples")
    click.echo(f"differs  by at most {report.difference:.2g}, of {report.magnitude:.3g}")
    click.echo(f"written  {report.path} ({report.path.stat().st_size / 1e6:.1f} MB)")
