# Made from __init__.py by tests/rules/test_lazy_names.py.
from engine_sweep.__about__ import (
    __version__ as __version__,
)
from engine_sweep.errors import (
    SpaceError as SpaceError,
)
from engine_sweep.settings import (
    SweepSettings as SweepSettings,
)
from engine_sweep.space import (
    distribution_of as distribution_of,
)
from engine_sweep.sweep import (
    Sweep as Sweep,
)
from engine_sweep.trial_hook import (
    TrialHook as TrialHook,
)
