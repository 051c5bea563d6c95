"""The version of this package."""

__version__ = "0.1.0"
# Whose checkpoints have the layout of ours, and can be gone on from either way.
MMENGINE = "0.10.7"
# The distributions that a training is made of, from the bottom.
PACKAGES = (
    *("engine-config", "engine-registry", "engine-fileio", "engine-dist", "engine-structures"),
    *("engine-logging", "engine-visual", "engine-model", "engine-optim", "engine-dataset"),
    *("engine-evaluator", "engine-checkpoint", "engine-runner"),
)
