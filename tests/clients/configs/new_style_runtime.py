# What every training of this kind has in common.
from mmpretrain.visualization import UniversalVisualizer

from mmengine.hooks import CheckpointHook, IterTimerHook, LoggerHook
from mmengine.optim import OptimWrapper
from mmengine.visualization import LocalVisBackend

default_scope = "mmpretrain"
default_hooks = dict(
    timer=dict(type=IterTimerHook),
    logger=dict(type=LoggerHook, interval=2),
    checkpoint=dict(type=CheckpointHook, interval=1),
)
optim_wrapper = dict(type=OptimWrapper)
visualizer = dict(type=UniversalVisualizer, vis_backends=[dict(type=LocalVisBackend)])
