# Made from __init__.py by tests/rules/test_lazy_names.py.
from engine_visual.drawing.canvas import (
    Canvas as Canvas,
)
from engine_visual.drawing.colors import (
    palette as palette,
    parse_color as parse_color,
)
from engine_visual.drawing.feature_map import (
    draw_featmap as draw_featmap,
)
from engine_visual.drawing.fonts import (
    find_font as find_font,
)
from engine_visual.drawing.glyphs import (
    TextFont as TextFont,
)
from engine_visual.drawing.surface import (
    Surface as Surface,
)
