"""Lets torchvision's CUDA build import on a machine without one: names the operators it looks for.

Python imports this file at its start where its folder is on PYTHONPATH.
"""

import importlib.util

import torch

if importlib.util.find_spec("torchvision") and not torch.cuda.is_available():
    LIBRARY = torch.library.Library("torchvision", "DEF")  # kept: it ends with its object
    LIBRARY.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    LIBRARY.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
