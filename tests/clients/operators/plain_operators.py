"""Some of mmcv's operators in plain torch: the definitions, without a thought of speed.

Dimension names used in this file: N boxes, P points, C channels, H and W of a feature map.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

__all__ = [
    "dynamic_voxelize_forward",
    "hard_voxelize_forward",
    "nms",
    "nms_rotated",
    "roi_align_backward",
    "roi_align_forward",
]


def nms(boxes: Tensor, scores: Tensor, *, iou_threshold: float, offset: int) -> Tensor:
    """Indices of the boxes (N, 4) to keep, by score: none overlaps a better one by more."""
    order = scores.argsort(descending=True, stable=True)
    areas = (boxes[:, 2] - boxes[:, 0] + offset) * (boxes[:, 3] - boxes[:, 1] + offset)
    keep = []
    while len(order):
        best, order = order[0], order[1:]
        keep.append(best)
        top_left = torch.maximum(boxes[best, :2], boxes[order, :2])
        bottom_right = torch.minimum(boxes[best, 2:], boxes[order, 2:])
        overlap = (bottom_right - top_left + offset).clamp(min=0).prod(dim=1)
        order = order[overlap / (areas[best] + areas[order] - overlap) <= iou_threshold]
    return torch.stack(keep) if keep else order


def nms_rotated(
    dets: Tensor,
    scores: Tensor,
    order: Tensor,
    dets_sorted: Tensor,
    labels: Any = None,
    iou_threshold: float = 0.0,
    multi_label: int = 0,
) -> Tensor:
    """As `nms`, of boxes (N, 5): centre, size, and an angle in radians."""
    from shapely import Polygon

    corners = torch.tensor([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]])
    outlines = []
    for x, y, width, height, angle in dets[:, :5].tolist():
        turn = torch.tensor(angle)
        turned = torch.stack([turn.cos(), -turn.sin(), turn.sin(), turn.cos()]).view(2, 2)
        points = corners * torch.tensor([width, height]) @ turned.T + torch.tensor([x, y])
        outlines.append(Polygon(points.tolist()))
    keep: list[int] = []
    for index in order.tolist():
        ours = outlines[index]
        others = [outlines[i] for i in keep if not multi_label or labels[i] == labels[index]]
        overlaps = [ours.intersection(other).area for other in others]
        areas = [ours.area + other.area for other in others]
        shares = [o / (a - o) for o, a in zip(overlaps, areas, strict=True) if a > o]
        if all(share <= iou_threshold for share in shares):
            keep.append(index)
    return torch.tensor(keep, dtype=torch.int64)


def _voxels_of(points: Tensor, voxel_size: Tensor, coors_range: Tensor) -> tuple[Tensor, Tensor]:
    """The voxel (P, 3) of each point, as z, y, x, and whether it lies in the range."""
    low, high = coors_range[:3], coors_range[3:]
    size = torch.round((high - low) / voxel_size).long()
    found = torch.floor((points[:, :3] - low) / voxel_size).long()
    inside = ((found >= 0) & (found < size)).all(dim=1)
    return found.flip(1), inside


def dynamic_voxelize_forward(
    points: Tensor, voxel_size: Tensor, coors_range: Tensor, coors: Tensor, **_: Any
) -> None:
    """Write the voxel of each point into ``coors`` (P, 3), -1 outside of the range."""
    found, inside = _voxels_of(points, voxel_size, coors_range)
    coors.copy_(torch.where(inside[:, None], found, -1))


def hard_voxelize_forward(
    points: Tensor,
    voxel_size: Tensor,
    coors_range: Tensor,
    voxels: Tensor,
    coors: Tensor,
    num_points_per_voxel: Tensor,
    voxel_num: Tensor,
    *,
    max_points: int,
    max_voxels: int,
    **_: Any,
) -> None:
    """Put points into voxels, of each the first so many, in the order in which they come."""
    found, inside = _voxels_of(points, voxel_size, coors_range)
    places: dict[tuple[int, ...], int] = {}
    for index in torch.nonzero(inside).flatten().tolist():
        voxel = tuple(found[index].tolist())
        if voxel not in places:
            if len(places) >= max_voxels:
                continue
            places[voxel] = len(places)
            coors[places[voxel]] = found[index]
        place = places[voxel]
        count = int(num_points_per_voxel[place])
        if count < max_points:
            voxels[place, count] = points[index]
            num_points_per_voxel[place] = count + 1
    voxel_num.fill_(len(places))


def _roi_align(features: Tensor, rois: Tensor, settings: dict[str, Any]) -> Tensor:
    """The mean over samples of a grid in each region (He et al., arXiv:1703.06870, 3)."""
    height, width = settings["aligned_height"], settings["aligned_width"]
    shift = 0.5 if settings["aligned"] else 0.0
    pooled = []
    for roi in rois:
        x1, y1, x2, y2 = (roi[1:] * settings["spatial_scale"] - shift).tolist()
        w, h = x2 - x1, y2 - y1
        if not settings["aligned"]:
            w, h = max(w, 1.0), max(h, 1.0)
        ratio = settings["sampling_ratio"]
        ny = ratio if ratio > 0 else max(1, -int(-h // height))
        nx = ratio if ratio > 0 else max(1, -int(-w // width))
        y = y1 + (torch.arange(height * ny) + 0.5) * h / (height * ny)
        x = x1 + (torch.arange(width * nx) + 0.5) * w / (width * nx)
        sampled = _bilinear(features[int(roi[0])], y, x)
        pooled.append(sampled.view(-1, height, ny, width, nx).mean(dim=(2, 4)))
    return torch.stack(pooled)


def _bilinear(feature: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """The values (C, len(y), len(x)) of a map (C, H, W) between its pixels; 0 outside."""
    rows, columns = feature.shape[1:]
    inside = ((y >= -1) & (y <= rows))[:, None] & ((x >= -1) & (x <= columns))[None, :]
    y, x = y.clamp(0, rows - 1), x.clamp(0, columns - 1)
    top, left = y.floor().long(), x.floor().long()
    bottom, right = (top + 1).clamp(max=rows - 1), (left + 1).clamp(max=columns - 1)
    dy, dx = (y - top)[:, None], (x - left)[None, :]
    above = feature[:, top][:, :, left] * (1 - dx) + feature[:, top][:, :, right] * dx
    below = feature[:, bottom][:, :, left] * (1 - dx) + feature[:, bottom][:, :, right] * dx
    found: Tensor = (above * (1 - dy) + below * dy) * inside
    return found


def roi_align_forward(
    features: Tensor, rois: Tensor, output: Tensor, _y: Tensor, _x: Tensor, **settings: Any
) -> None:
    """Pool the regions (N, 5) of ``features`` into ``output``, by the mean."""
    if len(rois):
        output.copy_(_roi_align(features, rois, settings))


def roi_align_backward(
    gradient: Tensor, rois: Tensor, _y: Tensor, _x: Tensor, grad_input: Tensor, **settings: Any
) -> None:
    """Write the gradient by the features into ``grad_input``."""
    if not len(rois):
        return
    with torch.enable_grad():
        features = torch.zeros_like(grad_input, requires_grad=True)
        pooled = _roi_align(features, rois, settings)
        grad_input.copy_(torch.autograd.grad(pooled, features, gradient)[0])
