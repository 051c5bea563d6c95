"""The same parts by their names in a config."""

from parts import Rows, Scale, Stage
from torch import nn

from engine_model import BaseModel
from engine_registry import DATASETS, MODELS, TRANSFORMS

MODELS.register_module(module=Stage)
TRANSFORMS.register_module(module=Scale)


@DATASETS.register_module()
class BuiltRows(Rows):
    """Rows whose transforms are configs."""

    def __init__(self, size, pipeline):
        super().__init__(size, [TRANSFORMS.build(each) for each in pipeline])


@MODELS.register_module()
class Stages(BaseModel):
    """Stages, one after another, with their loss."""

    def __init__(self, stages):
        super().__init__()
        self.stages = nn.Sequential(*(MODELS.build(each) for each in stages))

    def forward(self, x, y, mode="loss"):
        """(N, 8) rows to the loss."""
        return {"loss": ((self.stages(x) - y) ** 2).mean()}
