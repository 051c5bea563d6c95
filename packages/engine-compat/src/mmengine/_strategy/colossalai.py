"""Names of MMEngine's `mmengine._strategy.colossalai`, from engine_runner.strategy."""

ON_DEMAND = {
    "ColossalAIModelWrapper": "engine_runner.model.engines",
    "ColossalAIOptimWrapper": "engine_runner.optim.colossalai",
    "ColossalAIStrategy": "engine_runner.strategy.colossalai",
}
