"""Engine's Runner, and MMEngine's, which is called in the same way."""

import os

try:
    from engine_runner import BaseModel, Runner
except ImportError:
    from mmengine.model import BaseModel
    from mmengine.runner import Runner

DEFAULT_HOOKS = (
    *("runtime_info", "timer", "sampler_seed", "logger", "param_scheduler", "checkpoint"),
)


class Model(BaseModel):
    """The smallest network."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(2, 1)  # noqa: F821 - of plain.py

    def forward(self, x, y, mode):
        return {"loss": ((self.linear(x) - y) ** 2).mean()}


def train(size, hooks=True, wrapper=None, keep=(), **extra):
    """Train for ``size`` iterations, with the default hooks or without any.

    Args:
        size: how many.
        hooks: whether with the default hooks.
        wrapper: further arguments of the optimizer wrapper.
        keep: default hooks that stay where the others don't.
        extra: further arguments of the runner.
    """
    os.environ["ENGINE_PROGRESS"] = "0"
    model = Model()
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)  # noqa: F821 - of plain.py
    Runner(
        model,
        folder(),  # noqa: F821 - of plain.py
        train_dataloader=loader(size),  # noqa: F821 - of plain.py
        train_cfg={"by_epoch": True, "max_epochs": 1},
        optim_wrapper={"optimizer": optimizer, **(wrapper or {})},
        default_hooks=None if hooks else {n: None for n in DEFAULT_HOOKS if n not in keep},
        **extra,
    ).train()
