"""Writes a language model of random weights, small enough to be made where it is needed.

Its architecture is that of Llama and its vocabulary is the 256 bytes, so any text can be asked and
any byte may be the answer: it says nothing, in the form that a server makes it keep to. Run in the
environment of the server, which has the package `gguf`: `python tiny_model.py FILE`.
"""

from __future__ import annotations

import sys

import gguf
import numpy as np

CONTEXT = 32_768
WIDTH, HEADS, LAYERS, INNER = 32, 2, 1, 64
TOKENS = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]
UNKNOWN, CONTROL, BYTE = 2, 3, 6  # kinds of tokens, as the format numbers them


def write(path: str, seed: int = 1) -> None:
    """A GGUF file of about 100 kB."""
    rng = np.random.default_rng(seed)
    out = gguf.GGUFWriter(path, "llama")
    out.add_name("random weights: it knows nothing")
    out.add_context_length(CONTEXT)
    out.add_embedding_length(WIDTH)
    out.add_block_count(LAYERS)
    out.add_feed_forward_length(INNER)
    out.add_head_count(HEADS)
    out.add_head_count_kv(HEADS)
    out.add_rope_dimension_count(WIDTH // HEADS)
    out.add_layer_norm_rms_eps(1e-5)
    out.add_vocab_size(len(TOKENS))
    out.add_file_type(gguf.LlamaFileType.ALL_F32)
    out.add_tokenizer_model("llama")
    out.add_token_list([token.encode() for token in TOKENS])
    out.add_token_scores([0.0] * len(TOKENS))
    out.add_token_types([UNKNOWN, CONTROL, CONTROL, *[BYTE] * 256])
    out.add_unk_token_id(0)
    out.add_bos_token_id(1)
    out.add_eos_token_id(2)

    def weights(name: str, *shape: int) -> None:
        out.add_tensor(name, rng.normal(0, 0.4, shape).astype(np.float32))

    weights("token_embd.weight", len(TOKENS), WIDTH)
    weights("output.weight", len(TOKENS), WIDTH)
    out.add_tensor("output_norm.weight", np.ones(WIDTH, np.float32))
    for layer in range(LAYERS):
        for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
            weights(f"blk.{layer}.{part}.weight", WIDTH, WIDTH)
        weights(f"blk.{layer}.ffn_gate.weight", INNER, WIDTH)
        weights(f"blk.{layer}.ffn_up.weight", INNER, WIDTH)
        weights(f"blk.{layer}.ffn_down.weight", WIDTH, INNER)
        for norm in ("attn_norm", "ffn_norm"):
            out.add_tensor(f"blk.{layer}.{norm}.weight", np.ones(WIDTH, np.float32))
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()


if __name__ == "__main__":
    write(sys.argv[1])
