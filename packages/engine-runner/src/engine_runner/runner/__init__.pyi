# Made from __init__.py by tests/rules/test_lazy_names.py.
from engine_runner.amp import (
    autocast as autocast,
)
from engine_checkpoint import (
    CheckpointLoader as CheckpointLoader,
    find_latest_checkpoint as find_latest_checkpoint,
    get_deprecated_model_names as get_deprecated_model_names,
    get_external_models as get_external_models,
    get_mmcls_models as get_mmcls_models,
    get_state_dict as get_state_dict,
    get_torchvision_models as get_torchvision_models,
    load_checkpoint as load_checkpoint,
    load_state_dict as load_state_dict,
    save_checkpoint as save_checkpoint,
    weights_to_cpu as weights_to_cpu,
)
from engine_runner.hooks import (
    Priority as Priority,
    get_priority as get_priority,
)
from engine_runner.logs import (
    LogProcessor as LogProcessor,
)
from engine_runner.loops import (
    BaseLoop as BaseLoop,
    EpochBasedTrainLoop as EpochBasedTrainLoop,
    IterBasedTrainLoop as IterBasedTrainLoop,
    TestLoop as TestLoop,
    ValLoop as ValLoop,
)
from engine_model.activation_checkpointing import (
    turn_on_activation_checkpointing as turn_on_activation_checkpointing,
)
from engine_runner.randomness import (
    set_random_seed as set_random_seed,
)
from engine_runner.runner.environment_report import (
    collect_env as collect_env,
)
from engine_runner.runner.runner import (
    Runner as Runner,
)
