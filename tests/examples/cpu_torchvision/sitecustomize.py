"""Lets torchvision's CUDA build import with a torch without CUDA: names the operators it looks for.

Python imports this file at its start where its folder is on PYTHONPATH.
"""

import importlib.util
from pathlib import Path

import torch


def has_operators(package: Path) -> bool:
    """Whether torchvision's own library loads here; where it does, a name given twice aborts."""
    for library in [*package.glob("_C*.so"), *package.glob("_C*.pyd")]:
        try:
            torch.ops.load_library(str(library))
        except OSError:  # it wants a torch with CUDA
            continue
        return True
    return False


spec = importlib.util.find_spec("torchvision")
if spec and spec.origin and not has_operators(Path(spec.origin).parent):
    LIBRARY = torch.library.Library("torchvision", "DEF")  # kept: it ends with its object
    LIBRARY.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    LIBRARY.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
