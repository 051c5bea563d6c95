"""Names of MMEngine's `mmengine._strategy.fsdp`, from engine_runner.strategy."""

ON_DEMAND = {
    "FSDPStrategy": "engine_runner.strategy.fsdp",
}
