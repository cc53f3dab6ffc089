"""The words of the book's grammar: English, and French where a frame is translated."""

from typing import NamedTuple


class Noun(NamedTuple):
    """A noun: English singular and plural, French singular, French gender (`m` or `f`)."""

    singular: str
    plural: str
    french: str
    gender: str


def _nouns(table: str) -> tuple[Noun, ...]:
    """Read one noun a line: singular plural french gender."""
    return tuple(Noun(*line.split()) for line in table.strip().splitlines())


THINGS = _nouns("""
trophy trophies trophée m
suitcase suitcases valise f
box boxes boîte f
bag bags sac m
ball balls balle f
book books livre m
vase vases vase m
lamp lamps lampe f
table tables table f
chair chairs chaise f
car cars voiture f
bottle bottles bouteille f
basket baskets panier m
drawer drawers tiroir m
hat hats chapeau m
coat coats manteau m
knife knives couteau m
key keys clé f
cup cups tasse f
bed beds lit m
piano pianos piano m
guitar guitars guitare f
statue statues statue f
mirror mirrors miroir m
bike bikes vélo m
trunk trunks coffre m
ring rings bague f
flower flowers fleur f
bucket buckets seau m
""")

ANIMALS = _nouns("""
animal animals animal m
dog dogs chien m
cat cats chat m
horse horses cheval m
cow cows vache f
goat goats chèvre f
mouse mice souris f
turtle turtles tortue f
""")

WAYS = _nouns("""
street streets rue f
road roads route f
river rivers rivière f
bridge bridges pont m
field fields champ m
garden gardens jardin m
forest forests forêt f
path paths chemin m
""")

PEOPLE = _nouns("""
boy boys garçon m
girl girls fille f
doctor doctors médecin m
teacher teachers professeur m
king kings roi m
queen queens reine f
baker bakers boulanger m
singer singers chanteuse f
""")

NOUNS = THINGS + ANIMALS + WAYS + PEOPLE

MEN = tuple("tom ben paul marc david luc peter john sam max leo george".split())
WOMEN = tuple("mary sara julie clara lucy nina rosa kate laura jane lily diana".split())
NAMES = MEN + WOMEN


def _forms(table: str) -> dict[str, tuple[str, str]]:
    """Read `english masculine feminine` lines into a dictionary."""
    rows = (line.split() for line in table.strip().splitlines())
    return {english: (masculine, feminine) for english, masculine, feminine in rows}


# Color adjectives follow the French noun; these three others stand before it, as in English.
COLORS = _forms("""
red rouge rouge
green vert verte
blue bleu bleue
black noir noire
white blanc blanche
yellow jaune jaune
brown brun brune
""")
BEFORE = _forms("""
pretty joli jolie
good bon bonne
new nouveau nouvelle
""")
ADJECTIVES = _forms("""
big grand grande
small petit petite
wide large large
narrow étroit étroite
long long longue
short court courte
heavy lourd lourde
light léger légère
fragile fragile fragile
hard dur dure
soft mou molle
thin mince mince
tall haut haute
low bas basse
weak faible faible
tired fatigué fatiguée
young jeune jeune
lazy paresseux paresseuse
dangerous dangereux dangereuse
busy animé animée
slow lent lente
fast rapide rapide
old vieux vieille
clean propre propre
dirty sale sale
kind gentil gentille
sick malade malade
sad triste triste
happy content contente
calm calme calme
""")

# Transitive verbs: English present, French present.
TRANSITIVE = dict(
    sees="voit", takes="prend", wants="veut", finds="trouve", keeps="garde", sells="vend",
    washes="lave", buys="achète", loves="aime", brings="apporte", cleans="nettoie", draws="dessine",
)  # fmt: skip

# Verbs of implicit causality: whose deed is the cause, the subject's or the object's?
# Each line: present, past, French present, cause (0 = subject, 1 = object).
CAUSAL = tuple(
    (present, past, french, int(cause))
    for present, past, french, cause in (
        line.split()
        for line in """
annoys annoyed embête 0
scares scared effraie 0
bores bored ennuie 0
charms charmed charme 0
surprises surprised surprend 0
disappoints disappointed déçoit 0
helps helped aide 1
thanks thanked remercie 1
admires admired admire 1
comforts comforted console 1
envies envied envie 1
praises praised félicite 1
punishes punished punit 1
""".strip().splitlines()
    )
)

# Agreement: singular and plural forms of the verb, and what may follow.
STATES = tuple("old new here clean dirty pretty gone".split())
COPULAS = (("is", "are"), ("was", "were"), ("seems", "seem"), ("looks", "look"))
DEEDS = (("falls", "fall"), ("moves", "move"), ("waits", "wait"), ("sleeps", "sleep"))
RELATIVE_VERBS = (
    ("likes", "like"), ("follows", "follow"), ("knows", "know"), ("hears", "hear"), ("hits", "hit"),
)  # fmt: skip
PREPOSITIONS = ("near", "behind", "beside", "with")

PRONOUNS = ("it", "he", "she")

# English words that only hold a sentence together: alignment is scored on all the others.
FUNCTION_WORDS = frozenset(
    "the a is was are it he she does did not because in and 's you how my . , ? !".split()
    + "too very so really".split()
)

LEMMAS = {form: noun.singular for noun in NOUNS for form in (noun.singular, noun.plural)}
