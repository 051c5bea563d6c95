"""Names of MMEngine's `mmengine.hooks.sampler_seed_hook`, from engine_runner.hooks."""

from engine_runner.hooks import DistSamplerSeedHook

__all__ = ["DistSamplerSeedHook"]
