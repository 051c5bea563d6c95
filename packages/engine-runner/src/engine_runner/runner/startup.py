"""Start-up of a run: its folder, time and name, its logs, and the placing of its model."""

from __future__ import annotations

import os
import time
import weakref
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine_dist import broadcast_object_list, is_main_process, set_data_group
from engine_fileio.address import hide_secrets
from engine_logging import MessageHub, MMLogger, relay
from engine_logging.formats import hide_secrets_with
from engine_model import PlainModel
from engine_runner.__about__ import PACKAGES
from engine_runner.runner.config_keys import check_arguments
from engine_runner.runner.environment import describe, goes_on_by_itself
from engine_runner.runner.run_info import RunInfo
from engine_runner.runner.strategy_choice import request_of
from engine_visual import Visualizer

__all__ = ["begin", "begin_logs", "place_model", "run_info", "take_logs"]

hide_secrets_with(hide_secrets)  # the log tells of an address what errors tell

# Whose records belong into the run's log.
_LIBRARIES = tuple(name.replace("-", "_") for name in PACKAGES)
# The runners of this process, and the names of their loggers, hubs and visualizers.
_runners: list[tuple[weakref.ref[Any], str]] = []


def run_info(arguments: Mapping[str, Any]) -> RunInfo:
    """Return what a runner's arguments say of a run: its folder, and what it goes on from."""
    resume, load_from = arguments["resume"], arguments["load_from"]
    is_address = isinstance(resume, str) and resume != "auto"
    return RunInfo(
        work_dir=_full_path(arguments["work_dir"]),
        launcher=arguments["launcher"],
        resume=bool(resume),
        load_from=str(resume) if is_address else load_from,
    )


def begin(runner: Any, info: RunInfo, arguments: Mapping[str, Any]) -> None:
    """Set the process up, seed it, and name the run.

    Args:
        runner: its ``setup_env`` and ``set_randomness`` are called.
        info: gets time, names and folders.
        arguments: the runner's.
    """
    randomness = {"seed": None, **arguments["randomness"]}
    check_arguments("randomness", randomness, runner.set_randomness)
    runner.setup_env(arguments["env_cfg"])
    _check_writable(info.work_dir)
    if not info.resume and goes_on_by_itself(info.work_dir):
        info.resume, info.load_from = True, None
    runner.set_randomness(**randomness)
    file = runner.cfg.filename
    name = arguments["experiment_name"] or (Path(file).stem if file else None)
    info.timestamp = _new_log_folder(info.work_dir)
    info.experiment_name = _free_name(name, info.timestamp)
    info.log_dir = _log_folder(info.work_dir, info.timestamp)
    _forget_dead(runner, info.experiment_name)


def begin_logs(runner: Any, arguments: Mapping[str, Any]) -> None:
    """Make what people will read: log, hub, visualizer.

    Args:
        runner: its ``build_...`` are called, and it gets what they return.
        arguments: the runner's.
    """
    runner.default_scope = runner.build_default_scope(arguments["default_scope"])
    processor = arguments["log_processor"]
    if processor is None:
        processor = {"by_epoch": (arguments["train_cfg"] or {}).get("by_epoch", True)}
    runner.log_processor = runner.build_log_processor(processor)
    runner.logger = runner.build_logger(log_level=arguments["log_level"])
    take_logs(runner.logger)
    runner.logger.info(describe(seed=runner.seed, world_size=runner.world_size))
    runner.message_hub = runner.build_message_hub()
    runner.visualizer = runner.build_visualizer(arguments["visualizer"])


def take_logs(logger: MMLogger) -> None:
    """Let what all our packages log go to a logger."""
    relay(_LIBRARIES, logger)


def place_model(runner: Any, info: RunInfo, arguments: Mapping[str, Any]) -> None:
    """Build the strategy, ask it whether it can do what is asked for, and place the model.

    Args:
        runner: its ``build_strategy``, ``build_model`` and ``wrap_model`` are called, and it gets
            what they return.
        info: gets the class of the model.
        arguments: the runner's.
    """
    runner.strategy = runner.build_strategy(arguments["strategy"])
    request = request_of(arguments, runner.cfg, diff_rank_seed=runner.diff_rank_seed)
    runner.strategy.check(request)
    set_data_group(runner.strategy.data_group())
    model, data_preprocessor = arguments["model"], arguments["data_preprocessor"]
    if isinstance(model, dict) and data_preprocessor is not None and arguments["loss"] is None:
        model = {"data_preprocessor": data_preprocessor, **model}
    with runner.strategy.building():
        built = runner.build_model(model)
    info.model_name = type(built.module if isinstance(built, PlainModel) else built).__name__
    runner.model = runner.wrap_model(runner.cfg.get("model_wrapper_cfg"), built)


def _full_path(work_dir: str | os.PathLike[str]) -> str:
    """Return the whole path of a local folder; an address of another place as it is."""
    found = os.fspath(work_dir)
    return found if "://" in found else str(Path(found).expanduser().absolute())


def _check_writable(work_dir: str) -> None:
    """Make the folder of a run; an address of another place is taken as it is.

    Raises:
        OSError: it can't be made or written.
    """
    if "://" in work_dir:
        return
    try:
        Path(work_dir).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise type(error)(
            error.errno, f"the work_dir can't be made: {error.strerror}", work_dir
        ) from error
    if not os.access(work_dir, os.W_OK):
        raise PermissionError(13, "the work_dir can't be written", work_dir)


def _log_folder(work_dir: str, timestamp: str) -> str:
    """Return the local folder of a run's logs: in its work_dir, or below ``work_dirs`` here.

    Logs are written line by line, which a remote store can't.
    """
    if "://" in work_dir:
        return str(Path("work_dirs", Path(work_dir).name, timestamp).absolute())
    return str(Path(work_dir) / timestamp)


def _new_log_folder(work_dir: str) -> str:
    """Make the folder of a run's logs, and return its time, on all ranks, as YYYYmmdd_HHMMSS.

    It is the main process's, or the next second in which no other run has begun there.
    """
    seconds, found = time.time(), [""]
    while is_main_process():
        found[0] = time.strftime("%Y%m%d_%H%M%S", time.localtime(seconds))
        try:
            Path(_log_folder(work_dir, found[0])).mkdir(parents=True)
            break
        except FileExistsError:
            seconds += 1
    broadcast_object_list(found)
    return found[0]


def _forget_dead(runner: Any, name: str) -> None:
    """Let go of what is global by the names of runners that are gone, and remember this one's."""
    for known, former in [*_runners]:
        is_dead = known() is None
        if is_dead or former == name:  # the name is this one's from now on
            _runners.remove((known, former))
        if is_dead:
            for kind in (MMLogger, MessageHub, Visualizer):
                found: Any = kind._instance_dict.pop(former, None)
                if isinstance(found, MMLogger):
                    found.close()
    _runners.append((weakref.ref(runner), name))


def _free_name(name: str | None, timestamp: str) -> str:
    """Return a name that no run of this process has: two may begin in one second."""
    wanted_name = f"{name}_{timestamp}" if name else timestamp
    found, number = wanted_name, 1
    while MessageHub.check_instance_created(found):
        found, number = f"{wanted_name}_{number}", number + 1
    return found
