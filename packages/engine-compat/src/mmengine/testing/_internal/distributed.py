"""Names of MMEngine's `mmengine.testing._internal.distributed`, from engine_runner.testing."""

from engine_runner.testing import MultiProcessTestCase

__all__ = ["MultiProcessTestCase"]
