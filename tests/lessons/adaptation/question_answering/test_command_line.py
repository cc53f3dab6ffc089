"""LitGPT's command line reads what is written for it, trains, and merges; bad files are told."""

import json
import subprocess
from dataclasses import asdict, replace

import pytest
import torch
from litgpt import GPT
from litgpt.config import name_to_config
from litgpt.lora import GPT as LoraGPT  # noqa: N811
from litgpt.scripts.convert_hf_checkpoint import convert_hf_checkpoint
from litgpt.utils import save_config

from lessons.adaptation import (
    check_questions,
    draw_formulary,
    finetune_command,
    lit_llama,
    questions_about,
    write_questions,
)
from support import same

QUESTIONS = questions_about(draw_formulary().drugs)


@pytest.mark.slow
def test_the_command_trains_and_merges(smollm2, small_sizes, tmp_path):
    sizes = replace(small_sizes, vocab_size=49152, padded_vocab_size=49152, n_layer=2)
    (base := tmp_path / "base").mkdir()
    torch.save(GPT(sizes).state_dict(), base / "lit_model.pth")
    save_config(sizes, base)
    smollm2.tokenizer.save_pretrained(base)
    write_questions(QUESTIONS[:16], QUESTIONS[16:20], tmp_path / "data")
    command = finetune_command(base, tmp_path / "data", tmp_path / "out")
    run = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr
    assert "step 2 | loss train" in run.stdout and "Final evaluation" in run.stdout

    drawn = torch.load(base / "lit_model.pth", weights_only=True)
    before = {name.replace("linear.", ""): one for name, one in drawn.items()}
    merged = torch.load(tmp_path / "out/final/lit_model.pth", weights_only=True)
    updates = torch.load(tmp_path / "out/final/lit_model.pth.lora", weights_only=True)["model"]
    changed = {name for name, one in before.items() if not torch.equal(merged[name], one)}
    assert changed == {f"transformer.h.{at}.attn.qkv.weight" for at in (0, 1)}
    assert set(updates) == {
        f"transformer.h.{at}.attn.qkv.lora_{part}" for at in (0, 1) for part in "AB"
    }
    adapted = replace(sizes, lora_r=8, lora_alpha=16, lora_query=True, lora_value=True)
    base, plain, beside = GPT(sizes), GPT(sizes), LoraGPT(adapted).eval()
    base.load_state_dict(drawn)
    plain.load_state_dict(merged)
    beside.load_state_dict(drawn | updates)
    ids = torch.randint(49152, (2, 9), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        said, expected = plain(ids), beside(ids)
        same(said, expected, atol=1e-5)
        assert (said - base(ids)).abs().max() > 1e-3


@torch.no_grad()
def test_what_the_command_converts_is_what_the_page_converts(
    small_llama, small_sizes, tmp_path, monkeypatch
):
    """From a folder in the Hugging Face format, of a Llama that LitGPT's table does not have."""
    own = {k: one for k, one in asdict(small_sizes).items() if not k.startswith("lora_")}
    monkeypatch.setitem(name_to_config, "small", own)
    small_llama.model.save_pretrained(folder := tmp_path / "small")
    convert_hf_checkpoint(folder)
    written = torch.load(folder / "lit_model.pth", weights_only=True)
    (command := GPT(small_sizes)).load_state_dict(written)
    ids = torch.randint(90, (3, 11), generator=torch.Generator().manual_seed(1))
    same(command(ids), lit_llama(small_llama, first=4, config=small_sizes)(ids), atol=1e-6)
    same(command(ids), small_llama.model(ids).logits, atol=1e-5)
    written["transformer.h.3.mlp.proj.weight"][0, 0] += 0.1
    command.load_state_dict(written)
    assert (command(ids) - small_llama.model(ids).logits).abs().max() > 1e-4


def test_what_is_written_is_what_litgpt_reads(tmp_path):
    write_questions(QUESTIONS[:3], QUESTIONS[3:5], tmp_path)
    assert check_questions(tmp_path / "train.json") == 3
    assert check_questions(tmp_path / "val.json") == 2
    row = json.loads((tmp_path / "train.json").read_text())[0]
    assert row == {"instruction": QUESTIONS[0].text, "output": QUESTIONS[0].answer}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("instruction,output", "is no JSON"),
        ("[]", "holds no list of questions"),
        ('{"instruction": "a", "output": "b"}', "holds no list of questions"),
        (
            '[{"instruction": "a", "output": "b"}, {"question": "a", "output": "b"}]',
            "question 2 of train.json has no text named 'instruction'",
        ),
        ('[{"instruction": "a", "output": 2}]', "no text named 'output'"),
        ('["a"]', "no text named 'instruction'"),
    ],
)
def test_a_wrong_file_is_told_in_one_sentence(tmp_path, text, told):
    (tmp_path / "train.json").write_text(text)
    with pytest.raises(ValueError, match=told) as error:
        check_questions(tmp_path / "train.json")
    assert "\n" not in str(error.value)
