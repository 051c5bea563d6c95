"""Models as programs without Python: ONNX and torch.export, run before they are kept."""

from engine_registry.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "engine_runner.export.errors": ["ExportError"],
        "engine_runner.export.exporter": ["FORMATS", "ExportReport", "export_model"],
    },
)
