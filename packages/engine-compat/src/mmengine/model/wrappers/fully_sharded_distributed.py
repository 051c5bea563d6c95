"""Names of MMEngine's `mmengine.model.wrappers.fully_sharded_distributed`."""

ON_DEMAND = {
    "MMFullyShardedDataParallel": "engine_runner.model",
}
