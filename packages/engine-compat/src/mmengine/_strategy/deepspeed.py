"""Names of MMEngine's `mmengine._strategy.deepspeed`, from engine_runner.strategy."""

ON_DEMAND = {
    "DeepSpeedOptimWrapper": "engine_runner.optim.deepspeed",
    "DeepSpeedStrategy": "engine_runner.strategy.deepspeed",
    "MMDeepSpeedEngineWrapper": "engine_runner.model.engines",
}
