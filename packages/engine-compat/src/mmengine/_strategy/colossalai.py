"""Names of MMEngine's `mmengine._strategy.colossalai`, from engine_runner.strategy."""

ON_DEMAND = {
    "ColossalAIModelWrapper": "engine_model.engine_wrappers",
    "ColossalAIOptimWrapper": "engine_optim.colossalai",
    "ColossalAIStrategy": "engine_runner.strategy.colossalai",
}
