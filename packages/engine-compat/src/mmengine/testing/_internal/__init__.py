"""Names of MMEngine's `mmengine.testing._internal`, from engine_runner.testing."""

from engine_runner.testing import MultiProcessTestCase

__all__ = ["MultiProcessTestCase"]
