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


def train(size, hooks=True, **extra):
    """Train for ``size`` iterations, with the default hooks or without any."""
    os.environ["ENGINE_PROGRESS"] = "0"
    model = Model()
    Runner(
        model,
        folder(),  # noqa: F821 - of plain.py
        train_dataloader=loader(size),  # noqa: F821 - of plain.py
        train_cfg={"by_epoch": True, "max_epochs": 1},
        optim_wrapper={"optimizer": torch.optim.SGD(model.parameters(), lr=1e-3)},  # noqa: F821
        default_hooks=None if hooks else dict.fromkeys(DEFAULT_HOOKS),
        **extra,
    ).train()
