"""A data set that is described by a list of annotations."""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePath
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np
from torch.utils.data import Dataset, get_worker_info

from engine_dataset.annotations import StoredAnnotations
from engine_dataset.compose import Compose
from engine_dataset.full_init import force_full_init
from engine_dataset.indexed_loading import load_by_index
from engine_dataset.main_rank_loading import set_by_main
from engine_dist import get_dist_info
from engine_fileio import exists, join_path, list_from_file, load

__all__ = ["BaseDataset"]

logger = logging.getLogger(__name__)


class BaseDataset(StoredAnnotations, Dataset[Any]):
    """Samples by a list of annotations, each made ready by a pipeline.

    The annotation file holds ``{"metainfo": {...}, "data_list": [{...}, ...]}``; override
    `load_data_list` for another. The list is kept packed, so that workers share it.

    Args:
        ann_file: the annotation file; relative to ``data_root``.
        metainfo: what is known of all samples, such as class names; over the file's and `METAINFO`.
        data_root: the folder that ``data_prefix`` and ``ann_file`` are relative to.
        data_prefix: folders of the parts of a sample, such as ``dict(img_path="train")``.
        filter_cfg: for `filter_data`.
        indices: which samples: the first n, the last -n, or those at a list of indices.
        serialize_data: whether to pack the list; ``"mmap"`` maps it from an index, a file that is
            built once, and anew when the annotation file, the class or an attribute changes.
        pipeline: transforms, or configs of them.
        test_mode: whether a pipeline that returns None is an error, rather than reason to take
            another sample.
        lazy_init: whether to load nothing until it is needed.
        max_refetch: how many other samples to try where the pipeline returns None.
        broadcast: whether the main rank alone loads the annotations, and sends them to the others;
            all ranks then have to make the data set, or first use it if it is lazy, together. It
            is for a data set that doesn't override `full_init`.
        index_dir: the index's folder; None is ``engine/annotations`` in the user's cache.

    Raises:
        FileNotFoundError: there is no annotation file.
        ValueError, TypeError: it has another structure.
    """

    METAINFO: ClassVar[dict[str, Any]] = {}

    # Libraries' data sets replace `__init__` and `full_init`: what methods need has a default.
    data_root: str | None = ""
    data_prefix: Any = MappingProxyType({})
    filter_cfg: dict[str, Any] | None = None
    test_mode = False
    max_refetch = 1000
    broadcast = False
    _metainfo: Any = MappingProxyType({})
    _indices: int | Sequence[int] | None = None
    _fully_initialized = False

    def __init__(
        self,
        ann_file: str | None = "",
        metainfo: Mapping[str, Any] | None = None,
        data_root: str | None = "",
        data_prefix: dict[str, Any] = {"img_path": ""},  # noqa: B006 - MMEngine's; it is copied
        filter_cfg: dict[str, Any] | None = None,
        indices: int | Sequence[int] | None = None,
        serialize_data: bool | str = True,
        pipeline: Sequence[dict[str, Any] | Callable[[Any], Any]] = [],
        test_mode: bool = False,
        lazy_init: bool = False,
        max_refetch: int = 1000,
        *,
        broadcast: bool = False,
        index_dir: str | None = None,
    ) -> None:
        self.ann_file = ann_file
        self._metainfo = self._load_metainfo(copy.deepcopy(metainfo))
        self.data_root = data_root
        self.data_prefix = copy.copy(data_prefix)
        self.filter_cfg = copy.deepcopy(filter_cfg)
        self._indices = indices
        self.serialize_data = serialize_data
        self.test_mode = test_mode
        self.max_refetch = max_refetch
        self.broadcast = broadcast
        self.index_dir = index_dir
        self.data_list = []
        self._fully_initialized = False
        self._join_prefix()
        self.pipeline = Compose(pipeline)
        if not lazy_init:
            self.full_init()

    @property
    def metainfo(self) -> dict[str, Any]:
        """A copy of what is known of all samples."""
        return copy.deepcopy(self._metainfo)

    def full_init(self) -> None:
        """Load the annotations, filter them, take the subset, and pack them; once."""
        if self._fully_initialized:
            return
        if self._takes_index():
            load_by_index(self, self._load_list)
        elif self.broadcast and get_worker_info() is None:  # a worker can't talk in the group
            set_by_main(self, self._load)
        else:
            self._load()
        self._fully_initialized = True

    def _load(self) -> None:
        self._load_list()
        if self.serialize_data:
            self.data_bytes, self.data_address = self._serialize_data()

    def _load_list(self) -> None:
        self.data_list = self.load_data_list()
        self.data_list = self.filter_data()
        if self._indices is not None:
            self.data_list = self._get_unserialized_subset(self._indices)

    def load_data_list(self) -> list[dict[str, Any]]:
        """Return the annotation of each sample.

        Raises:
            TypeError: the file is no dict, or `parse_data_info` returned neither dict nor list.
            ValueError: it lacks ``data_list`` or ``metainfo``.
        """
        annotations = load(self.ann_file)
        where = f"the annotation file {self.ann_file}"
        if not isinstance(annotations, dict):
            raise TypeError(f"{where} must hold a dict, not a {type(annotations).__name__}")
        if "data_list" not in annotations or "metainfo" not in annotations:
            raise ValueError(f"{where} needs data_list and metainfo; it has {[*annotations]}")
        for key, value in annotations["metainfo"].items():
            self._metainfo.setdefault(key, value)
        data_list: list[dict[str, Any]] = []
        for index, raw in enumerate(annotations["data_list"]):
            info = self.parse_data_info(raw)
            if isinstance(info, dict):
                data_list.append(info)
            elif isinstance(info, list) and all(isinstance(each, dict) for each in info):
                data_list.extend(info)
            else:
                raise TypeError(
                    f"parse_data_info must return a dict or a list of dicts: for entry {index} of "
                    f"{self.ann_file} it returned {info!r:.200}"
                )
        return data_list

    def parse_data_info(self, raw_data_info: dict[str, Any]) -> Any:
        """Return the annotation, or annotations, of an entry of the file; joins ``data_prefix``.

        Raises:
            ValueError: the entry lacks a key of ``data_prefix``.
        """
        for key, prefix in self.data_prefix.items():
            if key not in raw_data_info:
                raise ValueError(
                    f"data_prefix names {key!r}, which an entry of {self.ann_file} lacks: it has "
                    f"{[*raw_data_info]}"
                )
            raw_data_info[key] = join_path(prefix, raw_data_info[key])
        return raw_data_info

    def filter_data(self) -> list[dict[str, Any]]:
        """Return the annotations to keep, of ``self.data_list``; all, unless overridden."""
        kept: list[dict[str, Any]] = self.data_list
        return kept

    @force_full_init
    def get_data_info(self, idx: int) -> dict[str, Any]:
        """Return a copy of the annotation of sample ``idx``, with ``sample_idx``."""
        packed = self._kept
        info: dict[str, Any] = copy.deepcopy(self.data_list[idx]) if packed is None else packed[idx]
        info["sample_idx"] = idx if idx >= 0 else len(self) + idx
        return info

    def get_cat_ids(self, idx: int) -> list[int]:
        """Return the class of each object of sample ``idx``; for `ClassBalancedDataset`.

        Raises:
            NotImplementedError: the data set doesn't override it.
        """
        raise NotImplementedError(f"{type(self).__name__} must override get_cat_ids to have one")

    def prepare_data(self, idx: int) -> Any:
        """Return what the pipeline makes of sample ``idx``; None if it refuses it."""
        return self.pipeline(self.get_data_info(idx))

    def __getitem__(self, idx: int) -> Any:
        if not self._fully_initialized:
            logger.warning(
                "%s was made with lazy_init: call full_init() before, or each worker loads its "
                "annotations by itself",
                type(self).__name__,
            )
            self.full_init()
        for _ in range(1 if self.test_mode else self.max_refetch + 1):
            try:
                data = self.prepare_data(idx)
            except Exception as error:
                error.add_note(self._describe(idx))
                raise
            if data is not None:
                return data
            if self.test_mode:
                raise ValueError(f"the pipeline returned None for {self._describe(idx)} of a test")
            idx = self._rand_another()
        raise RuntimeError(
            f"the pipeline returned None for {self.max_refetch + 1} samples of "
            f"{type(self).__name__} in a row; the last was {self._describe(idx)}"
        )

    @force_full_init
    def __len__(self) -> int:
        return len(self.data_list if self._kept is None else self._kept)

    def get_subset_(self, indices: Sequence[int] | int) -> None:
        """Keep only some samples: the first n, the last -n, or those at a list of indices."""
        self.full_init()
        if self._kept is not None:
            self.data_bytes, self.data_address = self._get_serialized_subset(indices)
        else:
            self.data_list = self._get_unserialized_subset(indices)

    def get_subset(self, indices: Sequence[int] | int) -> BaseDataset:
        """Return a data set of some samples; see `get_subset_`."""
        self.full_init()
        other = self._copy_without_annotation()
        other._packed, other.data_list = self._packed, self.data_list
        other.get_subset_(indices)
        return other

    def _copy_without_annotation(self, memo: dict[int, Any] | None = None) -> BaseDataset:
        """A deep copy of everything but the list of annotations."""
        other = self.__class__.__new__(self.__class__)
        memo = {} if memo is None else memo
        memo[id(self)] = other
        for key, value in self.__dict__.items():
            if key not in ("data_list", "_packed"):
                setattr(other, key, copy.deepcopy(value, memo))
        other.data_list, other._packed = [], None
        return other

    @classmethod
    def _load_metainfo(cls, metainfo: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """`METAINFO` with ``metainfo`` over it; a text that names a file stands for its lines."""
        found = copy.deepcopy(cls.METAINFO)
        if metainfo is None:
            return found
        given: Any = metainfo
        if not hasattr(given, "items"):
            raise TypeError(f"metainfo must be a mapping, got {metainfo!r}")
        for key, value in metainfo.items():
            is_file = isinstance(value, str) and PurePath(value).suffix and exists(value)
            found[key] = list_from_file(value) if is_file else value
        return found

    def _join_prefix(self) -> None:
        """Make ``ann_file`` and ``data_prefix`` relative to ``data_root``."""
        if self.ann_file and not _is_absolute(self.ann_file) and self.data_root:
            self.ann_file = join_path(self.data_root, self.ann_file)
        for key, prefix in self.data_prefix.items():
            if not isinstance(prefix, str):
                raise TypeError(f"data_prefix[{key!r}] must be a str, got {prefix!r}")
            if not _is_absolute(prefix) and self.data_root:
                self.data_prefix[key] = join_path(self.data_root, prefix)

    def _rand_another(self) -> int:
        """The index of any sample."""
        return int(np.random.randint(0, len(self)))

    def _describe(self, idx: int) -> str:
        """Which sample it is, for an error."""
        text = f"sample {idx} of {type(self).__name__}"
        try:
            info = self.get_data_info(idx)
        except Exception:  # it is what failed, and is told as the error
            return text
        paths = [f"{key}={value}" for key, value in info.items() if str(key).endswith("path")]
        rank, world_size = get_dist_info()
        return ", ".join([text, *paths]) + (f", on rank {rank}" if world_size > 1 else "")


def _is_absolute(path: str) -> bool:
    return "://" in path or PurePath(path).is_absolute()
