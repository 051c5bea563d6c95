"""Fine-tune Llama 2 of 7 billion parameters by FSDP2, on one machine with several GPUs or on many.

No process ever holds the whole model: it is built without memory, spread over the processes, and
each reads its part of the weights. A checkpoint is a folder to which each process writes its part.
"""

_base_ = "llama2_7b.py"

strategy = dict(
    type="FSDPStrategy",
    wrap_policy="LlamaDecoderLayer",
    mixed_precision="bfloat16",
    activation_checkpointing="LlamaDecoderLayer",
    init="meta",
    skip_init_weights=True,  # all of them are loaded
    state_dict_cfg="sharded",
)
