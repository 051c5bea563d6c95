"""Drawing onto pixels: shapes, masks, texts and feature maps, with Pillow and NumPy alone."""

from engine_visual.drawing.canvas import Canvas
from engine_visual.drawing.colors import palette, parse_color
from engine_visual.drawing.feature_map import draw_featmap
from engine_visual.drawing.fonts import find_font
from engine_visual.drawing.glyphs import TextFont
from engine_visual.drawing.surface import Surface

__all__ = [
    "Canvas",
    "Surface",
    "TextFont",
    "draw_featmap",
    "find_font",
    "palette",
    "parse_color",
]
