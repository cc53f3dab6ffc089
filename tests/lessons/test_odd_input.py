"""Whatever shape, place or mode an input comes in, the lessons follow it, or say why they cannot.

One table of calls (support/tensor_cases.py) runs on another device, in other layouts and in torch's
other modes. A machine without a GPU proves the first by `meta`, a device of shapes without numbers.
"""

import inspect
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import jaxtyping
import pytest
import torch
from torch import nn
from torch.utils._pytree import tree_map_only

import lessons
from lessons import attention, blocks, families, generation, positions, tokens
from support.tensor_cases import CASES, D, moved, results

DOUBLE = torch.float64
BLIND = [name for name, make in CASES.items() if not make().looks]
DEVICES = ["meta", *(["cuda"] if torch.cuda.is_available() else [])]


def answers(name, change=lambda tensor: tensor):
    """Return what a case gives, with its inputs as they are and with each one changed."""
    case = CASES[name]()
    function = moved(case.function, dtype=DOUBLE)
    return results(function(*case.inputs)), results(
        function(*tree_map_only(torch.Tensor, change, case.inputs))
    )


def same(results, expected):
    for result, one in zip(results, expected, strict=True):
        torch.testing.assert_close(result, one, atol=1e-12, rtol=1e-12)


@pytest.mark.parametrize(
    ("name", "device"),
    [(name, device) for device in DEVICES for name in (BLIND if device == "meta" else CASES)],
)
def test_results_are_where_the_inputs_are(name, device):
    case = CASES[name]()
    function = moved(case.function, dtype=DOUBLE)
    expected = results(function(*case.inputs))
    elsewhere = moved(function, device=device)(*moved(case.inputs, device=device))
    for result, one in zip(results(elsewhere), expected, strict=True):
        assert (result.device.type, result.shape) == (device, one.shape)


@pytest.mark.parametrize("name", CASES)
def test_nothing_is_made_where_the_inputs_are_not(name):
    """Tensors made without a device would be made on meta here, and could not meet the inputs."""
    case = CASES[name]()
    function = moved(case.function, dtype=DOUBLE)
    expected = results(function(*case.inputs))
    with torch.device("meta"):
        found = function(*case.inputs)
    same(results(found), expected)


def first_input(name):
    return CASES[name]().inputs[0]


def with_gaps(tensor):
    """The same numbers, not next to each other and not in this order."""
    room = torch.zeros(*tensor.shape[::-1], 2, dtype=tensor.dtype)
    view = room[..., 0].permute(*range(tensor.dim() - 1, -1, -1))
    return view.copy_(tensor)


@pytest.mark.parametrize("name", CASES)
def test_layouts_and_inference_mode_change_nothing(name):
    same(*answers(name, with_gaps))
    case = CASES[name]()
    function = moved(case.function, dtype=DOUBLE)
    expanded = tree_map_only(torch.Tensor, lambda tensor: tensor[:1].expand_as(tensor), case.inputs)
    with torch.inference_mode():
        found = results(function(*expanded))
    expected = results(function(*tree_map_only(torch.Tensor, torch.clone, expanded)))
    same([result.clone() for result in found], expected)


def test_all_compile_whole():
    """In a process of its own: torch cannot compile the checks of shapes that tests run with."""
    program = "from support import tensor_cases; print(*tensor_cases.compile_all(), sep=chr(10))"
    folder = Path(__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[:-1] == BLIND


@pytest.mark.parametrize("name", [name for name in BLIND if torch.is_tensor(first_input(name))])
def test_vmap(name):
    case = CASES[name]()
    function = moved(case.function, dtype=DOUBLE)
    twice = tree_map_only(
        torch.Tensor, lambda tensor: torch.stack([tensor, tensor.flip(0)]), case.inputs
    )
    mapped = results(torch.vmap(function)(*twice))
    for row in range(2):
        alone = function(*tree_map_only(torch.Tensor, lambda tensor, row=row: tensor[row], twice))
        same([result[row] for result in mapped], results(alone))


# Not a row for a row: weights among the inputs, one number for all rows, a fixed number of rows.
WHOLE = {
    "attention.merge_heads",
    "families.absorbed_scores",
    "families.expanded_scores",
    "families.masked_loss",
    "families.shifted_cross_entropy",
    "families.unshifted_cross_entropy",
    "families.Padded",
    "limits.share_right",
    "recurrence.EncoderDecoder",  # torch packs no empty batch
    "recurrence.MemoryOnlyEncoder",
    "recurrence.spectral_radius",
}


def by_rows(name):
    inputs = results(CASES[name]().inputs)
    return name not in WHOLE and all(tensor.shape[:1] == (2,) for tensor in inputs)


@pytest.mark.parametrize("name", [name for name in CASES if by_rows(name)])
def test_batches_of_none_and_of_one(name):
    case = CASES[name]()
    function = moved(case.function, dtype=DOUBLE)
    whole = results(function(*case.inputs))
    same(
        results(function(*tree_map_only(torch.Tensor, lambda x: x[:1], case.inputs))),
        [one[:1] for one in whole],
    )
    none = tree_map_only(torch.Tensor, lambda x: x[:0], case.inputs)
    if results(none)[0].dtype == torch.long and name.startswith("families"):
        with pytest.raises(ValueError, match="the text is empty: pass at least one token"):
            function(*none)
    else:
        same(results(function(*none)), [one[:0] for one in whole])


def zeros(*shape):
    return torch.zeros(*shape, dtype=DOUBLE)


NOTHING = {
    "no query": lambda: attention.scaled_dot_product_attention(
        zeros(0, D), zeros(2, D), zeros(2, 3)
    ),
    "no key": lambda: attention.scaled_dot_product_attention(zeros(2, D), zeros(0, D), zeros(0, 3)),
    "no query in a mask": lambda: attention.causal_mask(0, 3),
    "no token in a mask": lambda: attention.causal_mask(0, 0),
    "no text in a mask": lambda: attention.padding_mask([], 3),
    "no token to turn": lambda: positions.Rotary()(zeros(2, 0, D)),
    "no position": lambda: positions.sinusoids(0, D),
    "no learned position": lambda: positions.LearnedPositions(3, D)(torch.zeros(1, 0, D)),
    "no distance": lambda: positions.alibi_bias(zeros(2), 0, 0),
    "no token to normalize": lambda: blocks.layer_norm(
        zeros(0, D), zeros(D), zeros(D), epsilon=1e-5
    ),
    "no token to think": lambda: blocks.FeedForward(D, 9, blocks.gelu)(torch.zeros(0, D)),
    "no token in a block": lambda: blocks.Attention(D, 2)(torch.zeros(1, 0, D)),
    "no id": lambda: tokens.look_up(torch.zeros(0, dtype=torch.long), zeros(7, D)),
    "no row": lambda: tokens.one_hot(torch.zeros(0, dtype=torch.long), 7),
}
SHAPES = {
    "no query": (0, 3),
    "no key": (2, 3),
    "no query in a mask": (0, 3),
    "no token in a mask": (0, 0),
    "no text in a mask": (0, 1, 1, 3),
    "no token to turn": (2, 0, D),
    "no position": (0, D),
    "no learned position": (1, 0, D),
    "no distance": (2, 0, 0),
    "no token to normalize": (0, D),
    "no token to think": (0, D),
    "no token in a block": (1, 0, D),
    "no id": (0, D),
    "no row": (0, 7),
}


@pytest.mark.parametrize("name", NOTHING)
def test_nothing_gives_nothing(name):
    result = results(NOTHING[name]())[0]
    assert result.shape == SHAPES[name]
    assert not result.any()


MODEL = families.small_decoder(7, positions=5, d_model=D, heads=2, layers=1)
IDS = torch.tensor([[1, 2, 3]])


@pytest.mark.parametrize("dtype", [torch.long, torch.uint8, torch.float32, torch.float16], ids=str)
@pytest.mark.parametrize(
    "call",
    [
        lambda mask: attention.masked_softmax(torch.zeros(1, 3), mask[0, 0]),
        lambda mask: attention.scaled_dot_product_attention(
            *torch.zeros(3, 3, D), visible=mask[0, 0]
        ),
        lambda mask: blocks.Attention(D, 2)(torch.zeros(1, 3, D), visible=mask),
        lambda mask: blocks.Attention(D, 2)(torch.zeros(1, 300, D), visible=mask[..., :1]),
        lambda mask: MODEL(IDS, visible=mask),
        lambda mask: generation.greedy(MODEL.after_padding(mask), IDS, max_new_tokens=2),
        lambda mask: families.EncoderOnly(MODEL.embed, [*MODEL.layers], nn.Identity())(
            IDS, visible=mask
        ),
    ],
)
def test_masks_of_other_types_are_refused(monkeypatch, call, dtype):
    """The shapes' checker would refuse them first; readers run without it."""
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)
    call(torch.ones(1, 1, 1, 3, dtype=torch.bool))
    with pytest.raises(ValueError, match="pass a boolean mask"):
        call(torch.ones(1, 1, 1, 3).to(dtype))


@pytest.mark.parametrize("shape", [(5, 5), (2, 1, 1, 3), (1, 1, 1, 1, 3)])
def test_masks_of_other_shapes_are_refused(shape):
    for tokens_, expected in ((3, "pass a mask"), (300, "pass a mask")):
        with pytest.raises(ValueError, match=expected):
            blocks.Attention(D, 2)(
                torch.zeros(1, tokens_, D), visible=torch.ones(shape, dtype=torch.bool)
            )


STRANGE = [
    "",
    " ",
    "\n\n\t",
    "\x00\x7f",
    "\ufeff\u200b\u2028",
    "e\u0301\u0327" * 50,
    "\U0001f469\u200d\U0001f680",
    "\u202eabc\u202c",
    "<|endoftext|>",
    "a" * 300,
    "\U0010ffff",
]


@pytest.mark.parametrize("text", STRANGE, ids=lambda text: ascii(text[:9]))
def test_strange_texts_come_back(text):
    assert "".join(tokens.split_pieces(text)) == text
    tokenizer = tokens.BytePairTokenizer(
        tokens.train_bpe(tokens.split_pieces(text), vocab_size=300)
    )
    assert tokenizer.decode(tokenizer.encode(text)) == text
    "".join(map(tokens.readable, tokenizer.tokenize(text))).encode()
    assert "".join(tokens.best_segmentation(text, dict.fromkeys(text, -1.0))[0]) == text


@pytest.mark.parametrize(
    "call",
    [
        lambda text: tokens.train_bpe([text], vocab_size=300),
        lambda text: tokens.BytePairTokenizer([]).encode(text),
    ],
)
def test_half_of_a_surrogate_pair_is_no_text(call):
    with pytest.raises(ValueError, match="surrogates not allowed"):
        call("\ud83d")


# What the table does without, and why.
ELSEWHERE = {
    "adaptation.Answering": "calls a model",
    "adaptation.run_blocks": "calls LitGPT's blocks",
    "adaptation.upper_logits": "calls LitGPT's blocks",
    "adaptation.FourBitLinear": "calls quantize and dequantize",
    "adaptation.Prompted": "calls a model",
    "adaptation.Shelf": "calls updates_by_row",
    "adaptation.SoftPrompt": "puts vectors before those of an embedding",
    "adaptation.quantize": "chooses the nearest of sixteen numbers",
    "adaptation.Tagger": "calls a model",
    "adaptation.leave_one_out": "repeats ridge_scores",
    "adaptation.most_relevant": "chooses one after another, and returns places",
    "adaptation.paired_interval": "draws",
    "adaptation.ridge_scores": "solves a system, tested against least squares",
    "alignment.EvenExperts": "tested against transformers' layer",
    "alignment.Foresighted": "holds a decoder and its module",
    "alignment.NextButOne": "calls a decoder",
    "alignment.Scored": "calls a decoder",
    "alignment.as_they_are": "returns what it checks",
    "alignment.balance_loss": "takes a load beside, worked by hand in its test",
    "alignment.centered": "looks at the rewards that it compares",
    "alignment.clipped": "three known functions of torch, worked by hand in its test",
    "alignment.distance_estimate": "two known functions of torch, tested against the divergence",
    "alignment.evenly_weighted_loss": "takes a rollout, tested against trl",
    "alignment.group_relative": "looks at the rewards that it compares",
    "alignment.grpo_loss": "takes a rollout, tested against trl",
    "alignment.kept_with": "calls a layer",
    "alignment.pair_up": "draws",
    "alignment.ppo_loss": "takes a rollout, worked by hand in its test",
    "alignment.read_as_one_head": "calls a layer, tested against it",
    "alignment.relative_scatter": "compares gradients, worked by hand in its doctest",
    "alignment.preference_loss": "one known function of torch, worked by hand in its test",
    "alignment.reinforce_loss": "takes a rollout, tested against the mean's gradient",
    "alignment.roll_out": "calls two policies",
    "alignment.rounded": "compared with torch's own types bit by bit",
    "alignment.rounded_in_blocks": "calls rounded",
    "alignment.summed": "calls rounded",
    "alignment.token_advantages": "takes a mask beside, worked by hand in its test",
    "alignment.token_rewards": "takes a mask beside, worked by hand in its test",
    "attention.follow_gradient": "repeats a step, worked by hand in its test",
    "blocks.residual_without_norm": "adds what two functions return",
    "families.draw_from_codes": "draws and calls others",
    "families.draw_sequences": "draws and calls others",
    "families.even_out": "repeats route_with_offset",
    "families.extract": "calls centrality, and returns sentences",
    "families.in_any_order": "draws",
    "families.learn_codebook": "draws and calls nearest_codes",
    "families.route_with_offset": "tested against transformers' router",
    "families.share_found": "counts in a trained comparison",
    "families.surest_first": "returns its input",
    "families.without_looking": "returns its input",
    "foundations.Dropout": "calls drop",
    "foundations.descend": "repeats descent_step",
    "foundations.drop": "draws",
    "generation.generate": "calls a model",
    "generation.product_seconds": "measures time",
    "interpretation.ablate_heads": "a context around a model",
    "interpretation.ablation_effects": "calls a model",
    "interpretation.composition_score": "a number from two matrices of weights",
    "interpretation.ends_by_layer": "counts what a model wrote",
    "interpretation.flip_chances": "draws",
    "interpretation.heads_by_importance": "calls a model",
    "interpretation.in_both_directions": "calls a model",
    "interpretation.leaning_in_frames": "calls a model",
    "interpretation.logit_lens": "calls a model's norm and output layer",
    "interpretation.looked_at": "counts where weights are largest",
    "interpretation.losses": "calls a model",
    "interpretation.moved_by_fillers": "calls a model",
    "interpretation.rendered_words": "calls score_heads",
    "interpretation.score_heads": "calls link_hits and link_mass",
    "interpretation.silenced": "a context around a model",
    "interpretation.similarity_without": "calls a model",
    "limits.LetterReader": "calls a model",
    "limits.modest_start": "draws",
    "limits.nothing_read": "begins what merge joins",
    "limits.unit_start": "draws",
    "positions.Ending": "cuts another bias off",
    "positions.Parted": "calls Rotary",
    "positions.Shifted": "calls other positions",
    "practice.answer_from": "has a model of language write, with a test of its own",
    "practice.logistic_head": "goes down to the lowest loss",
    "practice.quantize": "rounds, compared with gguf's bit by bit",
    "recurrence.Cell": "the base of the cells",
    "recurrence.Encoder": "in EncoderDecoder",
    "recurrence.gradients_through_time": "calls a cell",
    "recurrence.mean_gradients": "calls a cell",
    "recurrence.unroll": "in Reader",
    "tokens.exchange_gaps": "tries all exchanges of a few pairs",
    "tokens.random_pair_cosines": "draws",
    "training.DroppedResidual": "draws",
    "training.LanguageModel": "hands a model to Lightning",
    "training.bootstrap_laws": "draws",
    "training.SentimentEncoder": "families' parts, one after the other",
}


def takes_numbers(thing):
    if inspect.isclass(thing):
        return issubclass(thing, nn.Module)
    if not inspect.isfunction(thing):
        return False
    inputs = [one.annotation for one in inspect.signature(thing).parameters.values()]
    return "Float[Tensor" in str(inputs)


def test_the_table_has_every_function_of_numbers():
    missing = []
    for stub in sorted(Path(lessons.__file__).parent.glob("*/__init__.pyi")):
        if stub.parent.name == "plots":  # which draws what others computed
            continue
        topic = import_module(f"lessons.{stub.parent.name}")
        public = [f"{stub.parent.name}.{name}" for name in topic.__all__]
        missing += [name for name in public if takes_numbers(getattr(topic, name.split(".")[1]))]
    covered = {name.split(" ")[0] for name in CASES}
    assert set(missing) - covered == set(ELSEWHERE)
