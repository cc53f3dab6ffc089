"""Capitals of countries: facts that a model may have read, each as often right as wrong."""

import random

from lessons.models.open_english.item import Item, completion, half

CAPITALS = dict(
    pair.split(":")
    for pair in """
France:Paris, Germany:Berlin, Italy:Rome, Spain:Madrid, Portugal:Lisbon, Austria:Vienna,
Belgium:Brussels, Denmark:Copenhagen, Norway:Oslo, Sweden:Stockholm, Finland:Helsinki,
Iceland:Reykjavik, Ireland:Dublin, Greece:Athens, Poland:Warsaw, Hungary:Budapest,
Romania:Bucharest, Bulgaria:Sofia, Serbia:Belgrade, Croatia:Zagreb, Slovenia:Ljubljana,
Slovakia:Bratislava, Albania:Tirana, Estonia:Tallinn, Latvia:Riga, Lithuania:Vilnius,
Ukraine:Kyiv, Russia:Moscow, Turkey:Ankara, Cyprus:Nicosia, Malta:Valletta, Egypt:Cairo,
Morocco:Rabat, Tunisia:Tunis, Libya:Tripoli, Sudan:Khartoum, Ethiopia:Addis Ababa, Kenya:Nairobi,
Uganda:Kampala, Rwanda:Kigali, Ghana:Accra, Nigeria:Abuja, Senegal:Dakar, Mali:Bamako,
Angola:Luanda, Zambia:Lusaka, Zimbabwe:Harare, Namibia:Windhoek, Somalia:Mogadishu,
Madagascar:Antananarivo, Iran:Tehran, Iraq:Baghdad, Syria:Damascus, Lebanon:Beirut, Jordan:Amman,
Qatar:Doha, Oman:Muscat, Yemen:Sanaa, Afghanistan:Kabul, Pakistan:Islamabad, India:New Delhi,
Nepal:Kathmandu, Bangladesh:Dhaka, Thailand:Bangkok, Vietnam:Hanoi, Laos:Vientiane, Cambodia:Phnom
Penh, China:Beijing, Japan:Tokyo, Mongolia:Ulaanbaatar, Taiwan:Taipei, Australia:Canberra,
Canada:Ottawa, Cuba:Havana, Jamaica:Kingston, Haiti:Port-au-Prince, Peru:Lima, Chile:Santiago,
Argentina:Buenos Aires, Uruguay:Montevideo, Paraguay:Asunción, Ecuador:Quito, Colombia:Bogotá,
Venezuela:Caracas, Honduras:Tegucigalpa, Nicaragua:Managua, Georgia:Tbilisi, Armenia:Yerevan,
Azerbaijan:Baku, Uzbekistan:Tashkent""".replace("\n", " ").strip().split(", ")
)  # fmt: skip
FRAMES = (
    "The capital of {} is",
    "The capital city of {} is called",
    "The government of {} sits in the capital, which is",
    "She asked for the capital of {}, and the answer was",
    "We spent a week in the capital of {}, that is, in",
    "He works in the capital of {}, in",
    "{} is a country whose capital is",
    "As everybody in {} knows, the capital of the country is",
    "Question: What is the capital of {}? Answer:",
    "The train to the capital of {} takes you to",
    "If you fly to the capital of {}, you land in",
    "A map of {} shows the capital,",
    "The largest museum of {} is in the capital,",
    "Our embassy in {} is in the capital,",
    "The parliament of {} meets in",
    "The capital of {}, of course, is",
    "If you ask me for the capital of {}, I say",
    "In {}, the capital city is",
    "He flew to {} and looked for a hotel in the capital,",
    "In the quiz, the capital of {} was asked for: it is",
)


def draw_capitals(rng: random.Random, split: str) -> list[Item]:
    """Draw two items in one frame: two countries, each with the other one's capital as wrong.

    >>> item = draw_capitals(random.Random(0), "test")[0]
    >>> item.prompt + item.right, item.wrong
    ('Our embassy in Namibia is in the capital, Windhoek', ' Canberra')
    """
    frame = rng.choice(half(FRAMES, split))
    one, two = rng.sample(half(sorted(CAPITALS), split), 2)
    return [_item(frame, country, other) for country, other in ((one, two), (two, one))]


def _item(frame: str, country: str, other: str) -> Item:
    words = CAPITALS[country], CAPITALS[other]
    own = frozenset((country, CAPITALS[country]))
    return completion(frame.format(country), country, words, frame=frame, own=own)
