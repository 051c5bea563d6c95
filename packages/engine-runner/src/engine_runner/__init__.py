"""Train, validate, test and resume PyTorch models."""

from engine_registry.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "engine_runner.__about__": ["__version__"],
        "engine_dataset": ["BaseDataset"],
        "engine_evaluator": ["BaseMetric", "Evaluator"],
        "engine_runner.hooks": ["Hook"],
        "engine_runner.logs": ["LogProcessor"],
        "engine_runner.loops": ["BaseLoop"],
        "engine_model": ["BaseDataPreprocessor", "BaseModel", "BaseModule"],
        "engine_optim": ["OptimWrapper"],
        "engine_runner.runner": ["Runner", "load_checkpoint", "save_checkpoint"],
        "engine_runner.strategy": ["BaseStrategy"],
    },
    subpackages=[
        "compare",
        "export",
        "hooks",
        "infer",
        "logs",
        "loops",
        "runner",
        "strategy",
        "testing",
        "tuning",
    ],
)
