"""Right answers in other words: with loops, filled row by row, by other functions of Python."""

import math

import torch

from lessons.tokens import segmentations
from support.answers import right


@right("tokens.1")
def counted_one_by_one(text):
    words, inside = 0, False
    for character in text:
        words += not inside and not character.isspace()
        inside = not character.isspace()
    return words, sum(1 for _ in text), len(bytes(text, "utf-8"))


@right("tokens.2")
def text_by_text(vectors, real):
    pooled = torch.zeros(vectors.shape[0], vectors.shape[2])
    for row in range(len(vectors)):
        if real[row].any():
            pooled[row] = vectors[row][real[row]].max(dim=0).values
    return pooled


@right("tokens.3")
def letter_by_letter(text, known):
    tokens = []
    for letter in text:
        if letter in known:
            tokens.append(letter)
        else:
            tokens.extend("<0x" + format(byte, "02X") + ">" for byte in letter.encode("utf-8"))
    return tokens


@right("tokens.4")
def best_place_by_a_loop(word, ranks):
    symbols = [*word]
    while True:
        best = None
        for place in range(len(symbols) - 1):
            rank = ranks.get(symbols[place] + symbols[place + 1])
            if rank is not None and (best is None or rank < best[0]):
                best = rank, place
        if best is None:
            return symbols
        place = best[1]
        symbols = [*symbols[:place], symbols[place] + symbols[place + 1], *symbols[place + 2 :]]


@right("tokens.5")
def with_plain_dictionaries(words):
    alone, together = {}, {}
    for symbols, times in words.items():
        for place, symbol in enumerate(symbols):
            alone[symbol] = alone.get(symbol, 0) + times
            if place:
                pair = symbols[place - 1], symbol
                together[pair] = together.get(pair, 0) + times
    return {pair: n / alone[pair[0]] / alone[pair[1]] for pair, n in together.items()}


@right("tokens.6")
def without_logarithms(words, probabilities):
    expected = {token: 0.0 for token in probabilities}
    logs = {token: math.log(one) for token, one in probabilities.items()}
    for word, times in words.items():
        cuts = list(segmentations(word, logs))
        chances = [math.prod(probabilities[token] for token in cut) for cut in cuts]
        for cut, chance in zip(cuts, chances, strict=True):
            for token in cut:
                expected[token] += times * chance / sum(chances)
    return expected


@right("tokens.7")
def all_anew_each_time(tokens):
    def finished(data):
        """Return the text of some bytes without a character that may still be completed."""
        for cut in range(1, min(4, len(data) + 1)):
            text = data[: len(data) - cut].decode(errors="replace")
            tail = data[len(data) - cut :]
            if may_become_one(tail) and data.decode(errors="replace") == text + "�":
                return text
        return data.decode(errors="replace")

    def may_become_one(tail):
        return any(is_character(tail + more) for more in endings())

    def endings():
        middle = [0x80, 0x90, 0xA0, 0xBF]
        one = [bytes([a]) for a in middle]
        two = [a + b for a in one for b in one]
        return one + two + [a + b for a in one for b in two]

    def is_character(data):
        try:
            return len(data.decode()) == 1
        except UnicodeDecodeError:
            return False

    shown, done, data = [], 0, b""
    for token in tokens:
        data += bytes(token)
        text = finished(data)
        shown.append(text[done:])
        done = len(text)
    return [*shown, data.decode(errors="replace")[done:]]
