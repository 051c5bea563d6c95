"""The loop and the default hooks alone: a model that does nothing, data that costs nothing."""


class Still(Model):  # noqa: F821 - of engine.py
    """Returns the same loss without a computation."""

    def __init__(self):
        super().__init__()
        self.losses = {"loss": torch.tensor(0.5)}  # noqa: F821

    def train_step(self, data, optim_wrapper):
        return self.losses


class Same:
    """A loader of ``size`` times the same batch."""

    dataset = sampler = None

    def __init__(self, size):
        self.size = size

    def __len__(self):
        return self.size

    def __iter__(self):
        batch = torch.ones(2), torch.ones(1)  # noqa: F821
        for _ in range(self.size):
            yield batch


def alone(size, groups=1):
    """Train for ``size`` iterations with an optimizer of ``groups`` parameter groups."""
    params = [{"params": [nn.Parameter(torch.zeros(1))]} for _ in range(groups)]  # noqa: F821
    work_dir = folder()  # noqa: F821
    Runner(  # noqa: F821
        Still(),
        work_dir,
        train_dataloader=Same(size),
        train_cfg={"by_epoch": True, "max_epochs": 1},
        optim_wrapper={"optimizer": torch.optim.SGD(params, lr=1e-3)},  # noqa: F821
    ).train()
    return os.path.getsize(f"{work_dir}/epoch_1.pth")  # noqa: F821
