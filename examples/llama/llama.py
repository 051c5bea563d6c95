"""Llama-style models (Touvron et al., arXiv:2302.13971) of transformers, as a config names them."""

from __future__ import annotations

from typing import Any

from transformers import LlamaConfig, LlamaForCausalLM

from engine_registry import MODELS

# Llama 2 (arXiv:2307.09288) of 7 billion parameters, and one that trains on a laptop.
SIZES: dict[str, dict[str, int]] = {
    "tiny": {
        "vocab_size": 256,
        "hidden_size": 96,
        "intermediate_size": 256,
        "num_hidden_layers": 3,
        "num_attention_heads": 4,
        "max_position_embeddings": 512,
    },
    "7b": {
        "vocab_size": 32000,
        "hidden_size": 4096,
        "intermediate_size": 11008,
        "num_hidden_layers": 32,
        "num_attention_heads": 32,
        "max_position_embeddings": 4096,
    },
}


@MODELS.register_module()
def llama(size: str = "tiny", **settings: Any) -> LlamaForCausalLM:
    """Return a model with random weights.

    Args:
        size: "tiny" or "7b".
        settings: of transformers' `LlamaConfig`, in place of those of the size.

    Raises:
        KeyError: there is no such size.
    """
    return LlamaForCausalLM(LlamaConfig(**{**SIZES[size], "use_cache": False, **settings}))
