"""The same four short sentences in ten languages, to compare what tokenizers make of them."""

_SENTENCES = {
    "English": """
        The children are reading a book in the library.
        The river is deep, and the old bridge is closed.
        We drink tea in the morning and coffee in the evening.
        My sister lives in a small house near the sea.""",
    "German": """
        Die Kinder lesen ein Buch in der Bibliothek.
        Der Fluss ist tief, und die alte Brücke ist geschlossen.
        Wir trinken morgens Tee und abends Kaffee.
        Meine Schwester wohnt in einem kleinen Haus am Meer.""",
    "French": """
        Les enfants lisent un livre à la bibliothèque.
        La rivière est profonde, et le vieux pont est fermé.
        Nous buvons du thé le matin et du café le soir.
        Ma sœur habite une petite maison près de la mer.""",
    "Spanish": """
        Los niños leen un libro en la biblioteca.
        El río es profundo y el viejo puente está cerrado.
        Bebemos té por la mañana y café por la tarde.
        Mi hermana vive en una casa pequeña cerca del mar.""",
    "Finnish": """
        Lapset lukevat kirjaa kirjastossa.
        Joki on syvä, ja vanha silta on suljettu.
        Juomme teetä aamulla ja kahvia illalla.
        Siskoni asuu pienessä talossa lähellä merta.""",
    "Russian": """
        Дети читают книгу в библиотеке.
        Река глубокая, и старый мост закрыт.
        Утром мы пьём чай, а вечером кофе.
        Моя сестра живёт в маленьком доме у моря.""",
    "Greek": """
        Τα παιδιά διαβάζουν ένα βιβλίο στη βιβλιοθήκη.
        Το ποτάμι είναι βαθύ και η παλιά γέφυρα είναι κλειστή.
        Πίνουμε τσάι το πρωί και καφέ το βράδυ.
        Η αδελφή μου μένει σε ένα μικρό σπίτι κοντά στη θάλασσα.""",
    "Hindi": """
        बच्चे पुस्तकालय में किताब पढ़ रहे हैं।
        नदी गहरी है और पुराना पुल बंद है।
        हम सुबह चाय और शाम को कॉफ़ी पीते हैं।
        मेरी बहन समुद्र के पास एक छोटे घर में रहती है।""",
    "Chinese": """
        孩子们正在图书馆里看书。
        河很深，旧桥关闭了。
        我们早上喝茶，晚上喝咖啡。
        我姐姐住在海边的一座小房子里。""",
    "Japanese": """
        子どもたちは図書館で本を読んでいます。
        川は深く、古い橋は閉鎖されています。
        私たちは朝にお茶を、夕方にコーヒーを飲みます。
        妹は海の近くの小さな家に住んでいます。""",
}


def parallel_sentences() -> dict[str, list[str]]:
    """Return four sentences by language; the first of each language say the same, and so on.

    >>> sentences = parallel_sentences()
    >>> sentences["German"][0]
    'Die Kinder lesen ein Buch in der Bibliothek.'
    >>> {len(of) for of in sentences.values()}
    {4}
    """
    return {
        language: [line.strip() for line in lines.strip().splitlines()]
        for language, lines in _SENTENCES.items()
    }
