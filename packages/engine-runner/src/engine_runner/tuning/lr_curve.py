"""What a learning-rate range test has measured, and which rate follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from engine_visual.curves import Curve

__all__ = ["LRCurve", "smoothed"]

_WEIGHT = 0.9  # of the moving average
_SETTLED: Final = 20  # steps, twice its window: before, it is the noise of a few batches
_FALL: Final = 0.02  # of the first loss: less is noise
_POINTS: Final = 10
_SHOWN: Final = 1.5  # times the first loss: what diverges would flatten the rest


@dataclass(frozen=True, kw_only=True)
class LRCurve:
    """Losses over learning rates that rise exponentially, an optimizer step each.

    Attributes:
        lrs: the rates, of the first optimizer that took part.
        losses: the mean loss of all batches of a step, and of all processes.
        configured: the config's rate of each optimizer that took part, by dotted key.
    """

    lrs: list[float]
    losses: list[float]
    configured: Mapping[str, float]

    @property
    def smoothed(self) -> list[float]:
        """The exponential moving average of the losses, without its bias towards zero."""
        return smoothed(self.losses)

    @property
    def suggestion(self) -> float | None:
        """The rate at which the averaged loss falls fastest; None where it doesn't fall.

        That is well below the rate of the least loss, from which on training is about to diverge
        (Smith, arXiv:1506.01186, section 3.3, names the rate where it begins to fall and that
        where it stops; the steepest point lies between them).
        """
        return self._steepest()[0]

    @property
    def reason(self) -> str:
        """Why that rate, or why none, in a sentence."""
        return self._steepest()[1]

    def options(self) -> dict[str, float]:
        """Return the options that set it, by dotted key; those of several optimizers in proportion.

        Raises:
            ValueError: there is no suggestion.
        """
        if self.suggestion is None:
            raise ValueError(self.reason)
        first = next(iter(self.configured.values()))
        factor = self.suggestion / first
        return {key: float(f"{lr * factor:.3g}") for key, lr in self.configured.items()}

    def plot(self, out: str | Path) -> None:
        """Draw the losses, their average and the suggestion.

        Args:
            out: a file to write, PNG, SVG or PDF.
        """
        from engine_visual import plot_curve

        averaged = self.smoothed
        plot_curve(
            self.lrs,
            self.losses,
            smoothed=averaged,
            mark=self.suggestion,
            top=max(averaged[0], averaged[0] * _SHOWN) if averaged else None,
            labels=("learning rate", "loss"),
            title=self.reason,
            out=out,
        )

    def _steepest(self) -> tuple[float | None, str]:
        if len(self.lrs) < _POINTS:
            return None, f"only {len(self.lrs)} steps had a finite loss: begin with a lower rate"
        averaged = np.array(self.smoothed)
        least = int(averaged.argmin())
        start = min(_SETTLED, least // 2)
        fall = averaged[start] - averaged[least]
        # the least of more averages lies deeper, of noise alone
        errors = 2 + np.log2(max(len(self.lrs) / _SETTLED, 1))
        if least < 2 or fall < max(
            _FALL * abs(averaged[start]), errors * self._noise(start, least)
        ):
            return None, (
                f"the loss does not fall between {self.lrs[0]:.3g} and {self.lrs[-1]:.3g}: "
                "try other limits or more steps"
            )
        slopes = np.gradient(averaged[: least + 1], np.log10(self.lrs[: least + 1]))
        steepest = start + int(slopes[start:].argmin())
        lr = float(f"{self.lrs[steepest]:.3g}")
        return lr, (
            f"at {lr:g} the loss falls fastest; it is least at {self.lrs[least]:.3g}, "
            f"{averaged[least]:.4g} after {averaged[start]:.4g}"
        )

    def _noise(self, start: int, least: int) -> float:
        """The standard error of the average at ``start``, by how far neighbours lie apart."""
        gaps = np.diff(self.losses[: least + 1])
        return float(np.sqrt((gaps**2).mean() / 2 / (start + 1)))


def smoothed(values: list[float]) -> list[float]:
    """Return the moving average of values, corrected for its beginning."""
    return Curve(key="loss", values=values).smoothed(_WEIGHT)
