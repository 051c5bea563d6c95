"""Models in wrappers that average gradients over processes."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Final

import torch
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from engine_model.anomalies import detect_anomalous_params
from engine_model.wrapped_steps import ModelSteps, WrapperSteps

__all__ = [
    "MMDistributedDataParallel",
    "MMSeparateDistributedDataParallel",
]


# Newer versions of torch call ``broadcast_buffers`` so, and warn of the old name.
_SYNCS: Final = "forward_sync_buffers"
_OPTIONS: Final = inspect.signature(DistributedDataParallel.__init__).parameters


class MMDistributedDataParallel(WrapperSteps, DistributedDataParallel):
    """Torch's DistributedDataParallel around a `BaseModel`.

    Args:
        module: the model.
        detect_anomalous_params: whether to log parameters that the loss doesn't depend on.
        kwargs: of torch's class.
    """

    def __init__(
        self, module: nn.Module, detect_anomalous_params: bool = False, **kwargs: Any
    ) -> None:
        if "broadcast_buffers" in kwargs and _SYNCS in _OPTIONS:
            kwargs[_SYNCS] = kwargs.pop("broadcast_buffers")
        super().__init__(module=module, **kwargs)
        self.detect_anomalous_params = detect_anomalous_params

    def train_step(self, data: Any, optim_wrapper: Any) -> dict[str, torch.Tensor]:
        """Train on a batch; see `BaseModel.train_step`."""
        total, log_vars = self._trained(data, optim_wrapper)
        if self.detect_anomalous_params:
            detect_anomalous_params(total, model=self)
        return log_vars


class MMSeparateDistributedDataParallel(ModelSteps, DistributedDataParallel):
    """Wraps each child of a model by itself, for models that train parts in turns, as GANs do.

    Args:
        module: the model.
        broadcast_buffers: of torch's class.
        find_unused_parameters: of torch's class.
        kwargs: of torch's class.
    """

    def __init__(
        self,
        module: nn.Module,
        broadcast_buffers: bool = False,
        find_unused_parameters: bool = False,
        **kwargs: Any,
    ) -> None:
        nn.Module.__init__(self)
        self.module = module
        device = next((each.device for each in module.parameters()), torch.device("cpu"))
        for name, child in list(module._modules.items()):
            if child is None or not any(each.requires_grad for each in child.parameters()):
                if child is not None:
                    child.to(device)
                continue
            wrapped = MMDistributedDataParallel(
                module=child.to(device),
                broadcast_buffers=broadcast_buffers,
                find_unused_parameters=find_unused_parameters,
                **kwargs,
            )
            module._modules[name] = wrapped

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Call the model."""
        return self.module(*args, **kwargs)

    def train(self, mode: bool = True) -> Any:
        """Set the mode of the wrapper and of the model."""
        self.training = mode
        self.module.train(mode)
        return self

    @contextmanager
    def no_sync(self) -> Iterator[None]:
        """Hold that no child averages its gradients."""
        with ExitStack() as stack:
            for child in self.module.children():
                if isinstance(child, DistributedDataParallel):
                    stack.enter_context(child.no_sync())
            yield

    def __getattr__(self, name: str) -> Any:
        try:
            return nn.Module.__getattr__(self, name)
        except AttributeError:
            if name == "module":
                raise
            return getattr(self.module, name)
