"""The same training with the weights spread over processes: `engine train fsdp.py --nproc 2`."""

_base_ = "config.py"

strategy = dict(type="FSDPStrategy", wrap_policy="LlamaDecoderLayer")
train_dataloader = dict(batch_size=8)  # of each process
