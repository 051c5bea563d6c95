"""Names of MMEngine's `mmengine._strategy.deepspeed`, from engine_runner.strategy."""

ON_DEMAND = {
    "DeepSpeedOptimWrapper": "engine_optim.deepspeed",
    "DeepSpeedStrategy": "engine_runner.strategy.deepspeed",
    "MMDeepSpeedEngineWrapper": "engine_model.engine_wrappers",
}
