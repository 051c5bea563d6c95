"""How hypothesis searches, in the tests of every package: a busy machine is no reason to fail."""

from __future__ import annotations

from contextlib import suppress

with suppress(ImportError):  # some environments search for nothing
    from hypothesis import HealthCheck, settings

    settings.register_profile(
        "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    settings.load_profile("any machine")
