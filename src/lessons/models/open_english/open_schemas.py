"""Two things, `it`, and an adjective that decides which is meant: schemas of open English.

Reference: :cite:t:`levesque2012`. The grammar of the book's own models has such sentences, too.
"""

import random
from typing import NamedTuple

from lessons.models.open_english.item import Item, half, place

ANIMALS = (
    "dog", "cat", "horse", "goat", "donkey", "rabbit", "fox", "bear", "cow", "sheep", "wolf", "pig",
)  # fmt: skip


class Schema(NamedTuple):
    """A sentence with two blanks and `it`, and adjectives of the first and of the second noun."""

    frame: str
    firsts: tuple[str, ...]
    seconds: tuple[str, ...]
    adjectives: tuple[tuple[str, str], ...]


# Every other schema is for test, and every other noun.
SCHEMAS = (
    Schema("The {0} would not go into the {1} because it was too {adjective}.",
           ("guitar", "painting", "bicycle", "statue", "violin", "ladder", "drum", "globe",
            "cello", "harp", "sled", "wheel"),
           ("box", "car", "closet", "drawer", "bag", "chest", "trunk", "cupboard",
            "locker", "crate", "van", "basket"),
           (("big", "small"), ("wide", "narrow"))),
    Schema("The {0} could not reach the {1} because it was too {adjective}.",
           ("ladder", "rope", "crane", "hose", "chain", "cable", "pole", "hook",
            "pipe", "wire", "net", "broom"),
           ("window", "balcony", "roof", "branch", "ceiling", "tower", "bridge", "cliff",
            "lamp", "nest", "bell", "shelf"),
           (("short", "high"),)),
    Schema("The {0} shattered the {1} because it was so {adjective}.",
           ("hammer", "stone", "brick", "cannon", "rock", "axe", "boulder", "anvil",
            "wrench", "log", "pipe", "crowbar"),
           ("vase", "window", "mirror", "bottle", "cup", "plate", "glass", "jar",
            "tile", "lamp", "egg", "pot"),
           (("heavy", "fragile"), ("hard", "thin"))),
    Schema("The {0} could not hold up the {1} because it was too {adjective}.",
           ("shelf", "rope", "hook", "table", "nail", "chain", "branch", "bench",
            "beam", "rack", "pole", "wire"),
           ("statue", "piano", "barrel", "stove", "safe", "bell", "bear", "sofa",
            "chest", "engine", "mirror", "cow"),
           (("weak", "heavy"),)),
    Schema("The {0} could not catch the {1} because it was too {adjective}.",
           ANIMALS, ANIMALS, (("slow", "fast"), ("tired", "quick"))),
    Schema("The {0} would not cross the {1} because it was too {adjective}.",
           ANIMALS, ("river", "street", "bridge", "field", "road", "stream", "square", "canyon",
            "desert", "valley", "yard", "ditch"),
           (("tired", "wide"), ("nervous", "long"))),
    Schema("The {0} did not cover the {1} because it was too {adjective}.",
           ("cloth", "blanket", "sheet", "rug", "towel", "carpet", "curtain", "tent",
            "mat", "net", "lid", "shawl"),
           ("table", "sofa", "bed", "piano", "car", "floor", "window", "boat",
            "bench", "pool", "stove", "desk"),
           (("small", "large"),)),
    Schema("The {0} ate the {1} because it was so {adjective}.",
           ANIMALS, ("carrot", "apple", "cake", "bread", "pear", "cheese", "fish", "soup",
            "plum", "pizza", "bun", "corn"),
           (("hungry", "tasty"), ("greedy", "delicious"))),
    Schema("The {0} could not drive through the {1} because it was too {adjective}.",
           ("truck", "bus", "van", "tractor", "car", "jeep", "wagon", "taxi",
            "coach", "trailer", "ambulance", "carriage"),
           ("tunnel", "gate", "arch", "passage", "alley", "yard", "garage", "door",
            "barn", "courtyard", "archway", "cave"),
           (("wide", "narrow"), ("tall", "low"))),
    Schema("The {0} drowned out the {1} because it was so {adjective}.",
           ("drum", "train", "engine", "siren", "trumpet", "storm", "bell", "crowd",
            "motor", "choir", "wind", "hammer"),
           ("flute", "radio", "violin", "song", "harp", "speech", "piano", "voice",
            "guitar", "clock", "bird", "cello"),
           (("loud", "quiet"), ("noisy", "faint"))),
    Schema("The {0} could not cut the {1} because it was too {adjective}.",
           ("knife", "saw", "axe", "blade", "sword", "razor", "mower", "wire",
            "chisel", "cleaver", "scalpel", "sickle"),
           ("rope", "bread", "cheese", "board", "branch", "leather", "steak", "grass",
            "cable", "pumpkin", "hose", "carpet"),
           (("blunt", "thick"), ("dull", "tough"))),
    Schema("The {0} hid the {1} completely because it was so {adjective}.",
           ("tree", "wall", "tower", "hedge", "house", "truck", "hill", "fence",
            "bus", "castle", "rock", "barn"),
           ("bench", "bicycle", "flower", "box", "chair", "bush", "statue", "sign",
            "grave", "car", "stone", "well"),
           (("tall", "low"), ("big", "small"))),
)  # fmt: skip


NOUNS = sorted({noun for schema in SCHEMAS for noun in (*schema.firsts, *schema.seconds)})


def draw_open_schema(rng: random.Random, split: str) -> list[Item]:
    """Draw both halves of a schema: one adjective means the first noun, the other the second.

    >>> for item in draw_open_schema(random.Random(1), "validation"):
    ...     print(item.text, item.option_words[item.truth])
    The brick shattered the glass because it was so heavy. brick
    The brick shattered the glass because it was so fragile. glass
    """
    schema = rng.choice(half(SCHEMAS, split))
    nouns = set(half(NOUNS, split))
    first = rng.choice([noun for noun in schema.firsts if noun in nouns])
    second = rng.choice([noun for noun in schema.seconds if noun in nouns and noun != first])
    adjectives = rng.choice(schema.adjectives)
    items = []
    for truth, adjective in enumerate(adjectives):
        text = schema.frame.format(first, second, adjective=adjective)
        how = "so" if " so " in schema.frame else "too"
        items.append(
            Item(
                text,
                place(text, "it"),
                (place(text, first), place(text, second)),
                truth,
                prompt=f"{text} What was {how} {adjective}? The",
                right=f" {(first, second)[truth]}",
                wrong=f" {(first, second)[1 - truth]}",
                subject=0,
                frame=schema.frame,
                words=frozenset((first, second)),
            )
        )
    return items
