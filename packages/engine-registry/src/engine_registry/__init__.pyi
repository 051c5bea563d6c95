# Made from __init__.py by tests/rules/test_lazy_names.py.
from engine_registry.__about__ import (
    __version__ as __version__,
)
from engine_registry.build import (
    build_from_cfg as build_from_cfg,
    build_model_from_cfg as build_model_from_cfg,
    build_runner_from_cfg as build_runner_from_cfg,
    build_scheduler_from_cfg as build_scheduler_from_cfg,
)
from engine_registry.deprecation import (
    deprecated as deprecated,
)
from engine_registry.errors import (
    MissingTypeError as MissingTypeError,
    RegistryError as RegistryError,
    TakenNameError as TakenNameError,
    UnknownNameError as UnknownNameError,
    UntrustedNameError as UntrustedNameError,
)
from engine_registry.manager import (
    ManagerMeta as ManagerMeta,
    ManagerMixin as ManagerMixin,
)
from engine_registry.registry import (
    Registry as Registry,
)
from engine_registry.root import (
    DATASETS as DATASETS,
    DATA_SAMPLERS as DATA_SAMPLERS,
    EVALUATOR as EVALUATOR,
    FUNCTIONS as FUNCTIONS,
    HOOKS as HOOKS,
    INFERENCERS as INFERENCERS,
    LOG_PROCESSORS as LOG_PROCESSORS,
    LOOPS as LOOPS,
    METRICS as METRICS,
    MODELS as MODELS,
    MODEL_WRAPPERS as MODEL_WRAPPERS,
    OPTIMIZERS as OPTIMIZERS,
    OPTIM_WRAPPERS as OPTIM_WRAPPERS,
    OPTIM_WRAPPER_CONSTRUCTORS as OPTIM_WRAPPER_CONSTRUCTORS,
    PARAM_SCHEDULERS as PARAM_SCHEDULERS,
    RUNNERS as RUNNERS,
    RUNNER_CONSTRUCTORS as RUNNER_CONSTRUCTORS,
    STRATEGIES as STRATEGIES,
    TASK_UTILS as TASK_UTILS,
    TRANSFORMS as TRANSFORMS,
    VISBACKENDS as VISBACKENDS,
    VISUALIZERS as VISUALIZERS,
    WEIGHT_INITIALIZERS as WEIGHT_INITIALIZERS,
)
from engine_registry.scope import (
    DefaultScope as DefaultScope,
    alias_scope as alias_scope,
    init_default_scope as init_default_scope,
)
from engine_registry.listing import (
    count_registered_modules as count_registered_modules,
    traverse_registry_tree as traverse_registry_tree,
)
from engine_registry.trust import (
    is_trusted as is_trusted,
    trust_of as trust_of,
    trusting as trusting,
)
