"""Names of MMEngine's `mmengine.config.utils`."""

from engine_config import ConfigError as ConfigParsingError

__all__ = ["MODULE2PACKAGE", "PKG2PROJECT", "ConfigParsingError"]

# The libraries that are imported under another name than they are installed by.
MODULE2PACKAGE = {
    name: name
    for name in (
        *("mmcls", "mmdet", "mmdet3d", "mmtrack", "mmpose", "mmedit", "mmocr", "mmgen"),
        *("mmfewshot", "mmrazor", "mmflow", "mmhuman3d", "mmrotate", "mmselfsup", "mmyolo"),
        *("mmpretrain", "mmagic"),
    )
} | {"mmseg": "mmsegmentation", "mmaction": "mmaction2"}
PKG2PROJECT = MODULE2PACKAGE
