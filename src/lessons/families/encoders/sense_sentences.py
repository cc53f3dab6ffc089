"""Words with two senses, and sentences in which each sense is beyond doubt."""

SENTENCES = {
    "plant": (
        "The plant needs water and light.",
        "She put the plant on the window sill.",
        "This plant grows in dry soil.",
        "A plant with red flowers stood in the garden.",
        "He cut a leaf from the plant.",
        "The plant makes engines for cars.",
        "Workers left the plant after the night shift.",
        "The company closed its plant in the north.",
        "The plant burns coal to make power.",
        "He manages a chemical plant.",
    ),
    "match": (
        "They lost the match in the last minute.",
        "The match ended without a goal.",
        "She won her first match at the tournament.",
        "Rain stopped the match after an hour.",
        "The team played a match on Sunday.",
        "He struck a match and lit the candle.",
        "The match burned his fingers.",
        "She lit the fire with a single match.",
        "A match flared in the dark.",
        "He blew out the match.",
    ),
    "bat": (
        "A bat flew out of the cave.",
        "The bat hunts insects at night.",
        "The bat hung upside down from the roof.",
        "We saw a bat with brown wings.",
        "A bat sleeps during the day.",
        "He hit the ball with a bat.",
        "She swung the bat and missed.",
        "The player dropped his bat and ran.",
        "A wooden bat broke in the second inning.",
        "He bought a new bat for the season.",
    ),
    "spring": (
        "The flowers bloom in spring.",
        "Last spring it rained for weeks.",
        "They plan to marry in the spring.",
        "Birds return in early spring.",
        "In spring the days grow longer.",
        "The spring in the mattress is broken.",
        "He pressed the spring and let it go.",
        "A metal spring holds the door.",
        "The spring snaps back into shape.",
        "The clock needs a new spring.",
    ),
}


def sense_examples(word: str) -> tuple[list[str], list[int]]:
    """Return sentences with a word, and which of its two senses each shows, 0 or 1.

    Args:
        word: plant, match, bat or spring.

    Raises:
        ValueError: There are no sentences with this word.

    >>> sentences, senses = sense_examples("bat")
    >>> sentences[0], senses[0], senses[-1]
    ('A bat flew out of the cave.', 0, 1)
    """
    if word not in SENTENCES:
        raise ValueError(
            f"there are no sentences with {word!r}: pass one of {', '.join(SENTENCES)}"
        )
    sentences = list(SENTENCES[word])
    return sentences, [int(place >= len(sentences) // 2) for place in range(len(sentences))]
