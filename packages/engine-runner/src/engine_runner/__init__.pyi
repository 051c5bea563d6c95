# Made from __init__.py by tests/rules/test_lazy_names.py.
from engine_runner.__about__ import (
    __version__ as __version__,
)
from engine_dataset import (
    BaseDataset as BaseDataset,
)
from engine_evaluator import (
    BaseMetric as BaseMetric,
    Evaluator as Evaluator,
)
from engine_runner.hooks import (
    Hook as Hook,
)
from engine_runner.logs import (
    LogProcessor as LogProcessor,
)
from engine_runner.loops import (
    BaseLoop as BaseLoop,
)
from engine_model import (
    BaseDataPreprocessor as BaseDataPreprocessor,
    BaseModel as BaseModel,
    BaseModule as BaseModule,
)
from engine_optim import (
    OptimWrapper as OptimWrapper,
)
from engine_runner.runner import (
    Runner as Runner,
    load_checkpoint as load_checkpoint,
    save_checkpoint as save_checkpoint,
)
from engine_runner.strategy import (
    BaseStrategy as BaseStrategy,
)
