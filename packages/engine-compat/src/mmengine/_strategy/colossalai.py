"""Names of MMEngine's `mmengine._strategy.colossalai`, from engine_runner.strategy."""

ON_DEMAND = {
    "ColossalAIModelWrapper": "engine_runner.strategy.colossalai",
    "ColossalAIOptimWrapper": "engine_runner.strategy.colossalai",
    "ColossalAIStrategy": "engine_runner.strategy.colossalai",
}
