"""A short text of the book's own, from which merges are learned."""

_TEXT = """
Long before there was paper, people pressed signs into wet clay. A merchant who sold ten sheep \
made ten marks, and a merchant who sold a hundred sheep soon wished for a shorter way to write. \
So the marks changed. One sign came to stand for ten, another for sixty, and after some time \
there were signs for sheep, for grain, for oil and for the names of the people who bought them. \
Each sign stood for a word. That was simple to read, but there are many words in a language, and \
so there were many signs to learn.

The next idea was that a sign can stand for a sound. Words are many, but the sounds that words \
are made of are few. With a few hundred signs for syllables a writer could write any word of the \
language, even a name that nobody had ever written before. Later still, people found that they \
could do with fewer signs. With two or three dozen letters one can write every word. The letters \
are easy to learn, but the written words are longer, because each word needs several letters \
where it once needed a single sign.

This is a bargain that every writing system makes. With many signs the texts are short and the \
list of signs is long. With few signs the list is short and the texts are long. No system wins \
on both sides. There are writing systems with thousands of signs and writing systems with thirty \
letters, and people read and write well in all of them.

A machine that reads text has to make the same bargain. It does not read words as we do. It \
reads numbers, and somebody has to decide which part of the text becomes which number. If every \
word has a number of its own, the list of words is very long, and a word that is not in the list \
cannot be read at all. If every letter has a number of its own, the list is very short, nothing \
is ever unknown, but the machine has to read many more numbers for the same text, and it has to \
learn from them what a word is.

There is a way between the two. Begin with the letters. Then look at the text, and find the two \
signs that stand side by side most often. In English that may be the letters t and h, or the \
letter e and the space after it. Give the pair a new sign of its own, and write the text again \
with the new sign. Now the text is a little shorter and the list a little longer. Then look \
again for the pair that stands side by side most often, and do the same again. After a few \
hundred steps the common words of the language have become single signs. The rare words are \
still written with several signs, and a word that was never seen before is written with many.

The method was first used to make files smaller. A file in which the same pairs come again and \
again can be written with fewer signs, as long as the list of the new signs is kept with it. \
Those who built machines for translation found it later and used it for another reason. They did \
not want to make the text smaller. They wanted a list of a fixed length with which every word \
could be written, the common words and the rare words, the old names and the new names.

A library shows how uneven words are. Take all the books from one shelf and count the words in \
them. The word that comes most often may be one word in every fifteen. The ten most common words \
together make a quarter of all the text. And yet half of the different words in the books come \
only once. A reader who knows the thousand most common words can follow most sentences, and will \
still meet an unknown word on every page, because the rare words are so many.

What is common and what is rare depends on the library. In the books of a doctor the names of \
the bones and of the muscles are common words. In the books of a sailor the names of the winds \
and of the sails are common words. In the books of a cook there are pans and spoons, salt and \
pepper, butter and flour. Someone who learns the most common pairs from the books of the sailor \
will write the sailor's words with few signs, and the words of the cook with many. And someone \
who learns them from English books will write English with few signs, and other languages with \
many more. Nothing in the method prefers English. The books do.

So it is good to ask of every list of signs from which books it was learned. It is good to look \
at what it does with numbers, for a number such as 1987 may be one sign and the number 1988 two. \
It is good to look at what it does with the space before a word, with a capital letter at the \
start of a sentence, with a word that is written in capital letters to be louder, and with a \
word in which two letters were swapped by mistake. To a reader these are the same word, or \
nearly the same word. To the machine they are different numbers, until it has learned otherwise.

The old writers on clay would have understood the question. They too had to decide what a sign \
stands for, how many signs a student can learn, and how long a text may be. They too lived with \
a list that was made by others, long before, from other texts. And they too could write anything \
they wanted with it, some of it in a few signs and some of it in many.
"""


def sample_text() -> str:
    r"""Return a short English text of ten paragraphs, on signs and how many of them one needs.

    >>> len(sample_text().split("\n\n"))
    10
    """
    return _TEXT.strip()
