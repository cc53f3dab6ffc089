"""The words of the fragment: English, and French as it renders them.

The nouns are plural and the adjectives have one plural for both genders, so that each French word
depends on one English word. The adjectives on the weather are singular.
"""

DETERMINERS = {
    "the": "les",
    "two": "deux",
    "three": "trois",
    "my": "mes",
    "your": "vos",
    "these": "ces",
}
ADVERBS = {"very": "très", "too": "trop", "so": "si"}
ADJECTIVES = {
    "red": "rouges",
    "yellow": "jaunes",
    "calm": "calmes",
    "shy": "timides",
    "clean": "propres",
    "dirty": "sales",
    "sad": "tristes",
    "strange": "étranges",
}
BEFORE_THE_NOUN = {"other": "autres"}
LIVING = {
    "cats": "chats",
    "dogs": "chiens",
    "birds": "oiseaux",
    "children": "enfants",
    "friends": "amis",
}
THINGS = {
    "cars": "voitures",
    "houses": "maisons",
    "books": "livres",
    "flowers": "fleurs",
    "potatoes": "pommes de terre",
    "sunglasses": "lunettes de soleil",
}
VERBS = {"see": "voient", "like": "aiment", "find": "trouvent", "want": "veulent"}
GREETINGS = {"hello": "bonjour", "hi": "salut", "welcome": "bienvenue"}
WEATHER = {"nice": "agréable", "bad": "mauvais", "sad": "triste"}
TIMES = {"today": "aujourd'hui", "tonight": "ce soir"}

ALL = (
    DETERMINERS,
    ADVERBS,
    ADJECTIVES,
    BEFORE_THE_NOUN,
    LIVING,
    THINGS,
    VERBS,
    GREETINGS,
    WEATHER,
    TIMES,
)
