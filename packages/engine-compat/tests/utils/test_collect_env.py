"""What the report on the environment calls by MMEngine's names."""

from __future__ import annotations

from unittest import mock

import mmengine
from mmengine.utils.dl_utils import collect_env


def test_mmengines_version_is_in_it() -> None:
    assert collect_env()["MMEngine"] == mmengine.__version__


def test_with_a_gpu_the_toolkits_folder_is_in_it() -> None:
    with mock.patch("torch.cuda.is_available", return_value=True):
        assert "CUDA_HOME" in collect_env()
