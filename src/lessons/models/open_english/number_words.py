"""Number words in four languages: translations that a model may have read."""

import random

from lessons.models.open_english.item import Item, completion, half

ENGLISH = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety "
    "hundred thousand"
).split()
OTHERS = {
    "French": "un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze "
    "seize dix-sept dix-huit dix-neuf vingt trente quarante cinquante soixante soixante-dix "
    "quatre-vingts quatre-vingt-dix cent mille",
    "Spanish": "uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce "
    "quince dieciséis diecisiete dieciocho diecinueve veinte treinta cuarenta cincuenta sesenta "
    "setenta ochenta noventa cien mil",
    "German": "eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn "
    "fünfzehn sechzehn siebzehn achtzehn neunzehn zwanzig dreißig vierzig fünfzig sechzig "
    "siebzig achtzig neunzig hundert tausend",
    "Italian": "uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici "
    "quattordici quindici sedici diciassette diciotto diciannove venti trenta quaranta "
    "cinquanta sessanta settanta ottanta novanta cento mille",
}
FRAMES = (
    "The {language} word for {number} is",
    "In {language}, the number {number} is called",
    "The number {number} in {language}:",
    "She translated the word {number} into {language}:",
    "How do you say {number} in {language}? You say",
    "My {language} teacher wrote the word for {number} on the board:",
    "In {language} one does not say {number}, but",
    "English: {number}. {language}:",
    "The dictionary translates {number} into {language} as",
    "At the market in a {language} village, {number} becomes",
    "A child who counts in {language} does not say {number}, but",
    "Translate into {language}: {number} =",
    "If {number} is the English word, the {language} word is",
    "You want {number} of them? In {language} you ask for",
)


def draw_number_words(rng: random.Random, split: str) -> list[Item]:
    """Draw two items in one frame: two numbers, each with the other one's word as wrong.

    >>> item = draw_number_words(random.Random(0), "test")[0]
    >>> item.prompt + item.right, item.wrong
    ('You want eighty of them? In Spanish you ask for ochenta', ' catorce')
    """
    frame, language = rng.choice(half(FRAMES, split)), rng.choice(sorted(OTHERS))
    words = dict(zip(ENGLISH, OTHERS[language].split(), strict=True))
    one, two = rng.sample(half(ENGLISH, split), 2)
    while words[one][:2] == words[two][:2]:  # the first piece must tell them apart
        two = rng.choice(half(ENGLISH, split))
    return [
        completion(
            frame.format(language=language, number=number),
            number,
            (words[number], words[other]),
            frame=frame,
            own=frozenset((f"{language} {number}",)),
        )
        for number, other in ((one, two), (two, one))
    ]
