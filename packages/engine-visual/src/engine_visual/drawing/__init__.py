"""Drawing onto pixels: boxes, masks and texts with Pillow, other shapes with matplotlib's Agg."""

from engine_registry.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "engine_visual.drawing.canvas": ["Canvas"],
        "engine_visual.drawing.colors": ["palette", "parse_color"],
        "engine_visual.drawing.feature_map": ["draw_featmap"],
        "engine_visual.drawing.fonts": ["find_font"],
        "engine_visual.drawing.glyphs": ["TextFont"],
        "engine_visual.drawing.surface": ["Surface"],
    },
)
