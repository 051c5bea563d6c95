"""A generative adversarial network (Goodfellow et al., arXiv:1406.2661) that writes digits."""

# Dimension names used in this file: N pictures, Z numbers of noise, P = 64 pixels of a picture.
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import Dataset

from engine_optim import OptimWrapperDict, build_optim_wrapper
from engine_registry import DATASETS, HOOKS, METRICS, MODELS, OPTIM_WRAPPER_CONSTRUCTORS
from engine_runner import BaseMetric, BaseModel, Hook

SIDE = 8  # of a picture, in pixels


@DATASETS.register_module()
class DigitPictures(Dataset):
    """Scikit-learn's 1,797 pictures of handwritten digits: ``inputs`` (64,) in [-1, 1]."""

    def __init__(self) -> None:
        self.pictures = torch.tensor(load_digits().data, dtype=torch.float32) / 8 - 1

    def __len__(self) -> int:
        return len(self.pictures)

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        return {"inputs": self.pictures[index]}


@MODELS.register_module()
class DigitGAN(BaseModel):
    """Two networks against one another: one draws pictures, one tells them from real ones.

    Args:
        noise_size: Z, how many random numbers a picture is made of.
        width: units of each hidden layer.
    """

    def __init__(self, noise_size: int = 16, width: int = 128) -> None:
        super().__init__()
        self.noise_size = noise_size
        self.generator = nn.Sequential(
            *(nn.Linear(noise_size, width), nn.BatchNorm1d(width), nn.ReLU()),
            *(nn.Linear(width, width), nn.BatchNorm1d(width), nn.ReLU()),
            *(nn.Linear(width, SIDE**2), nn.Tanh()),
        )
        self.discriminator = nn.Sequential(
            *(nn.Linear(SIDE**2, width), nn.LeakyReLU(0.2), nn.Dropout(0.3)),
            *(nn.Linear(width, width), nn.LeakyReLU(0.2), nn.Dropout(0.3)),
            nn.Linear(width, 1),
        )

    def train_step(self, data: Any, optim_wrapper: OptimWrapperDict) -> dict[str, Tensor]:
        """Let each network learn from the other: first who judges, then who draws."""
        real = self.data_preprocessor(data, training=True)["inputs"]  # (N, P)
        drawn = self.generator(self._noise(len(real)))  # (N, P)
        log_vars = {}

        discriminator = optim_wrapper["discriminator"]
        with discriminator.optim_context(self.discriminator):
            # One sided label smoothing (Salimans et al., arXiv:1606.03498, 3.4).
            loss_real = self._judged(real, target=0.9)
            loss_drawn = self._judged(drawn.detach(), target=0.0)
        total, found = self.parse_losses({"loss_real": loss_real, "loss_drawn": loss_drawn})
        discriminator.update_params(total)
        log_vars |= {**found, "loss_discriminator": found["loss"]}

        generator = optim_wrapper["generator"]
        with generator.optim_context(self.generator):
            loss_generator = self._judged(drawn, target=1.0)
        generator.update_params(loss_generator)
        return {**log_vars, "loss": log_vars["loss"] + loss_generator, "loss_gen": loss_generator}

    def _judged(self, pictures: Tensor, *, target: float) -> Tensor:
        """How far the discriminator's opinion is from ``target``, 1 for real."""
        scores = self.discriminator(pictures)  # (N, 1)
        return functional.binary_cross_entropy_with_logits(scores, torch.full_like(scores, target))

    def _noise(self, number: int, generator: torch.Generator | None = None) -> Tensor:
        device = next(self.parameters()).device
        return torch.randn(number, self.noise_size, generator=generator).to(device)  # (N, Z)

    def forward(self, inputs: Tensor, mode: str = "tensor") -> Any:
        """Draw as many pictures as ``inputs`` holds: the same ones each time."""
        drawn = self.generator(self._noise(len(inputs), torch.Generator().manual_seed(0)))
        return list(zip(drawn, inputs, strict=True)) if mode == "predict" else drawn


@OPTIM_WRAPPER_CONSTRUCTORS.register_module()
class OptimizerForEachPart:
    """Makes an optimizer for each part of a model that the config names.

    Args:
        optim_wrapper_cfg: the config of an optimizer wrapper for each part, by its name.
        paramwise_cfg: None; each part may have its own.
    """

    def __init__(self, optim_wrapper_cfg: dict[str, Any], paramwise_cfg: Any = None) -> None:
        self.configs = optim_wrapper_cfg

    def __call__(self, model: nn.Module) -> OptimWrapperDict:
        model = getattr(model, "module", model)  # in several processes
        parts = {
            name: build_optim_wrapper(getattr(model, name), config)
            for name, config in self.configs.items()
        }
        return OptimWrapperDict(**parts)


@METRICS.register_module()
class FrechetDistance(BaseMetric):
    """How far drawn pictures are from real ones, as normal distributions of their pixels.

    |m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)), as FID (Heusel et al., arXiv:1706.08500, eq. 6), of
    pixels instead of features of a network, which is right for pictures this small.
    """

    def process(self, data_batch: Any, data_samples: Sequence[tuple[Tensor, Tensor]]) -> None:
        """Keep drawn and real pictures."""
        self.results += [(drawn.numpy(), real.numpy()) for drawn, real in data_samples]

    def compute_metrics(self, results: list[tuple[np.ndarray, np.ndarray]]) -> dict[str, float]:
        """Return the distance."""
        drawn, real = (np.array(each, dtype=np.float64) for each in zip(*results, strict=True))
        difference = drawn.mean(axis=0) - real.mean(axis=0)
        first, second = np.cov(drawn.T), np.cov(real.T)  # (P, P)
        root = np.sqrt(np.clip(np.linalg.eigvals(first @ second).real, 0, None)).sum()
        distance = difference @ difference + np.trace(first) + np.trace(second) - 2 * root
        return {"frechet": float(distance)}


@HOOKS.register_module()
class ShowDrawn(Hook):
    """Shows the first pictures that are drawn in each validation.

    Args:
        rows: rows of pictures.
        columns: pictures in a row.
    """

    priority = "BELOW_NORMAL"

    def __init__(self, rows: int = 4, columns: int = 12) -> None:
        self.rows, self.columns = rows, columns

    def after_val_iter(
        self, runner: Any, batch_idx: int, data_batch: Any = None, outputs: Any = None
    ) -> None:
        """Show those of the first batch."""
        if batch_idx:
            return
        drawn = torch.stack([each for each, _ in outputs[: self.rows * self.columns]])
        pixels = (255 - (drawn + 1) * 127.5).round().to(torch.uint8).reshape(-1, SIDE, SIDE)
        pixels = functional.pad(pixels, (1, 1, 1, 1), value=255).numpy()
        grid = pixels.reshape(self.rows, self.columns, SIDE + 2, SIDE + 2).swapaxes(1, 2)
        page = grid.reshape(self.rows * (SIDE + 2), self.columns * (SIDE + 2))
        page = np.kron(page, np.ones((5, 5), np.uint8))[..., None].repeat(3, axis=2)
        runner.visualizer.add_image("drawn", page, step=runner.epoch)
