"""From configs to the objects of a training. Nothing else in this package knows configs."""

from __future__ import annotations

import copy
import logging
import math
from collections.abc import Callable
from functools import partial
from typing import Any

from torch import nn
from torch.optim import Optimizer
from torch.utils.data import DataLoader, Dataset

from engine_dataset import worker_init_fn
from engine_dataset.worker_shutdown import end_workers_at_exit
from engine_dist import get_data_info
from engine_evaluator import Evaluator, is_torch_metric
from engine_optim import OptimWrapper, OptimWrapperDict, build_optim_wrapper
from engine_registry import (
    DATA_SAMPLERS,
    DATASETS,
    EVALUATOR,
    FUNCTIONS,
    LOOPS,
    OPTIM_WRAPPERS,
    PARAM_SCHEDULERS,
    build_from_cfg,
)
from engine_registry.build import is_lazy
from engine_runner.errors import MissingKeyError
from engine_runner.loaders import num_batches
from engine_runner.runner.config_keys import check_arguments
from engine_runner.state import check_clock

__all__ = ["dataloader", "evaluator", "function", "loop", "optim_wrapper", "param_schedulers"]

logger = logging.getLogger(__name__)


def dataloader(dataloader: Any, seed: int | None = None, diff_rank_seed: bool = False) -> Any:
    """Return a loader: what is one already, or one made from a config.

    Beside the arguments of torch's `DataLoader` a config has ``dataset``, ``sampler`` (each a
    config or an object), ``batch_sampler``, ``collate_fn`` and ``worker_init_fn`` (a config or a
    function), and ``num_batch_per_epoch`` for a short epoch, to debug with.

    Args:
        dataloader: the loader or its config.
        seed: of the sampler and the workers.
        diff_rank_seed: whether ranks draw with different seeds.

    Raises:
        TypeError, ValueError: the config is wrong.
        MissingKeyError: it has no ``dataset``.
    """
    if not isinstance(dataloader, dict):
        return dataloader
    config = copy.copy(dataloader)
    if "dataset" not in config:
        raise MissingKeyError(
            f"the config of a data loader needs the key 'dataset', got {[*config]}"
        )
    dataset = _dataset(config.pop("dataset"))
    if "num_batch_per_epoch" in config:
        number = config.pop("num_batch_per_epoch") * config.get("batch_size", 1)
        dataset = _FirstSamples(dataset, number * get_data_info()[1])
    config.update(_samplers(config, dataset, None if diff_rank_seed else seed))
    end_workers_at_exit()
    config["worker_init_fn"] = _worker_init(config, seed)
    config["collate_fn"] = function(config.get("collate_fn", "pseudo_collate"))
    check_arguments("the config of a data loader", config, DataLoader.__init__)
    return DataLoader(dataset=dataset, **config)


def _dataset(given: Any) -> Any:
    dataset = DATASETS.build(given) if isinstance(given, dict) else given
    if hasattr(dataset, "full_init"):
        dataset.full_init()
    return dataset


def _samplers(config: dict[str, Any], dataset: Any, seed: int | None) -> dict[str, Any]:
    """The loader's sampler, or its batch sampler."""
    sampler = config.pop("sampler", None)
    if isinstance(sampler, dict):
        sampler = DATA_SAMPLERS.build(sampler, default_args={"dataset": dataset, "seed": seed})
    batches = config.pop("batch_sampler", None)
    if batches is None:
        return {"sampler": sampler}
    if isinstance(batches, dict):
        defaults = {"sampler": sampler, "batch_size": config.pop("batch_size", 1)}
        batches = DATA_SAMPLERS.build(batches, default_args=defaults)
    return {"batch_sampler": batches}


def _worker_init(config: dict[str, Any], seed: int | None) -> Callable[[int], None] | None:
    given = config.pop("worker_init_fn", None)
    quiet = config.pop("disable_subprocess_warning", False)
    common: dict[str, Any] = {
        "num_workers": config.get("num_workers", 0),
        "rank": get_data_info()[0],
    }
    if isinstance(given, dict):
        kind, arguments = _named_function(given)
        return partial(kind, **{**common, "seed": seed, **arguments})
    if given is not None or seed is None:
        found: Callable[[int], None] | None = given
        return found
    return partial(worker_init_fn, **common, seed=seed, disable_subprocess_warning=quiet)


def function(given: Any) -> Any:
    """Return a function: itself, one by name, or one of a config, some arguments filled in."""
    if isinstance(given, dict):
        found, arguments = _named_function(given)
        return partial(found, **arguments) if arguments else found
    return FUNCTIONS.resolve(str(given)) if isinstance(given, str) or is_lazy(given) else given


def _named_function(config: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The function that a config names, looked up in its scope, and the arguments."""
    arguments = dict(config)
    kind, scope = arguments.pop("type"), arguments.pop("_scope_", None)
    if isinstance(kind, str) or is_lazy(kind):  # what is lazy here, nobody has trusted
        with FUNCTIONS.switch_scope_and_registry(scope) as registry:
            kind = registry.resolve(str(kind))
    return kind, arguments


class _FirstSamples(Dataset[Any]):
    """The first samples of a data set."""

    def __init__(self, dataset: Any, number: int) -> None:
        self._dataset, self._number = dataset, min(number, len(dataset))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._dataset, name)

    def __getitem__(self, index: int) -> Any:
        return self._dataset[index]

    def __len__(self) -> int:
        return self._number


def evaluator(given: Any) -> Any:
    """Return an evaluator: what is one already, or one of metrics, their configs, or a list."""
    if isinstance(given, Evaluator):
        return given
    if isinstance(given, dict):
        if "metrics" in given or given.get("type") == "Evaluator":
            return EVALUATOR.build({"type": "Evaluator", **given})
        return Evaluator(given)
    if isinstance(given, list | tuple) or hasattr(given, "process") or is_torch_metric(given):
        return given if hasattr(given, "metrics") else Evaluator(given)
    raise TypeError(
        "an evaluator is an Evaluator, a metric, the config of one, or a list of them: got "
        f"{given!r:.200}"
    )


def loop(given: Any, default: str, **arguments: Any) -> Any:
    """Return a loop: what is one already, or the one that a config names, or else ``default``.

    Raises:
        TypeError: the config has a key that the loop doesn't know.
    """
    if not isinstance(given, dict):
        return given
    config = {key: value for key, value in given.items() if key != "by_epoch"}
    kind = config.pop("type", default)
    if "max_steps" in config:  # in place of what MMEngine's signature asks for
        config.setdefault("max_iters", None)
    found = LOOPS.resolve(kind) if isinstance(kind, str) else kind
    if isinstance(found, type):
        check_arguments(f"the config of {found.__name__}", config, found)
    return build_from_cfg({**config, "type": found, **arguments}, LOOPS)


def optim_wrapper(given: Any, model: nn.Module) -> Any:
    """Return an optimizer wrapper: what is one already, or one made from a config or optimizer.

    Raises:
        TypeError, ValueError: it is none of them, or several optimizers without a constructor.
    """
    if isinstance(given, OptimWrapper | OptimWrapperDict) or hasattr(given, "update_params"):
        return given
    if isinstance(given, Optimizer):
        return OptimWrapper(optimizer=given)
    if not isinstance(given, dict):
        raise TypeError(
            f"optim_wrapper must be a wrapper, an optimizer or a config, got {given!r:.200}"
        )
    optimizer = given.get("optimizer")
    if isinstance(optimizer, Optimizer):
        return OPTIM_WRAPPERS.build({"type": "OptimWrapper", **given})
    if optimizer is not None or "constructor" in given:
        return build_optim_wrapper(model, given)
    if given and all(isinstance(each, OptimWrapper) for each in given.values()):
        return OptimWrapperDict(**given)
    raise ValueError(
        "optim_wrapper needs the key 'optimizer', such as dict(type='SGD', lr=0.01); for several "
        f"optimizers, a 'constructor' or a dict of OptimWrappers: got {given!r:.200}"
    )


def param_schedulers(given: Any, wrapper: Any, trained: Any) -> Any:
    """Return the schedulers of an optimizer wrapper; for several optimizers, a list of each.

    Args:
        given: a scheduler, a config, a list of them, or for each optimizer any of these.
        wrapper: the optimizer wrapper.
        trained: the training loop: how long an epoch is, and the whole.

    Raises:
        TypeError: something is neither scheduler nor config.
    """
    if not isinstance(wrapper, OptimWrapperDict):
        return _schedulers(given, wrapper, trained)
    if isinstance(given, dict) and "type" not in given:
        return {name: _schedulers(each, wrapper[name], trained) for name, each in given.items()}
    return {name: _schedulers(given, each, trained) for name, each in wrapper.items()}


def _schedulers(given: Any, wrapper: Any, trained: Any) -> list[Any]:
    found: list[Any] = []
    for config in given if isinstance(given, list | tuple) else [given]:
        if not isinstance(config, dict):
            if not hasattr(config, "step"):
                raise TypeError(f"param_scheduler: {config!r:.200} is neither scheduler nor config")
            if not hasattr(config, "by_epoch"):
                raise TypeError(
                    f"param_scheduler: the {type(config).__name__} doesn't say whether it counts "
                    "epochs or iterations: give one of engine_optim, such as "
                    "dict(type='StepLR', step_size=30), or set its by_epoch to True or False"
                )
            found.append(config)
            continue
        found.append(_scheduler(dict(config), wrapper, trained))
    return found


def _scheduler(config: dict[str, Any], wrapper: Any, trained: Any) -> Any:
    """One scheduler; its config may have the ``clock``, "iteration" or "step", that it counts."""
    clock = check_clock("param_scheduler", config.pop("clock", "iteration"))
    every = 1 if clock == "iteration" else getattr(wrapper, "accumulative_counts", 1)
    length = num_batches(trained.dataloader)
    converts = config.get("convert_to_iter_based", False)
    if clock == "step":
        if config.setdefault("by_epoch", converts) and not converts:
            raise ValueError(
                f"param_scheduler: the {config.get('type')} counts either epochs or, with "
                'clock="step", optimizer steps: by_epoch=True needs convert_to_iter_based=True'
            )
        if converts and length is not None and length % every:
            raise ValueError(
                f"param_scheduler: an epoch of {length} batches is no whole number of steps of "
                f"{every} batches each: give the lengths of the {config.get('type')} in steps, "
                "with by_epoch=False"
            )
    defaults = {"optimizer": wrapper, "epoch_length": None if length is None else length // every}
    if "end" not in config and not _looks_at_metrics(config.get("type")):
        by_epoch = config.get("by_epoch", True)
        defaults["end"] = trained.max_epochs if by_epoch else math.ceil(trained.max_iters / every)
        logger.debug(
            "%s has no `end`: it lasts to the end of the training, %s",
            *(config.get("type"), defaults["end"]),
        )
    built = PARAM_SCHEDULERS.build(config, default_args=defaults)
    if clock == "step":
        built.clock = clock  # of any class; ParamSchedulerHook reads it
    return built


def _looks_at_metrics(kind: Any) -> bool:
    """Whether a scheduler steps with validations, which a training has as long as it lasts."""
    found = PARAM_SCHEDULERS.get(kind) if isinstance(kind, str) else kind
    return bool(getattr(found, "need_val_args", False))
