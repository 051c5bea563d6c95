"""What both configs for Llama 2 of 7 billion parameters share: weights, text, optimizer."""

_base_ = "config.py"

work_dir = "work_dirs/llama2_7b"
# Environment variables, with what they are by default.
folder = "{{$LLAMA:Llama-2-7b-hf}}"  # with model.safetensors.index.json and a tokenizer
text_file = "{{$TEXT:text.txt}}"
num_iters = 2000

model = dict(size="7b")
load_from = folder + "/model.safetensors.index.json"

train_dataloader = dict(
    batch_size=2,  # of each process
    num_workers=2,
    dataset=dict(length=4096, file=text_file, tokenizer=folder),
)
val_dataloader = dict(batch_size=2, dataset=dict(length=4096, file=text_file, tokenizer=folder))
train_cfg = dict(max_iters=num_iters, val_interval=500)
optim_wrapper = dict(optimizer=dict(lr=2e-5, weight_decay=0.0), accumulative_counts=4)
default_hooks = dict(
    logger=dict(interval=10),
    checkpoint=dict(interval=500, max_keep_ckpts=2, async_save=True),
)
custom_hooks = [dict(type="PreemptionHook")]
