"""Questions about layers, tensors as images, and torch's names."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from mmengine.utils import dl_utils
from mmengine.utils.dl_utils import parrots_wrapper


def test_norms_are_known() -> None:
    for layer in (nn.BatchNorm1d(2), nn.InstanceNorm2d(2), nn.GroupNorm(1, 2), nn.LayerNorm(2)):
        assert dl_utils.is_norm(layer)
    assert not dl_utils.is_norm(nn.Linear(2, 2))
    assert not dl_utils.is_norm(nn.BatchNorm1d(2), exclude=(nn.BatchNorm1d, nn.GroupNorm))
    with pytest.raises(TypeError, match="exclude must be"):
        dl_utils.is_norm(nn.BatchNorm1d(2), exclude="BatchNorm1d")
    assert dl_utils.has_batch_norm(nn.Sequential(nn.Sequential(nn.BatchNorm2d(2))))
    assert not dl_utils.has_batch_norm(nn.Linear(2, 2))


def test_images_come_back_as_mmengine_gives_them() -> None:
    tensor = torch.arange(12.0).reshape(1, 3, 2, 2)
    (image,) = dl_utils.tensor2imgs(tensor, mean=(1, 2, 3), std=(2, 2, 2))
    assert image.tolist() == [[[19, 10, 1], [21, 12, 3]], [[23, 14, 5], [25, 16, 7]]]
    assert image.flags.c_contiguous
    (image,) = dl_utils.tensor2imgs(torch.ones(1, 1, 2, 2), to_bgr=False)
    assert image.shape == (2, 2, 1)


@pytest.mark.parametrize(
    ("shape", "mean"), [((3, 2, 2), None), ((1, 2, 2, 2), None), ((1, 3, 2, 2), (1,))]
)
def test_other_shapes_are_refused(shape: tuple[int, ...], mean: tuple[float, ...] | None) -> None:
    with pytest.raises(ValueError, match="tensor must have shape"):
        dl_utils.tensor2imgs(torch.ones(shape), mean=mean)


def test_one_channel_cannot_be_turned_round() -> None:
    with pytest.raises(ValueError, match="to_bgr=False"):
        dl_utils.tensor2imgs(torch.ones(1, 1, 2, 2))


def test_a_grid_has_matrix_indices() -> None:
    rows, columns = dl_utils.torch_meshgrid(torch.arange(2), torch.arange(3))
    assert rows.shape == columns.shape == (2, 3)
    assert rows[1].tolist() == [1, 1, 1]


@pytest.mark.filterwarnings("ignore:`torch.jit.trace")  # of another class in torch 2.14
def test_tracing_is_noticed() -> None:
    seen = []

    def function(x: torch.Tensor) -> torch.Tensor:
        seen.append(dl_utils.is_jit_tracing())
        return x + 1

    torch.jit.trace(function, torch.ones(1), check_trace=False)
    assert seen == [True]
    assert not dl_utils.is_jit_tracing()


def test_names_of_torch_are_torchs() -> None:
    assert parrots_wrapper.TORCH_VERSION is dl_utils.TORCH_VERSION is torch.__version__
    assert issubclass(nn.BatchNorm2d, parrots_wrapper._BatchNorm)
    assert issubclass(nn.InstanceNorm1d, parrots_wrapper._InstanceNorm)
    assert issubclass(nn.Conv2d, parrots_wrapper._ConvNd)
    assert issubclass(nn.ConvTranspose2d, parrots_wrapper._ConvTransposeMixin)
    assert parrots_wrapper.is_rocm_pytorch() == (torch.version.hip is not None)
    assert "PyTorch" in parrots_wrapper.get_build_config()
    assert not dl_utils.mmcv_full_available() or torch.version.cuda is not None


def test_sync_batch_norm_takes_any_number_of_dimensions() -> None:
    norm = parrots_wrapper.SyncBatchNorm(2).eval()
    assert isinstance(norm, parrots_wrapper.SyncBatchNorm_)
    assert norm(torch.ones(3, 2)).shape == (3, 2)
    assert norm(torch.ones(3, 2, 4, 4, 4)).shape == (3, 2, 4, 4, 4)
    with pytest.raises(ValueError, match="at least 2D"):
        norm(torch.ones(2))
