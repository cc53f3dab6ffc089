"""Words with two meanings, in frames that allow one: the two banks and a dozen others.

Of each meaning's frames two serve validation and two test; in each pair one has the word early and
one late, so that its place says nothing about its meaning.
"""

from collections.abc import Iterator

from lessons.models.open_english.item import Item, capitalized, place

# word: two meanings, each with four frames; fillers after "|" go where {} is. In turn the word
# stands early, late, early, late, for validation, validation, test, test.
MEANINGS = {
    "bank": {
        "river": (
            "the bank was overgrown with {}|reeds, willows, nettles, moss, ferns, bushes",
            "the {} climbed out of the water onto the bank|otter, swimmer, frog, beaver, duck, dog",
            "the bank was washed away by the {}|flood, current, waves, storm, tide, stream",
            "the {} tied the boat to a tree on the bank|angler, boy, ferryman, girl, sailor, scout",
        ),
        "money": (
            "the bank refused the {} a loan|farmer, company, couple, baker, widow, student",
            "he opened a {} account at the bank|savings, joint, second, private, new, business",
            "the bank lowered its interest on {}|mortgages, loans, debts, credit, bonds, gold",
            "the {} cashed a check at the bank|tourist, lawyer, nurse, driver, teacher, clerk",
        ),
    },
    "bat": {
        "animal": (
            "the bat slept upside down in the {}|cave, attic, barn, tower, cellar, tunnel",
            "at dusk we saw a hungry {} bat|brown, gray, young, tiny, old, black",
            "the bat spread its wings and caught a {}|moth, beetle, fly, mosquito, gnat, cricket",
            "in the {} lives a blind old bat|church, castle, mine, ruin, forest, steeple",
        ),
        "club": (
            "the bat was made of {}|ash, aluminum, maple, wood, metal, plastic",
            "the {} hit the ball with his bat|batter, player, captain, rookie, boy, champion",
            "the bat broke when he hit the {}|ball, pitch, fence, post, baseball, fastball",
            "the {} swung at the first pitch with a heavy bat|hitter, coach, star, kid, pro, girl",
        ),
    },
    "spring": {
        "season": (
            "in spring the {} bloom|tulips, cherries, lilacs, meadows, apples, daffodils",
            "the {} return from the south in spring|swallows, storks, geese, swans, birds, ducks",
            "this spring was warmer than last {}|year, winter, autumn, summer, May, April",
            "the {} is planted in spring|corn, wheat, garden, lettuce, barley, hedge",
        ),
        "coil": (
            "the spring in the {} was bent|clock, lock, pen, mattress, toy, trap",
            "the {} is held down by a steel spring|lever, lid, pedal, valve, latch, key",
            "the spring snapped inside the {}|watch, sofa, engine, piston, stapler, hinge",
            "the mechanic replaced the {} spring|rusty, broken, worn, metal, loose, coiled",
        ),
    },
    "match": {
        "game": (
            "the match ended in a {}|draw, defeat, victory, tie, scandal, shootout",
            "the {} won the tennis match|Swede, champion, favorite, girl, veteran, twin",
            "the match was delayed by {}|rain, fog, snow, protests, fans, injuries",
            "the {} scored twice in the match|striker, captain, winger, visitors, guests, hosts",
        ),
        "fire": (
            "the match set fire to the {}|curtain, straw, paper, hay, carpet, barn",
            "she lit the {} with a match|candle, stove, lamp, pipe, lantern, cigar",
            "the match went out in the {}|wind, draft, rain, breeze, damp, dark",
            "he burned the {} with a single match|letter, photo, map, note, diary, will",
        ),
    },
    "bark": {
        "tree": (
            "the bark of the {} was rough|oak, pine, birch, elm, willow, cedar",
            "the {} gnawed at the bark|deer, beaver, rabbit, goat, beetle, elk",
            "the bark is peeling off the {}|trunk, log, branch, plane, maple, stump",
            "the {} hides in a crack in the bark|spider, moth, ant, lizard, larva, bug",
        ),
        "dog": (
            "the bark of the {} woke us|hound, poodle, terrier, puppy, neighbor, watchdog",
            "the {} answered with a loud bark|dog, beagle, spaniel, collie, boxer, mutt",
            "the bark scared the {} away|burglar, cat, mailman, thief, fox, stranger",
            "from the {} came a furious bark|kennel, yard, doghouse, leash, pack, shelter",
        ),
    },
    "crane": {
        "bird": (
            "the crane waded through the {}|marsh, pond, swamp, shallows, mud, reeds",
            "in the wetland nested a {} crane|white, gray, young, shy, wild, rare",
            "the crane caught a {} with its beak|frog, fish, snail, worm, mouse, crab",
            "over the {} flew a lonely crane|lake, meadow, moor, field, river, bay",
        ),
        "machine": (
            "the crane lifted the {} onto the roof|beams, bricks, pipes, girders, panels, tiles",
            "at the building site stood a {} crane|yellow, huge, rusty, tall, mobile, broken",
            "the crane unloaded the {} in the harbor|ship, cargo, freight, barge, tanker, steel",
            "the {} was hoisted by a crane|container, concrete, generator, truck, girder, engine",
        ),
    },
    "bolt": {
        "lightning": (
            "a bolt from the sky struck the {}|oak, steeple, barn, mast, farm, tower",
            "during the storm the {} was lit up by a bolt|valley, sky, sea, town, ridge, coast",
            "a bolt of lightning split the {}|tree, night, clouds, pole, darkness, trunk",
            "thunder followed the {} bolt|bright, sudden, blinding, jagged, white, first",
        ),
        "screw": (
            "the bolt on the {} was rusty|door, wheel, hinge, gate, frame, bracket",
            "the mechanic tightened the {} bolt|loose, last, steel, upper, small, missing",
            "the bolt holds the {} to the frame|engine, seat, plate, pedal, axle, bumper",
            "he fastened the {} with a nut and a bolt|shelf, bench, fender, sign, pipe, rail",
        ),
    },
    "trunk": {
        "tree": (
            "the trunk of the {} was hollow|oak, beech, willow, ash, elm, chestnut",
            "a {} was carved into the trunk|heart, name, date, cross, face, star",
            "the trunk had fallen across the {}|path, creek, road, trail, fence, stream",
            "the lumberjack sawed through the {} trunk|thick, mossy, old, knotty, dead, tall",
        ),
        "elephant": (
            "its trunk sprayed the {} with water|calf, keeper, herd, visitors, crowd, lion",
            "the elephant grabs the {} with its trunk|branch, banana, apple, hay, log, melon",
            "its trunk reached over the fence of the {}|zoo, circus, park, enclosure, pen, cage",
            "the {} elephant raised its trunk|baby, Indian, African, circus, angry, old",
        ),
    },
    "ring": {
        "jewel": (
            "the ring was set with a {}|diamond, ruby, pearl, sapphire, stone, jewel",
            "on her finger she wore a {} ring|thin, costly, plain, heavy, jade, broad",
            "the ring was made of {}|gold, silver, platinum, brass, ivory, copper",
            "the {} wore a wedding ring|woman, actor, priest, dancer, doctor, man",
        ),
        "boxing": (
            "the ring was surrounded by {}|fans, cameras, judges, boxers, reporters, trainers",
            "the {} was knocked out in the ring|boxer, champion, fighter, challenger, loser, giant",
            "the ring was cleared after the last {}|round, fight, bout, punch, knockout, gong",
            "the {} climbed over the ropes into the ring|wrestler, coach, medic, winner, star, vet",
        ),
    },
    "seal": {
        "animal": (
            "the seal dived for {}|herring, fish, squid, cod, crabs, salmon",
            "on the ice lay a {} seal|fat, gray, sleepy, young, spotted, wounded",
            "the seal was hunted by a {}|shark, bear, whale, hunter, trawler, pack",
            "in the {} swam a curious seal|bay, harbor, ocean, sea, fjord, aquarium",
        ),
        "stamp": (
            "the seal on the {} was made of wax|letter, envelope, decree, scroll, will, treaty",
            "the {} broke the seal|king, notary, envoy, clerk, lawyer, messenger",
            "the seal proved the {} to be genuine|document, contract, deed, charter, order, map",
            "the {} was stamped with the royal seal|permit, passport, edict, pardon, law, diploma",
        ),
    },
    "pitcher": {
        "jug": (
            "the pitcher was full of {}|water, milk, lemonade, juice, wine, cream",
            "she poured the {} from a pitcher|tea, beer, cider, punch, sauce, syrup",
            "the pitcher stood on the {}|table, shelf, tray, sideboard, counter, stove",
            "the {} filled a glass from the pitcher|waiter, hostess, cook, maid, butler, guest",
        ),
        "player": (
            "the pitcher threw a {}|fastball, curve, strike, slider, ball, knuckleball",
            "the {} booed the pitcher|fans, crowd, children, stadium, rivals, bleachers",
            "the pitcher struck out the {}|batter, rookie, slugger, captain, hitter, champion",
            "the {} signaled to the pitcher|catcher, coach, umpire, manager, shortstop, team",
        ),
    },
    "bill": {
        "invoice": (
            "the bill for the {} was too high|dinner, repair, heating, hotel, phone, electricity",
            "the {} asked the waiter for the bill|guest, couple, tourist, family, diner, lady",
            "the bill must be paid by {}|Friday, card, noon, check, March, tomorrow",
            "the {} sent us an unpaid bill|plumber, dentist, landlord, garage, hospital, painter",
        ),
        "beak": (
            "its bill is used to crack {}|seeds, nuts, shells, snails, kernels, crabs",
            "the {} carries fish in its bill|pelican, duck, heron, gull, puffin, stork",
            "its bill was stuck in the {} of a tree|bark, trunk, hollow, branch, wood, roots",
            "the {} preens its feathers with its bill|goose, swan, toucan, ibis, mallard, parrot",
        ),
    },
    "palm": {
        "tree": (
            "the palm swayed in the {}|breeze, wind, storm, hurricane, oasis, garden",
            "on the {} grew a tall palm|beach, island, shore, dune, coast, atoll",
            "the palm was heavy with {}|coconuts, dates, fruit, nuts, fronds, blossoms",
            "the {} slept in the shade of a palm|camel, sailor, nomad, monkey, tourist, parrot",
        ),
        "hand": (
            "his palm was covered with {}|blisters, sweat, scars, ink, calluses, blood",
            "she held the {} in her palm|coin, pill, egg, chick, seed, key",
            "his palm hurt from the {}|rope, slap, oar, burn, shovel, splinter",
            "the fortune teller read the {} in my palm|lines, future, fate, signs, past, wrinkles",
        ),
    },
    "organ": {
        "music": (
            "the organ played a {}|hymn, fugue, march, waltz, prelude, chorale",
            "in the {} stood an old organ|church, chapel, cathedral, abbey, theater, hall",
            "the organ accompanied the {}|choir, singers, wedding, mass, psalm, soloist",
            "the {} practiced Bach on the organ|pianist, monk, organist, cantor, pupil, composer",
        ),
        "body": (
            "an organ like the {} can be replaced|liver, heart, kidney, lung, pancreas, cornea",
            "the {} removed the diseased organ|surgeon, doctor, operation, clinic, expert, team",
            "an organ of the body may suffer from {}|infection, cancer, stress, drugs, smoke, age",
            "the {} is waiting for a donor organ|patient, child, man, hospital, woman, recipient",
        ),
    },
}  # fmt: skip


def homograph_sentences(split: str) -> Iterator[Item]:
    """Return every sentence of a split; `truth` counts a word's meanings in their order.

    >>> print(next(homograph_sentences("test")).text)
    The bank was washed away by the flood.
    """
    for word, meanings in MEANINGS.items():
        for truth, frames in enumerate(meanings.values()):
            for frame in frames[:2] if split == "validation" else frames[2:]:
                pattern, fillers = frame.split("|")
                for filler in fillers.split(", "):
                    text = capitalized(pattern.format(filler)) + "."
                    yield Item(
                        text,
                        place(text, word),
                        (),
                        truth,
                        frame=pattern,
                        words=frozenset((f"{word} {filler}",)),
                    )
