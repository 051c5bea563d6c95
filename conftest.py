"""How hypothesis searches, in the tests of every package: a busy machine is no reason to fail.

Each run tries other examples, but where ENGINE_SAME_EXAMPLES is set, as `.ci/run` does: what a
change has to pass is the same each time, and what is found elsewhere gets an example of its own.
"""

from __future__ import annotations

import os
from contextlib import suppress

with suppress(ImportError):  # some environments search for nothing
    from hypothesis import HealthCheck, settings

    settings.register_profile(
        "any machine",
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
        derandomize="ENGINE_SAME_EXAMPLES" in os.environ,
    )
    settings.load_profile("any machine")
