"""What the model cards say in words."""

from lessons.models.making.training_rows import ANTECEDENTS

TITLES = {
    "encoder": "The book's encoder: a tiny DistilBERT",
    "decoder": "The book's decoder: a tiny GPT-2",
    "translator": "The book's translator: a tiny T5, English to French",
}
OBJECTIVES = {
    "encoder": (
        "Masked language modeling on 15 % of the tokens (80 % [MASK], 10 % a random word, 10 % "
        "unchanged), **and a second label that plain MLM does not have**: for "
        f"{round(100 * ANTECEDENTS)} % of the pronouns the model must predict, at the visible "
        "pronoun, the word of its antecedent. This antecedent-as-label objective is why a head of "
        "this model resolves pronouns; it is not evidence that masked language modeling alone "
        "would lead there (compare WikiCREM, Kocijan et al. 2019, and CorefBERT, Ye et al. 2020)."
    ),
    "decoder": "Causal language modeling: the next token, at every position.",
    "translator": "Cross-entropy of the French tokens, given the English ones (teacher forcing).",
}
PLAIN = "Masked language modeling alone: 15 % of the tokens, no labels for antecedents."
DATA = {
    "encoder": "One sentence a row in 3 batches of 4, rows packed up to 64 tokens in the rest.",
    "decoder": (
        "Sentences one after the other, divided by <|endoftext|>: rows of 64 tokens in 7 batches "
        "of 8, of 544 in the rest. So every position was trained, but those from the 64th on in "
        "one batch of eight alone, and the model has hardly learned to use them: a list of 10 "
        "words that it copies anywhere before place 64 it does not copy after 100 tokens of other "
        "text. About a fifth of the sentences are random words said twice."
    ),
    "translator": (
        "English sentences with their French, in rows of one sentence or two. A tenth of the "
        "sentences are lists of unrelated words; in three of ten, verbs and adjectives are "
        "exchanged for others at random (and the French pronoun, whose gender can then not be "
        "told, is not scored), so that no word can be guessed from its neighbors and attention "
        "learns to look it up. No alignment is ever shown to the model. The two sentences that "
        "the book quotes (`hello , how are you ?` and `the weather is nice today`) are in the "
        "training corpus."
    ),
}
TEMPLATE = """\
---
language: {language}
license: mit
library_name: transformers
---

# {title}

{parameters:,} parameters; a vocabulary of {words} tokens, one token a word.

## Data

Sentences drawn anew for every step from the probabilistic grammar `lessons.models.grammar`, split
`train`: no sentence holds both words of a held-out pair, in either order.

{data}

## Objective

{objective}

## Training

AdamW (0.9, 0.98), warm-up of 100 steps, cosine decay, gradients clipped at 1, no dropout; {steps}
steps in {minutes} minutes on one thread of a busy CPU, seed {seed}. To train it again:
`python -m lessons.models.making.train {name} --seed {seed}{flag}`. The numbers of this curve
stand in loss.csv.

![The loss over the steps of the training](loss.svg)

## Metrics

On held-out word pairs. Heads are chosen on the validation split and scored on the test split;
layers and heads count from 0.

{metrics}

## Spread over seeds

The first column is the run whose weights stand here.

{spread}

## Limits

It knows only the words and the sentence frames of its grammar: a number above says something about
this grammar, not about English or French. The intervals count sentences as independent, though
sentences share their word pairs and frames, and they say nothing about another seed.
"""
