"""Train, validate, test and resume PyTorch models."""

from engine_registry.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "engine_runner.__about__": ["__version__"],
        "engine_runner.dataset": ["BaseDataset"],
        "engine_runner.evaluator": ["BaseMetric", "Evaluator"],
        "engine_runner.hooks": ["Hook"],
        "engine_runner.logs": ["LogProcessor"],
        "engine_runner.loops": ["BaseLoop"],
        "engine_runner.model": ["BaseDataPreprocessor", "BaseModel", "BaseModule"],
        "engine_runner.optim": ["OptimWrapper"],
        "engine_runner.runner": ["Runner", "load_checkpoint", "save_checkpoint"],
        "engine_runner.strategy": ["BaseStrategy"],
    },
    subpackages=[
        "analysis",
        "checkpoint",
        "dataset",
        "evaluator",
        "hooks",
        "infer",
        "logs",
        "loops",
        "model",
        "optim",
        "runner",
        "strategy",
        "testing",
    ],
)
