"""The 23 root registries: one for each kind of thing that a training is put together from.

They hold nothing of their own. Packages fill them, by plug-ins (`engine_registry.plugins`), and
libraries hang registries of their own below them.
"""

from __future__ import annotations

from engine_registry.build import (
    build_model_from_cfg,
    build_runner_from_cfg,
    build_scheduler_from_cfg,
)
from engine_registry.registry import Registry
from engine_registry.scope import ROOT_SCOPE as _ROOT

RUNNERS = Registry("runner", build_func=build_runner_from_cfg, scope=_ROOT)
RUNNER_CONSTRUCTORS = Registry("runner constructor", scope=_ROOT)
LOOPS = Registry("loop", scope=_ROOT)
HOOKS = Registry("hook", scope=_ROOT)
STRATEGIES = Registry("strategy", scope=_ROOT)
LOG_PROCESSORS = Registry("log_processor", scope=_ROOT)

DATASETS = Registry("dataset", scope=_ROOT)
DATA_SAMPLERS = Registry("data sampler", scope=_ROOT)
TRANSFORMS = Registry("transform", scope=_ROOT)

MODELS = Registry("model", build_func=build_model_from_cfg, scope=_ROOT)
MODEL_WRAPPERS = Registry("model_wrapper", scope=_ROOT)
WEIGHT_INITIALIZERS = Registry("weight initializer", scope=_ROOT)

OPTIMIZERS = Registry("optimizer", scope=_ROOT)
OPTIM_WRAPPERS = Registry("optim_wrapper", scope=_ROOT)
OPTIM_WRAPPER_CONSTRUCTORS = Registry("optimizer wrapper constructor", scope=_ROOT)
PARAM_SCHEDULERS = Registry("parameter scheduler", build_func=build_scheduler_from_cfg, scope=_ROOT)

EVALUATOR = Registry("evaluator", scope=_ROOT)
METRICS = Registry("metric", scope=_ROOT)
TASK_UTILS = Registry("task util", scope=_ROOT)
INFERENCERS = Registry("inferencer", scope=_ROOT)
FUNCTIONS = Registry("function", scope=_ROOT)

VISUALIZERS = Registry("visualizer", scope=_ROOT)
VISBACKENDS = Registry("vis_backend", scope=_ROOT)

ROOT_REGISTRIES = {
    name: value for name, value in sorted(globals().items()) if isinstance(value, Registry)
}
