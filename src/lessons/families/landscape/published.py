"""Open models from 2023 to 2026, each as its published configuration says.

Most sizes are the defaults of a configuration class of transformers. Where the published model
differs from them, `changes` says so, and that is from knowledge, as are years, contexts that are
changed, and the sizes that are claimed, unless the model's name tells them.
"""

from lessons.families.landscape.attention_sizes import Grouped, Latent
from lessons.families.landscape.expert_sizes import Dense, Experts
from lessons.families.landscape.open_model import OpenModel
from lessons.families.landscape.recurrent_sizes import gated_delta, mamba, mamba2

_gemma2, _gemma3 = Grouped(8, 4, 256), Grouped(8, 4, 256, norm="head")
_gemma2_near = Grouped(8, 4, 256, window=4096)
_gemma3_near = Grouped(8, 4, 256, norm="head", window=1024)
_jamba = mamba(4096, d_inner=8192, d_state=16, d_step=256)
_jamba_attention = Grouped(32, 8, 128, positions=False)
_jamba_pair = (Dense(14336), Experts(16, 2, 14336))
_mamba2 = mamba2(4096, heads=128, d_head=64, d_state=128, groups=8)
_deepseek = Latent(128, 512, 64, 128, 128, d_query=1536)
_deepseek_sparse = Latent(128, 512, 64, 128, 128, d_query=1536, index_heads=64)
_deepseek_experts = Experts(256, 8, 2048, shared=2048)
_scout_near = Grouped(40, 8, 128, window=8192, norm="bare")
_scout_experts = Experts(16, 1, 8192, shared=8192)
_smollm = Grouped(16, 4, 128)
_gpt_oss_near = Grouped(64, 8, 64, bias=True, sinks=True, window=128)
_gpt_oss = Grouped(64, 8, 64, bias=True, sinks=True)
_gpt_oss_experts = Experts(128, 4, 2880, bias=True)
_delta = gated_delta(2048, key_heads=16, value_heads=32, d_head=128)
_qwen_gated = Grouped(16, 2, 256, norm="head", gate=True)
_next_experts = Experts(512, 10, 512, shared=512, shared_gate=True)
_qwen35_experts = Experts(256, 8, 512, shared=512, shared_gate=True)
_mimo, _mimo_experts = Grouped(64, 4, 192, d_value=128), Experts(256, 8, 2048)
_mimo_near = Grouped(64, 8, 192, d_value=128, window=129, sinks=True)
_glm = Latent(64, 512, 64, 192, 256, d_query=2048, index_heads=32)
_large = Latent(64, 512, 64, 64, 128, index_heads=32, other=2 * 6144 + 2 * 32 + 2 * 64)
_large_placeless = Latent(64, 512, 0, 128, 128, index_heads=32, other=2 * 6144 + 2 * 32 + 2 * 64)
_large_experts = Experts(128, 4, 6144, shared=6144)

_OPEN_MODELS = (
    OpenModel(
        "Llama 2 7B", "2023-07", "touvron2023llama2", "llama",
        32 * ((Grouped(32, 32, 128), Dense(11008)),),
        d_model=4096, vocab=32_000, context=4096, base=10_000, published=6.7,
        changes={"max_position_embeddings": 4096},
    ),
    OpenModel(
        "Mistral 7B", "2023-09", "jiang2023", "mistral",
        32 * ((Grouped(32, 8, 128, window=4096), Dense(14336)),),
        d_model=4096, vocab=32_000, context=8192, base=10_000, published=7.2,
        changes={"max_position_embeddings": 8192},
    ),
    OpenModel(
        "Mixtral 8x7B", "2023-12", "jiang2024", "mixtral",
        32 * ((Grouped(32, 8, 128), Experts(8, 2, 14336)),),
        d_model=4096, vocab=32_000, context=32_768, base=1_000_000, published=47, working=13,
        changes={"max_position_embeddings": 32_768},
    ),
    OpenModel(
        "Jamba 0.1", "2024-03", "lieber2024", "jamba",
        tuple(
            (_jamba_attention if layer % 8 == 4 else _jamba, _jamba_pair[layer % 2])
            for layer in range(32)
        ),
        d_model=4096, vocab=65_536, context=262_144, base=None, published=52, working=12,
    ),
    OpenModel(
        "Gemma 2 2B", "2024-07", "gemma2024", "gemma2",
        13 * ((_gemma2_near, Dense(9216)), (_gemma2, Dense(9216))),
        d_model=2304, vocab=256_000, context=8192, base=10_000, published=2.6,
        tied=True, norms=4,
    ),
    OpenModel(
        "Mamba-Codestral 7B", "2024-07", "mistralai/Mamba-Codestral-7B-v0.1", "mamba2",
        64 * ((_mamba2, Dense(0)),),
        d_model=4096, vocab=32_768, context=262_144, base=None, published=7.3,
        changes={"max_position_embeddings": 262_144}, norms=1,
    ),
    OpenModel(
        "OLMo 2 7B", "2024-11", "olmo2025", "olmo2",
        32 * ((Grouped(32, 32, 128, norm="all"), Dense(11008)),),
        d_model=4096, vocab=100_352, context=4096, base=500_000, published=7.3,
        changes={"vocab_size": 100_352, "max_position_embeddings": 4096, "rope_theta": 500_000},
    ),
    OpenModel(
        "DeepSeek-V3", "2024-12", "deepseekv3", "deepseek_v3",
        3 * ((_deepseek, Dense(18432)),) + 58 * ((_deepseek, _deepseek_experts),),
        d_model=7168, vocab=129_280, context=131_072, base=10_000, published=671, working=37,
        changes={"max_position_embeddings": 131_072},
    ),
    OpenModel(
        "Gemma 3 4B", "2025-03", "gemma2025", "gemma3_text",
        tuple(
            (_gemma3 if layer % 6 == 5 else _gemma3_near, Dense(10240)) for layer in range(34)
        ),
        d_model=2560, vocab=262_208, context=131_072, base=1_000_000, published=3.9,
        changes={
            "hidden_size": 2560, "intermediate_size": 10_240, "num_hidden_layers": 34,
            "sliding_window": 1024,
        },
        tied=True, norms=4,
    ),
    OpenModel(
        "Llama 4 Scout", "2025-04", "meta-llama/Llama-4-Scout-17B-16E", "llama4_text",
        12 * (
            3 * ((_scout_near, _scout_experts),)
            + ((Grouped(40, 8, 128, positions=False), _scout_experts),)
        ),
        d_model=5120, vocab=202_048, context=10_485_760, base=500_000, published=109, working=17,
        changes={"max_position_embeddings": 10_485_760},
    ),
    OpenModel(
        "Qwen3 30B-A3B", "2025-04", "Qwen/Qwen3-30B-A3B-Base", "qwen3_moe",
        48 * ((Grouped(32, 4, 128, norm="head"), Experts(128, 8, 768)),),
        d_model=2048, vocab=151_936, context=32_768, base=1_000_000, published=30, working=3,
        changes={"num_hidden_layers": 48, "head_dim": 128, "rope_theta": 1_000_000},
    ),
    OpenModel(
        "SmolLM3 3B", "2025-07", "HuggingFaceTB/SmolLM3-3B", "smollm3",
        9 * (
            3 * ((_smollm, Dense(11008)),)
            + ((Grouped(16, 4, 128, positions=False), Dense(11008)),)
        ),
        d_model=2048, vocab=128_256, context=65_536, base=5_000_000, published=3,
        changes={"max_position_embeddings": 65_536, "rope_theta": 5_000_000}, tied=True,
    ),
    OpenModel(
        "gpt-oss 120B", "2025-08", "openai2025", "gpt_oss",
        18 * ((_gpt_oss_near, _gpt_oss_experts), (_gpt_oss, _gpt_oss_experts)),
        d_model=2880, vocab=201_088, context=131_072, base=150_000, published=117, working=5.1,
    ),
    OpenModel(
        "Qwen3-Next 80B-A3B", "2025-09", "Qwen/Qwen3-Next-80B-A3B-Instruct", "qwen3_next",
        12 * (3 * ((_delta, _next_experts),) + ((_qwen_gated, _next_experts),)),
        d_model=2048, vocab=151_936, context=262_144, base=10_000_000, published=80, working=3,
        changes={"max_position_embeddings": 262_144, "rope_theta": 10_000_000},
    ),
    OpenModel(
        "MiniMax-M2", "2025-10", "MiniMaxAI/MiniMax-M2", "minimax_m2",
        62 * ((Grouped(48, 8, 128, norm="all"), Experts(256, 8, 1536)),),
        d_model=3072, vocab=200_064, context=196_608, base=5_000_000, published=230, working=10,
    ),
    OpenModel(
        "DeepSeek-V3.2", "2025-12", "deepseekv32", "deepseek_v32",
        3 * ((_deepseek_sparse, Dense(18432)),) + 58 * ((_deepseek_sparse, _deepseek_experts),),
        d_model=7168, vocab=129_280, context=163_840, base=10_000, published=671, working=37,
    ),
    OpenModel(
        "MiMo-V2-Flash", "2025-12", "XiaomiMiMo/MiMo-V2-Flash", "mimo_v2_flash",
        tuple(
            (
                _mimo if layer == 0 or layer % 6 == 5 else _mimo_near,
                _mimo_experts if layer else Dense(16384),
            )
            for layer in range(48)
        ),
        d_model=4096, vocab=152_576, context=262_144, base=5_000_000, published=309, working=15,
        changes={"max_position_embeddings": 262_144},
    ),
    OpenModel(
        "Qwen3.5 35B-A3B", "2026", "Qwen/Qwen3.5-35B-A3B", "qwen3_5_moe_text",
        10 * (3 * ((_delta, _qwen35_experts),) + ((_qwen_gated, _qwen35_experts),)),
        d_model=2048, vocab=248_320, context=262_144, base=10_000_000, published=35, working=3,
        changes={"max_position_embeddings": 262_144, "rope_theta": 10_000_000},
    ),
    OpenModel(
        "GLM-5", "2026-02", "zai-org/GLM-5", "glm_moe_dsa",
        3 * ((_glm, Dense(12288)),) + 75 * ((_glm, _deepseek_experts),),
        d_model=6144, vocab=154_880, context=202_752, base=None, published=744, working=40,
    ),
    OpenModel(
        "Mistral Large 4", "2026", "mistralai/Mistral-Large-4-1T-A52B", "mistral_large4_text",
        tuple(
            (
                _large_placeless if layer % 4 == 3 else _large,
                _large_experts if layer else Dense(24576),
            )
            for layer in range(72)
        ),
        d_model=6144, vocab=204_800, context=1_048_576, base=10_000, published=1000, working=52,
    ),
)  # fmt: skip


def open_models() -> dict[str, OpenModel]:
    """Return twenty open models by their names, in the order of their years.

    >>> open_models()["Mixtral 8x7B"].layers[0][1]
    Experts(number=8, chosen=2, d_ff=14336, shared=0, shared_gate=False, bias=False)
    """
    return {model.name: model for model in _OPEN_MODELS}
