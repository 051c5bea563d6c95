"""A model that knows how to train, to validate and to test itself on a batch."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, Self

import torch
from torch import Tensor, nn

from engine_model.base_module import BaseModule
from engine_model.data_preprocessor import BaseDataPreprocessor, accelerator
from engine_registry import MODELS

__all__ = ["BaseModel"]


class BaseModel(BaseModule):
    """Override `forward`, and the runner can train it.

    ``forward(*inputs, mode)`` returns, for each mode,

    * "loss": a dict of losses, each a tensor or a list of tensors;
    * "predict": a list of predictions, one for each sample;
    * "tensor": whatever the network gives.

    Args:
        data_preprocessor: what moves a batch to the device and normalises it, or its config.
        init_cfg: how weights are initialised.

    Raises:
        TypeError: ``data_preprocessor`` is neither module nor config.
    """

    def __init__(
        self,
        data_preprocessor: dict[str, Any] | nn.Module | None = None,
        init_cfg: dict[str, Any] | list[dict[str, Any]] | None = None,
    ) -> None:
        super().__init__(init_cfg)
        if data_preprocessor is None:
            data_preprocessor = BaseDataPreprocessor()
        elif isinstance(data_preprocessor, dict):
            data_preprocessor = MODELS.build({"type": "BaseDataPreprocessor", **data_preprocessor})
        if not isinstance(data_preprocessor, nn.Module):
            raise TypeError(
                f"data_preprocessor must be a module or a config, got {data_preprocessor!r:.200}"
            )
        self.data_preprocessor: Any = data_preprocessor

    @abstractmethod
    def forward(self, inputs: Any, data_samples: Any = None, mode: str = "tensor") -> Any:
        """Return losses, predictions or the network's output, as ``mode`` says."""

    def train_step(self, data: Any, optim_wrapper: Any) -> dict[str, Tensor]:
        """Train on a batch.

        Args:
            data: the batch, as the loader gave it.
            optim_wrapper: what moves the weights.

        Returns:
            The losses by name, "loss" their sum; detached, on the device.

        Raises:
            TypeError, ValueError: `forward` returned no losses.
        """
        with optim_wrapper.optim_context(self):
            data = self._prepared(data, training=True)
            losses = self._run_forward(data, mode="loss")
        total, log_vars = self.parse_losses(losses)
        optim_wrapper.update_params(total)
        return log_vars

    def val_step(self, data: Any) -> list[Any]:
        """Return predictions for a batch of the validation."""
        data = self._prepared(data, training=False)
        predictions: list[Any] = self._run_forward(data, mode="predict")
        return predictions

    def test_step(self, data: Any) -> list[Any]:
        """Return predictions for a batch of the test."""
        data = self._prepared(data, training=False)
        predictions: list[Any] = self._run_forward(data, mode="predict")
        return predictions

    def evaluate_step(
        self, data: Any, *, predict: bool = True
    ) -> tuple[dict[str, Tensor], list[Any]]:
        """Return losses, as `train_step` does, and predictions for a batch of an evaluation.

        Nothing is trained: the model is in the mode, and gradients are on or off, as the caller has
        set them. The batch is preprocessed once, as for a prediction.

        Args:
            data: the batch, as the loader gave it.
            predict: whether predictions are wanted; else there are none.
        """
        data = self._prepared(data, training=False)
        if predict:
            losses, predictions = self.loss_and_predict(data)
        else:
            losses, predictions = self._run_forward(data, mode="loss"), []
        return self.parse_losses(losses)[1], predictions

    def loss_and_predict(self, data: Any) -> tuple[dict[str, Any], list[Any]]:
        """Return what `forward` does in the modes "loss" and "predict".

        Override it where one pass through the network gives both.

        Args:
            data: a batch that was preprocessed.
        """
        return self._run_forward(data, mode="loss"), self._run_forward(data, mode="predict")

    def parse_losses(self, losses: dict[str, Any]) -> tuple[Tensor, dict[str, Tensor]]:
        """Return the sum of all losses, and everything by name, detached; nothing is waited for.

        What has "loss" in its name is summed up; anything else is for the log alone.

        Args:
            losses: tensors, of which the mean is taken, or lists of them, whose means are summed.

        Raises:
            TypeError: it is no dict, or a value is neither.
            ValueError: no name has "loss" in it.
        """
        if not isinstance(losses, dict):
            raise TypeError(
                f"{type(self).__name__}.forward(mode='loss') must return a dict of losses, such as "
                f"dict(loss=...): got {type(losses).__name__}"
            )
        rest: dict[str, Tensor] = {}
        total: Tensor | None = None
        for name, value in losses.items():
            mean = value if type(value) is Tensor and value.ndim == 0 else _mean(name, value)
            if "loss" in name:
                total = mean if total is None else total + mean
            if name != "loss":
                rest[name] = mean.detach()
        if total is None:
            raise ValueError(
                f"{type(self).__name__}.forward(mode='loss') returned no loss: a loss has 'loss' "
                f"in its name, and there are {sorted(losses) or 'no names at all'}"
            )
        return total, {"loss": total.detach(), **rest}

    def to(self, *args: Any, **kwargs: Any) -> Self:
        """Move the model, and the batches of its preprocessor, to a device."""
        return super().to(*args, **kwargs)

    def cpu(self, *args: Any, **kwargs: Any) -> Self:
        """Move the model, and the batches of its preprocessor, to the CPU."""
        return super().cpu(*args, **kwargs)

    def cuda(self, device: int | str | torch.device | None = None) -> Self:
        """Move the model, and the batches of its preprocessor, to a GPU."""
        return self.to(accelerator("cuda", device))

    def npu(self, device: int | str | torch.device | None = None) -> Self:
        """Move the model, and the batches of its preprocessor, to an Ascend NPU."""
        return self.to(accelerator("npu", device))

    def mlu(self, device: int | str | torch.device | None = None) -> Self:
        """Move the model, and the batches of its preprocessor, to a Cambricon MLU."""
        return self.to(accelerator("mlu", device))

    def musa(self, device: int | str | torch.device | None = None) -> Self:
        """Move the model, and the batches of its preprocessor, to a Moore Threads GPU."""
        return self.to(accelerator("musa", device))

    def _prepared(self, data: Any, *, training: bool) -> Any:
        """The batch on the device, past torch's module call where there is nothing to call."""
        preprocessor: Any = self._modules["data_preprocessor"]  # quicker than by attribute
        if type(preprocessor) is BaseDataPreprocessor and not (
            preprocessor._forward_hooks or preprocessor._forward_pre_hooks
        ):
            return preprocessor.cast_data(data)
        return preprocessor(data, training)

    def _run_forward(self, data: dict[str, Any] | tuple[Any, ...] | list[Any], mode: str) -> Any:
        """Hand a batch to `forward`: a dict by names, a sequence in order."""
        if isinstance(data, dict):
            return self(**data, mode=mode)
        if isinstance(data, (list, tuple)):
            return self(*data, mode=mode)
        raise TypeError(
            f"a batch must be a dict, a list or a tuple for {type(self).__name__}.forward to take "
            f"it apart: got {type(data).__name__}"
        )


def _mean(name: str, value: Any) -> Tensor:
    if isinstance(value, Tensor):
        if value.ndim == 0:
            return value
        whole = value.dtype.is_floating_point or value.dtype.is_complex
        return value.mean() if whole else value.double().mean()
    if isinstance(value, list) and value and all(isinstance(each, Tensor) for each in value):
        means = [_mean(name, each) for each in value]
        return sum(means[1:], start=means[0])
    raise TypeError(f"the loss {name!r} must be a tensor or a list of tensors, got {value!r:.100}")
