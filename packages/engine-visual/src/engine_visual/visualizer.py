"""The Visualizer: what is drawn, and which back-ends are told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import engine_fileio
from engine_logging.rank import current_rank
from engine_registry import ManagerMixin
from engine_visual.arrays import as_rgb
from engine_visual.backends.base import is_nearer, release
from engine_visual.build_backends import build
from engine_visual.layered_surface import LayeredSurface
from engine_visual.samples import draw_sample
from engine_visual.window import show_image, window_manager

if TYPE_CHECKING:
    from engine_visual.backends import BaseVisBackend


class Visualizer(LayeredSurface, ManagerMixin):
    """Draws on images, and hands images, scalars, configs and graphs to its back-ends.

    Args:
        name: of the instance, for `get_instance`.
        image: what is drawn on first.
        vis_backends: configs such as ``dict(type="LocalVisBackend")``, or objects; one or a list.
            A config's ``name`` tells two of the same type apart.
        save_dir: where back-ends write, in its sub-folder ``vis_data``, unless their config says
            otherwise. None builds no back-end that is given as a config without a folder of its
            own; objects are kept.
        fig_save_cfg: arguments of the figure behind `ax_save`.
        fig_show_cfg: arguments of the figure that `show` opens.

    Raises:
        ValueError: two back-ends have the same name.
    """

    def __init__(
        self,
        name: str = "visualizer",
        image: NDArray[Any] | None = None,
        vis_backends: Any = None,
        save_dir: str | None = None,
        fig_save_cfg: Mapping[str, Any] = {"frameon": False},
        fig_show_cfg: Mapping[str, Any] = {"frameon": False},
    ) -> None:
        self.fig_save_cfg, self.fig_show_cfg = fig_save_cfg, fig_show_cfg
        LayeredSurface.__init__(self, image)
        ManagerMixin.__init__(self, name)
        self._dataset_meta: dict[str, Any] | None = None
        folder = None if save_dir is None else engine_fileio.join_path(save_dir, "vis_data")
        self._vis_backends = build(vis_backends, folder)

    @property
    def dataset_meta(self) -> dict[str, Any] | None:
        """What the data set says of itself: ``classes`` and ``palette`` are used in drawing."""
        return self._dataset_meta

    @dataset_meta.setter
    def dataset_meta(self, dataset_meta: dict[str, Any] | None) -> None:
        self._dataset_meta = dataset_meta

    def _is_posion_valid(self, position: Any) -> Any:
        """Whether all points (..., 2) lie in the image; spelt as libraries call it."""
        x, y = position[..., 0], position[..., 1]
        return (x >= 0).all() & (x < self.width).all() & (y >= 0).all() & (y < self.height).all()

    def _init_manager(self, win_name: str) -> None:
        """Open a window of matplotlib's as `manager`, unless it is open already."""
        self.manager = window_manager(getattr(self, "manager", None), win_name, self.fig_show_cfg)

    @classmethod
    def get_instance(cls, name: str, **kwargs: Any) -> Self:
        """Return the instance called ``name``, made from ``kwargs`` if there is none yet.

        It is the current instance of all its base classes too, so that
        ``Visualizer.get_current_instance()`` finds what a library's subclass made.
        """
        instance = super().get_instance(name, **kwargs)
        for base in cls.__mro__[1:]:
            if issubclass(base, Visualizer):
                base._instance_dict[name] = instance
        return instance

    def get_backend(self, name: str) -> BaseVisBackend | None:
        """The back-end called ``name``, by its type if it was given no other; None if none is."""
        return self._vis_backends.get(name)

    def add_config(self, config: Any, **kwargs: Any) -> None:
        """Hand a config to all back-ends, without the secrets that it knows to be some."""
        ask = getattr(type(config), "__masked__", None)
        if ask is not None:
            config = ask(config)
        for backend in self._vis_backends.values():
            backend.add_config(config, **kwargs)

    def add_graph(self, model: Any, data_batch: Sequence[dict[str, Any]], **kwargs: Any) -> None:
        """Hand a model and a batch that it takes to all back-ends; those that can draw its graph.

        Args:
            model: a ``torch.nn.Module``.
            data_batch: what its forward is called with.
            **kwargs: for the back-ends.
        """
        for backend in self._vis_backends.values():
            backend.add_graph(model, data_batch, **kwargs)

    def add_image(self, name: str, image: NDArray[Any], step: int = 0) -> None:
        """Hand an image to all back-ends.

        Args:
            name: of the image, the same at every step.
            image: RGB; anything that `set_image` takes.
            step: which iteration or epoch it belongs to.
        """
        pixels = as_rgb(image) if self._vis_backends else image
        for backend in self._vis_backends.values():
            backend.add_image(name, pixels, step)

    def add_scalar(self, name: str, value: Any, step: int = 0, **kwargs: Any) -> None:
        """Hand a number, or an array or tensor of one, to all back-ends."""
        for backend in self._vis_backends.values():
            backend.add_scalar(name, value, step, **kwargs)

    def add_scalars(
        self,
        scalar_dict: dict[str, Any],
        step: int = 0,
        file_path: str | None = None,
        **kwargs: Any,
    ) -> None:
        """Hand several numbers to all back-ends.

        Args:
            scalar_dict: number by name.
            step: which iteration or epoch they belong to.
            file_path: a further file that `LocalVisBackend` appends them to.
            **kwargs: for the back-ends.
        """
        for backend in self._vis_backends.values():
            backend.add_scalars(scalar_dict, step, file_path, **kwargs)

    def add_datasample(
        self,
        name: str,
        image: NDArray[Any],
        data_sample: Any = None,
        draw_gt: bool = True,
        draw_pred: bool = True,
        show: bool = False,
        wait_time: int = 0,
        step: int = 0,
        *,
        out_file: str | Path | None = None,
        pred_score_thr: float = 0.3,
    ) -> None:
        """Draw a sample on its image, and show it, write it, or hand it to the back-ends.

        Fields are drawn as `engine_visual.samples` says; labels and predictions lie side by side
        where a sample has both. `get_image` returns the picture then. Does nothing but in the main
        process of a distributed run.

        Args:
            name: of the image, for the back-ends.
            image: what `set_image` takes.
            data_sample: ``BaseDataElement``, or None for the image alone.
            draw_gt: whether fields that begin with ``gt`` are drawn.
            draw_pred: whether those that begin with ``pred`` are.
            show: whether a window opens.
            wait_time: seconds after which it closes; 0 waits for a key.
            step: which iteration or epoch it belongs to.
            out_file: the image file to write; the back-ends are not told then.
            pred_score_thr: predictions with a lower score are left out.
        """
        if current_rank() != 0:
            return
        wanted = {"gt": draw_gt, "pred": draw_pred}
        prefixes = tuple(prefix for prefix, is_wanted in wanted.items() if is_wanted)
        pictures = draw_sample(self, image, data_sample, prefixes=prefixes, score=pred_score_thr)
        self.set_image(np.concatenate(pictures, axis=1) if len(pictures) > 1 else pictures[0])
        if show:
            self.show(win_name=name, wait_time=wait_time)
        if out_file is not None:
            self.save(out_file)
        else:
            self.add_image(name, self.get_image(), step)

    def show(
        self,
        drawn_img: NDArray[Any] | None = None,
        win_name: str = "image",
        wait_time: float = 0.0,
        continue_key: str = " ",
        backend: str = "matplotlib",
    ) -> None:
        """Show an image in a window, or below the cell of a notebook; in the main process alone.

        Args:
            drawn_img: the image; None is the one that is drawn on.
            win_name: title of the window.
            wait_time: seconds after which the window closes; 0 waits for the key.
            continue_key: the key that closes it.
            backend: ``matplotlib``, or ``cv2`` where OpenCV is installed.

        Raises:
            NoImageError: there is no image.
            ValueError: there is no such backend.
        """
        if current_rank() != 0:
            return
        pixels = self.get_image() if drawn_img is None else as_rgb(drawn_img)
        show_image(
            pixels,
            title=win_name,
            seconds=wait_time,
            key=continue_key,
            backend=backend,
            figure=self.fig_show_cfg,
        )

    def save(self, path: str | Path) -> Path:
        """Write the image that is drawn on, in the format of ``path``'s ending; return ``path``."""
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(self.get_image()).save(path)
        return path

    def release(self) -> None:
        """Let go of files for now; what is recorded afterwards opens them again.

        One of somebody's own, or a back-end, that has a ``close`` and no ``release`` is closed.
        """
        if is_nearer(type(self), "close", "release"):
            self.close()
            return
        for backend in self._vis_backends.values():
            release(backend)

    def close(self) -> None:
        """Close all back-ends: what they hold is flushed."""
        for backend in self._vis_backends.values():
            backend.close()
