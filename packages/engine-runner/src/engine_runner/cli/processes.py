"""The options by which a command runs in several processes, here and on other machines."""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Callable
from typing import Any, Final

import click

from engine_runner.cli.agent import Launch
from engine_runner.cli.endpoint import Endpoint
from engine_runner.cli.failures import plainly
from engine_runner.cli.options import length_of_time

__all__ = ["in_processes"]

_OWN: Final = {
    "--nproc": "nproc",
    "--nnodes": "nnodes",
    "--rdzv-endpoint": "rdzv_endpoint",
    "--rdzv-id": "rdzv_id",
    "--rdzv-timeout": "rdzv_timeout",
    "--node-rank": "node_rank",
    "--max-restarts": "max_restarts",
}


def _number_of_processes(
    ctx: click.Context, param: click.Parameter, given: str | None
) -> int | None:
    if given is None:
        return None
    if given == "auto":
        return max(_num_accelerators(), 1)
    if given == "gpu":
        if not (found := _num_accelerators()):
            raise click.BadParameter("there is no accelerator here", ctx, param)
        return found
    if not given.isdigit() or int(given) < 1:
        raise click.BadParameter(f"{given!r} is neither a number nor auto or gpu", ctx, param)
    return int(given)


def _num_accelerators() -> int:
    import torch

    return torch.accelerator.device_count() if torch.accelerator.is_available() else 0


def _number_of_nodes(
    ctx: click.Context, param: click.Parameter, given: str | None
) -> tuple[int, int] | None:
    if given is None:
        return None
    found = re.fullmatch(r"([1-9]\d*)(?::([1-9]\d*))?", given)
    nodes = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
    if nodes[0] > nodes[1]:
        raise click.BadParameter(f"{given!r} is neither N nor MIN:MAX", ctx, param)
    return nodes


def _endpoint(ctx: click.Context, param: click.Parameter, given: str | None) -> Endpoint | None:
    try:
        return None if given is None else Endpoint.read(given)
    except ValueError as error:
        raise click.BadParameter(str(error), ctx, param) from error


_OPTIONS: Final = (
    click.option(
        "--nproc",
        callback=_number_of_processes,
        metavar="N|auto|gpu",
        help="Start N processes on this machine; auto: one for each accelerator, or else one.",
    ),
    click.option(
        "--nnodes",
        callback=_number_of_nodes,
        metavar="N|MIN:MAX",
        help="Run on N machines, on each of which this command is started.",
    ),
    click.option(
        "--rdzv-endpoint",
        callback=_endpoint,
        metavar="HOST[:PORT]",
        help="Where they meet: one of the machines, and a free port of it (29400).",
    ),
    click.option(
        "--rdzv-id",
        metavar="NAME",
        default="engine",
        show_default=True,
        help="Name of the job, where several jobs meet at one endpoint.",
    ),
    click.option(
        "--rdzv-timeout",
        callback=length_of_time,
        default="10m",
        show_default=True,
        metavar="TIME",
        help="How long machines wait for one another.",
    ),
    click.option(
        "--node-rank",
        type=click.IntRange(min=0),
        metavar="N",
        help="0 on the machine of the endpoint, if that can't be seen from its address.",
    ),
    click.option(
        "--max-restarts",
        type=click.IntRange(min=0),
        default=0,
        metavar="N",
        help="After a failure start all processes anew, up to N times, and go on.",
    ),
)


def in_processes(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options to a click command, and run it in the processes that they ask for."""

    @functools.wraps(command)
    def run(*args: Any, **given: Any) -> None:
        own = {name: given.pop(name) for name in _OWN.values()}
        launch = _launch(own, given["launcher"])
        if launch is None:
            command(*args, **given)
            return
        with plainly(traceback=given["traceback"]):
            from engine_runner.cli.launching import relaunch

            code = relaunch(launch, [*_OWN])
        sys.exit(code)

    for option in reversed(_OPTIONS):
        run = option(run)
    return run


def _launch(own: dict[str, Any], launcher: str) -> Launch | None:
    """What to start, or None to stay in this process."""
    nodes, endpoint = own["nnodes"], own["rdzv_endpoint"]
    if own["nproc"] is None and nodes is None and endpoint is None:
        return None
    if launcher != "none":
        raise click.UsageError(
            f"--launcher {launcher} is for processes that were started by something else; "
            "--nproc and --nnodes start them"
        )
    nodes = nodes or (1, 1)
    if nodes[1] > 1 and endpoint is None:
        raise click.UsageError(
            "several machines have to meet: give all of them the same --rdzv-endpoint HOST[:PORT], "
            "one of the machines and a free port of it"
        )
    return Launch(
        nproc=own["nproc"] or max(_num_accelerators(), 1),
        nodes=nodes,
        endpoint=endpoint,
        run_id=own["rdzv_id"],
        node_rank=own["node_rank"],
        timeout_s=own["rdzv_timeout"],
        max_restarts=own["max_restarts"],
    )
