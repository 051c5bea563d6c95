"""Predictions with any config, without a class of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from torch import nn

from engine_checkpoint.resume_check import dataset_meta_of
from engine_model import ImgDataPreprocessor
from engine_registry import MODELS, DefaultScope
from engine_runner.amp import autocast
from engine_runner.hooks.batch_pictures import facts_of, images_and_samples, picture_of
from engine_runner.infer.base import BaseInferencer, ConfigType, InputsType, ModelType
from engine_runner.infer.inputs import PICTURES, as_list, called
from engine_runner.infer.progress import shown
from engine_runner.infer.results import Result, plain
from engine_runner.infer.samples import SampleOf, dataset_config, loader_config
from engine_runner.infer.writer import Writer
from engine_runner.runner import build
from engine_runner.trust_scope import trusting
from engine_structures import BaseDataElement

__all__ = ["Inferencer"]


class Inferencer(BaseInferencer):
    """Predicts with what a config trains; also with a plain torch module.

    Inputs go through the pipeline of the config's test data; see `SampleOf` for what it is given.
    Where predictions are data elements and the config has a ``visualizer``, they can be drawn.
    ``compile`` and ``test_cfg.fp16`` of the config hold here, too.

    Args:
        model: as in `BaseInferencer`.
        weights: address of a checkpoint.
        device: torch's name of it; by default an accelerator, if there is one.
        scope: the library in which names are looked up first; by default the config's.
        show_progress: whether a terminal shows a progress bar.
        tta: whether to merge predictions for several views of each input, as ``tta_pipeline`` and
            ``tta_model`` of the config say.
        trust: as in `BaseInferencer`.

    Raises:
        KeyError: ``tta``, and the config lacks one of the two.
    """

    visualize_kwargs: ClassVar[set[str]] = {"show", "pred_score_thr"}
    postprocess_kwargs: ClassVar[set[str]] = {"out_dir"}

    def __init__(
        self,
        model: ModelType | None = None,
        weights: str | None = None,
        device: str | None = None,
        *,
        scope: str | None = None,
        show_progress: bool = True,
        tta: bool = False,
        trust: bool | None = None,
    ) -> None:
        self._tta = tta
        self.dataset_meta: dict[str, Any] = {}
        super().__init__(model, weights, device, scope, show_progress, trust=trust)

    def __call__(
        self,
        inputs: InputsType,
        return_datasamples: bool = False,
        batch_size: int = 1,
        **kwargs: Any,
    ) -> dict[str, Any]:
        """Return ``predictions``, one for each input, and ``visualization``, pictures of them.

        Args:
            inputs: a path, an address, an array or a tensor, a sample, a folder, or a sequence of
                them.
            return_datasamples: whether predictions stay the model's objects; else they are dicts,
                lists, numbers and texts.
            batch_size: how many go through the model at once.
            kwargs: ``out_dir``, ``show`` and ``pred_score_thr`` of `results`.

        Raises:
            ValueError: another argument is given.
        """
        _, _, drawing, after = self._dispatch_kwargs(**kwargs)
        found = [*self.results(inputs, batch_size, **drawing, **after)]
        drawn: list[Any] = [each.drawing for each in found]
        samples = [each.sample for each in found]
        return self.postprocess(samples, drawn, return_datasamples)

    def results(
        self,
        inputs: InputsType,
        batch_size: int = 1,
        *,
        out_dir: str | Path | None = None,
        show: bool = False,
        pred_score_thr: float = 0.3,
    ) -> Iterator[Result]:
        """Yield the prediction for each input as soon as its batch is done.

        Memory doesn't grow with the number of inputs.

        Args:
            inputs: as in a call.
            batch_size: how many go through the model at once.
            out_dir: a local folder: ``predictions.jsonl`` gets a line for each input, and
                ``pictures`` what was drawn.
            show: whether each picture opens in a window.
            pred_score_thr: instances with a lower score aren't drawn.
        """
        listed = list(self._inputs_to_list(inputs))
        chunks = self._get_chunk_data(enumerate(listed), batch_size)
        if self.show_progress:
            chunks = shown(chunks, len(listed), batch_size=batch_size)
        draws = out_dir is not None or show
        with ExitStack() as stack:
            writer = None if out_dir is None else stack.enter_context(Writer(out_dir))
            for chunk in chunks:
                found = self._predicted(chunk, draws=draws, show=show, threshold=pred_score_thr)
                for result in found:
                    yield result if writer is None else writer.write(result, self.visualizer)

    def _predicted(
        self, chunk: Sequence[tuple[int, Any]], *, draws: bool, show: bool, threshold: float
    ) -> list[Result]:
        """The results for a few inputs, each with its number."""
        with trusting(self._trust), DefaultScope.overwrite_default_scope(self.scope):
            samples = [self._prepared(item, number) for number, item in chunk]
            predictions = self.forward(self.collate_fn(samples))
            if len(predictions) != len(samples):
                raise ValueError(
                    f"the model predicted {len(predictions)} times for {len(samples)} inputs: "
                    "test_step must return one prediction for each"
                )
            drawings: list[Any] = [None] * len(samples)
            if draws:
                drawings = self.visualize(samples, predictions, show, pred_score_thr=threshold)
        classes = self._classes()
        rows = zip(chunk, predictions, drawings, strict=True)
        return [
            Result(name=called(item, number), sample=sample, classes=classes, drawing=drawing)
            for (number, item), sample, drawing in rows
        ]

    def _classes(self) -> Sequence[str]:
        meta = {str(key).lower(): value for key, value in self.dataset_meta.items()}
        return meta.get("classes") or ()

    def visualize(
        self, inputs: list[Any], preds: Any, show: bool = False, **kwargs: Any
    ) -> list[Any]:
        """Return a picture for each input whose prediction can be drawn; None for any other.

        Args:
            inputs: samples that came out of the pipeline.
            preds: one for each.
            show: whether each opens in a window.
            kwargs: ``pred_score_thr``, the score below which instances aren't drawn.
        """
        drawer: Any = self.visualizer
        if not hasattr(drawer, "add_datasample"):
            return [None] * len(inputs)
        return [
            self._drawing(*each, show=show, **kwargs) for each in zip(inputs, preds, strict=True)
        ]

    def _drawing(self, sample: Any, prediction: Any, **options: Any) -> np.ndarray | None:
        if not isinstance(prediction, BaseDataElement):
            return None
        if not isinstance(sample, Mapping) or "inputs" not in sample:
            return None
        ((image, given),) = images_and_samples([sample])
        if isinstance(image, list):  # of views
            image, given = image[0], given[0] if isinstance(given, list) else given
        drawer: Any = self.visualizer
        picture = picture_of(image, facts_of(given) or facts_of(prediction))
        drawer.add_datasample("prediction", picture, prediction, draw_gt=False, **options)
        drawn: np.ndarray = drawer.get_image()
        return drawn

    def postprocess(
        self,
        preds: Any,
        visualization: list[np.ndarray] | None,
        return_datasample: bool = False,
        **kwargs: Any,
    ) -> dict[str, Any]:
        """Return what a call returns."""
        predictions = preds if return_datasample else [plain(each) for each in preds]
        return {"predictions": predictions, "visualization": visualization}

    def forward(self, inputs: dict[str, Any] | tuple[Any, ...], **kwargs: Any) -> Any:
        """Return predictions for a batch; in half precision if ``test_cfg`` says ``fp16``."""
        if not (self.cfg.get("test_cfg") or {}).get("fp16", False):
            return super().forward(inputs, **kwargs)
        first = next(iter(self.model.parameters()), None)
        with autocast("cpu" if first is None else first.device.type):
            return super().forward(inputs, **kwargs)

    def _inputs_to_list(self, inputs: InputsType) -> list[Any]:
        """Inputs one by one; of a folder its pictures, or all its files if there are none."""
        return as_list(inputs, PICTURES)

    def _init_pipeline(self, cfg: ConfigType) -> SampleOf:
        key = "tta_pipeline" if self._tta else "pipeline"
        pipeline = (cfg if self._tta else dataset_config(cfg)).get(key)
        preprocessor = getattr(self.model, "data_preprocessor", None)
        return SampleOf(pipeline, named=isinstance(preprocessor, ImgDataPreprocessor))

    def _init_collate(self, cfg: ConfigType) -> Any:
        # Without a pipeline inputs are arrays, and a plain module takes a tensor of them.
        usual = "default_collate" if self.pipeline.is_empty else "pseudo_collate"
        return build.function(loader_config(cfg).get("collate_fn", usual))

    def _init_visualizer(self, cfg: ConfigType) -> Any:
        visualizer = super()._init_visualizer(cfg)
        if visualizer is not None:
            visualizer.dataset_meta = self.dataset_meta
        return visualizer

    def _init_model(self, cfg: ConfigType, weights: str | None, device: str = "cpu") -> nn.Module:
        for key in ("tta_model", "tta_pipeline") if self._tta else ():
            if cfg.get(key) is None:
                raise KeyError(f"test-time augmentation needs {key!r} in the config")
        model = super()._init_model(cfg, weights, device)
        if self._tta:
            model = MODELS.build(cfg.tta_model, default_args={"module": model}).eval()
        return model

    def _load_weights_to_model(
        self, model: nn.Module, checkpoint: dict[str, Any] | None, cfg: ConfigType | None
    ) -> None:
        super()._load_weights_to_model(model, checkpoint, cfg)
        found = dataset_meta_of(checkpoint)
        if not found:
            found = dataset_config(cfg or {}).get("metainfo") or {}
            if not isinstance(found, Mapping):
                raise TypeError(f"the metainfo of a data set is a dict: got {found!r:.80}")
        self.dataset_meta = dict(found)
