"""A task of one's own: which word a pronoun stands for, told by an encoder that learned it."""

import torch
from transformers import Pipeline, PreTrainedTokenizerBase

from lessons.models.grammar.lexicon import FUNCTION_WORDS

PRONOUNS = ("it", "he", "she")


class PronounPipeline(Pipeline):
    """Tells which earlier word the last pronoun of a text stands for.

    Register it under a name, and `pipeline(name, model=…, tokenizer=…)` makes one; batches, devices
    and lists of texts work as for the tasks that transformers brings. `model` is an encoder that
    names, at a pronoun, the word that it stands for, as the book's does.

    Raises:
        ValueError: A text has no pronoun, or no word before it to stand for.
    """

    def _sanitize_parameters(self, top_k: int | None = None, **unknown):
        """Sort the options of a call by the step that they belong to."""
        if unknown:
            raise TypeError(f"{', '.join(unknown)}: this task knows the option top_k alone")
        return {}, {}, {} if top_k is None else {"top_k": top_k}

    def _own_tokenizer(self) -> PreTrainedTokenizerBase:
        if self.tokenizer is None:
            raise ValueError("this task reads text: pass the model's tokenizer, too")
        return self.tokenizer

    def preprocess(self, input_: str, **_):
        """Text to tensors."""
        tokenizer = self._own_tokenizer()
        batch = tokenizer(input_, return_tensors="pt")
        words = tokenizer.convert_ids_to_tokens(batch.input_ids[0])
        places = [at for at, word in enumerate(words) if word in PRONOUNS]
        if not places:
            raise ValueError(f"there is none of {', '.join(PRONOUNS)} in {input_!r}")
        place = places[-1]
        added = {*FUNCTION_WORDS, *PRONOUNS, *tokenizer.all_special_tokens}
        candidates = [at for at in range(place) if words[at] not in added]
        if not candidates:
            raise ValueError(
                f"nothing before {words[place]!r} in {input_!r} can be what it stands for"
            )
        return {**batch, "place": place, "candidates": candidates}

    def _forward(self, model_inputs):
        """Tensors through the model."""
        told = {name: model_inputs.pop(name) for name in ("place", "candidates")}
        ids = model_inputs["input_ids"]
        return {"logits": self.model(**model_inputs).logits, "input_ids": ids, **told}

    def postprocess(self, model_outputs, *, top_k=1, **_) -> list[dict]:
        """Tensors to what a person asked for."""
        [ids] = model_outputs["input_ids"]
        candidates = torch.tensor(model_outputs["candidates"])
        said = model_outputs["logits"][0, model_outputs["place"], ids[candidates]]
        best = said.softmax(dim=-1).topk(min(top_k, len(candidates)))
        return [
            {"score": score, "word": self._own_tokenizer().decode([ids[candidates[at]]])}
            for score, at in zip(best.values.tolist(), best.indices.tolist(), strict=True)
        ]
