"""`python -m engine_runner`: trains, once there is something to train with."""

raise SystemExit(
    "engine-runner cannot train yet: its Runner, loops and hooks are still to come. "
    "What works today is listed in the README's table of packages."
)
