"""Pictures of predictions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

from engine_runner.hooks.batch_pictures import facts_of, images_and_samples, picture_of
from engine_runner.hooks.hook import Hook
from engine_runner.protocols import RunnerLike

__all__ = ["NaiveVisualizationHook"]


class NaiveVisualizationHook(Hook):
    """Draws what a test predicts for the images that the model was given, with the visualizer.

    A batch is a dict with ``inputs``, images, and ``data_samples``, or a list of dicts with
    ``inputs`` and ``data_sample`` or ``data_samples``; the predictions are data elements. Images
    are (C, H, W), or (1, C, H, W) as MMEngine takes them (see `picture_of`); floats were
    normalised by ``norm_cfg`` (``mean`` and ``std``) of the sample's facts, or else lie in [0, 1]
    or [0, 255]. Padding beyond ``img_shape`` is cut off. The name is that of the file in
    ``img_path``, or the sample's number.

    Args:
        interval: batches from one that is drawn to the next; 0 or less to draw none.
        draw_gt: whether labels are drawn.
        draw_pred: whether predictions are.
    """

    priority = "NORMAL"

    def __init__(self, interval: int = 1, draw_gt: bool = True, draw_pred: bool = True) -> None:
        self.interval = interval
        self.draw_gt = draw_gt
        self.draw_pred = draw_pred
        self._num_drawn = 0

    def before_train(self, runner: RunnerLike) -> None:
        """Hand the model to the visualizer."""
        runner.visualizer.add_graph(runner.model, None)

    def before_test(self, runner: RunnerLike) -> None:
        """Count samples from 0."""
        self._num_drawn = 0

    def after_test_iter(
        self,
        runner: RunnerLike,
        batch_idx: int,
        data_batch: Any = None,
        outputs: Sequence[Any] | None = None,
    ) -> None:
        """Draw a batch, if it is time.

        Raises:
            TypeError: the batch is of another form.
        """
        if not self.every_n_inner_iters(batch_idx, self.interval) or outputs is None:
            return
        for (image, sample), prediction in zip(
            images_and_samples(data_batch), outputs, strict=False
        ):
            facts = facts_of(sample) or facts_of(prediction)
            path = facts.get("img_path")
            runner.visualizer.add_datasample(
                PurePath(path).name if path else f"test_{self._num_drawn}",
                picture_of(image, facts),
                _joined(sample, prediction),
                draw_gt=self.draw_gt,
                draw_pred=self.draw_pred,
                step=batch_idx,
            )
            self._num_drawn += 1


def _joined(sample: Any, prediction: Any) -> Any:
    """The prediction, with the labels that the sample has and it hasn't."""
    if sample is None or prediction is sample or not hasattr(prediction, "new"):
        return prediction
    joined = prediction.new()
    for name, value in sample.items():
        if name not in joined:
            joined.set_field(value, name)
    return joined
