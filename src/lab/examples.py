"""The examples that stand in the lab's cells; an entry that repeats one is not the learner's yet.

Each step's example is its note, and what its cell passes that the learner is to change.
"""

EXAMPLES: dict[int, tuple[str, dict]] = {
    1: (
        "When big becomes small, six heads move from trophy to suitcase. Head 0.0 looks at "
        "the adjective in both sentences.",
        {
            "sentences": [
                "the trophy does not fit in the suitcase because it is too big .",
                "the trophy does not fit in the suitcase because it is too small .",
            ]
        },
    ),
    2: (
        "After tables the decoder still expects a singular verb, for the subject is key. The last "
        "token changes what is expected; the tokens before it do not see it, and stay as they are.",
        {"prefixes": ["the key near the table", "the key near the tables"]},
    ),
    3: (
        "The step that writes elle looks at it, and one head at small, the word that decides. "
        "The next one, est, has moved to is.",
        {
            "sentence": "the trophy does not fit in the suitcase because it is too small .",
            "first": 10,
        },
    ),
    4: (
        "Without the cache the time of a token grows with the length, with it hardly. At 8 tokens "
        "the cache saves little; at 128 it saves most, and the spans do not overlap.",
        {"lengths": [8, 32, 128]},
    ),
    5: (
        "Head 1.1 looks at the antecedent in 1.00 of the sentences; nothing is lost without it. "
        "Head 0.0 is needed; whether it reads the adjective or counts to three stays open.",
        {
            "claims": [
                "head 1.1 resolves pronouns",
                "head 2.2 resolves pronouns",
                "head 0.0 reads the adjective",
            ]
        },
    ),
    6: (
        "A map told me where to look and the ablation told me what mattered. With one sentence I "
        "would have named the wrong head.",
        {},
    ),
}
