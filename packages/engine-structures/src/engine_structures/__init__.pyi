# Made from __init__.py by tests/rules/test_lazy_names.py.
from engine_structures.__about__ import (
    __version__ as __version__,
)
from engine_structures.base_data_element import (
    BaseDataElement as BaseDataElement,
)
from engine_structures.errors import (
    FieldShapeError as FieldShapeError,
    FieldTypeError as FieldTypeError,
)
from engine_structures.instance_data import (
    InstanceData as InstanceData,
)
from engine_structures.label_data import (
    LabelData as LabelData,
)
from engine_structures.pixel_data import (
    PixelData as PixelData,
)
