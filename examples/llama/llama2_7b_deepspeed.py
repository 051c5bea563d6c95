"""Fine-tune Llama 2 of 7 billion parameters in DeepSpeed's engine, ZeRO 3, bfloat16."""

_base_ = "llama2_7b.py"

strategy = dict(
    type="DeepSpeedStrategy",
    zero_optimization=dict(
        stage=3,
        offload_optimizer=dict(device="cpu"),  # leave it away where the GPUs have the memory
        overlap_comm=True,
        contiguous_gradients=True,
    ),
    bf16=dict(enabled=True),
)
activation_checkpointing = "LlamaDecoderLayer"
