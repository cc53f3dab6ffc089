import unicodedata

import pytest
from hypothesis import example, given, strategies as st

from lessons.tokens import (
    BytePairTokenizer,
    apply_merges,
    apply_merges_by_queue,
    parallel_sentences,
    readable,
    sample_text,
    split_pieces,
    train_bpe,
)
from support import caught_by, few
from support.bytelevel import trained, with_merges

MERGES = train_bpe(split_pieces(sample_text()), vocab_size=512)
TOKENIZER = BytePairTokenizer(MERGES)
any_text = st.text(st.characters(codec="utf-8"))
# The library may know characters of a newer Unicode, which others take for unassigned.
assigned = st.text(st.characters(codec="utf-8", exclude_categories=("Cn", "Cs")))
english = st.text(st.sampled_from("theandsignwor lm.,T'\n1"), max_size=60)
SPECIMEN = "The Words, unlike 1987 SIGNS:  naïve 日本語 🙂\n\tthe cat's e\u0301 "


def check_round_trip(tokenizer, text):
    assert tokenizer.decode(tokenizer.encode(text)) == text


def check_agrees_with_the_library(tokenizer, text):
    library = with_merges(MERGES)
    ids = tokenizer.encode(text)
    assert ids == library.encode(text).ids
    assert tokenizer.decode(ids) == library.decode(ids)


@few
@given(text=any_text)
@example(text="")
@example(text="\ufeff\u0000\u2028�")
def test_round_trip_of_any_text(text):
    check_round_trip(TOKENIZER, text)


@few
@given(text=st.one_of(assigned, english))
@example(text=SPECIMEN)
def test_agrees_with_the_library(text):
    check_agrees_with_the_library(TOKENIZER, text)


def test_agrees_on_whole_texts():
    for sentences in ([sample_text()], *parallel_sentences().values()):
        for sentence in sentences:
            check_agrees_with_the_library(TOKENIZER, sentence)
            check_round_trip(TOKENIZER, sentence)


def test_applies_the_merges_that_the_library_learned():
    merges, library = trained(sample_text(), 600)
    tokenizer = BytePairTokenizer(merges)
    for text in (SPECIMEN, *parallel_sentences()["English"], *parallel_sentences()["Greek"]):
        assert tokenizer.encode(text) == library.encode(text).ids


def test_by_hand():
    tokenizer = BytePairTokenizer(train_bpe(["cat", "cats", "cat", "bat", "bats"], vocab_size=260))
    assert tokenizer.tokenize("cats") == [b"cats"]
    assert tokenizer.tokenize("bats") == [b"bat", b"s"]
    assert tokenizer.tokenize("rats") == [b"r", b"at", b"s"]
    assert tokenizer.encode("rats") == [81, 256, 82]


class Broken(BytePairTokenizer):
    def __init__(self):
        super().__init__(MERGES)


class LowersCase(Broken):
    def encode(self, text):
        return super().encode(text.lower())


class Normalizes(Broken):
    def encode(self, text):
        return super().encode(unicodedata.normalize("NFC", text))


class DropsWhatIsNotAscii(Broken):
    def encode(self, text):
        return super().encode(text.encode("ascii", errors="ignore").decode())


class DecodesTokenByToken(Broken):
    def decode(self, ids):
        return "".join(super(DecodesTokenByToken, self).decode([one]) for one in ids)


class JoinsWithSpaces(Broken):
    def decode(self, ids):
        return " ".join(self.tokens[one].decode(errors="replace") for one in ids)


class TakesTheLongest(Broken):
    """The longest known beginning, as WordPiece does."""

    def tokenize(self, text):
        tokens = []
        for piece in split_pieces(text):
            rest = piece.encode()
            while rest:
                end = max(n for n in range(1, len(rest) + 1) if rest[:n] in self.ids)
                tokens.append(rest[:end])
                rest = rest[end:]
        return tokens


class LatestMergeFirst(Broken):
    def __init__(self):
        super().__init__()
        self.ranks = {pair: -rank for pair, rank in self.ranks.items()}


class MergesAcrossPieces(Broken):
    def __init__(self):
        super(Broken, self).__init__([*MERGES, (b".", b" ")])
        self.ranks[b".", b" "] = -1

    def tokenize(self, text):
        return apply_merges(text.encode(), self.ranks)


class IdsAreBytes(Broken):
    def __init__(self):
        super().__init__()
        self.tokens[:256] = [bytes([byte]) for byte in range(256)]
        self.ids = {token: place for place, token in enumerate(self.tokens)}


CATCHES = {
    check_round_trip: [
        LowersCase,
        Normalizes,
        DropsWhatIsNotAscii,
        DecodesTokenByToken,
        JoinsWithSpaces,
    ],
    check_agrees_with_the_library: [
        TakesTheLongest,
        LatestMergeFirst,
        MergesAcrossPieces,
        IdsAreBytes,
        Normalizes,
    ],
}


@pytest.mark.parametrize(("check", "mutant"), caught_by(CATCHES))
def test_broken_tokenizers_are_caught(check, mutant):
    text = SPECIMEN + sample_text()[-2000:]
    check(TOKENIZER, text)
    with pytest.raises(AssertionError):
        check(mutant(), text)


letters = st.text(st.sampled_from("abc"), max_size=40).map(str.encode)
parts = st.sampled_from([b"a", b"b", b"c", b"ab", b"bc", b"aa", b"abc", b"aab", b"caa"])


@few
@given(piece=letters, pairs=st.lists(st.tuples(parts, parts), unique=True, max_size=20))
@example(piece=b"abcabc", pairs=[(b"ab", b"c"), (b"abc", b"a"), (b"a", b"bc"), (b"b", b"c")])
def test_the_queue_joins_what_the_plain_rule_joins(piece, pairs):
    """Whatever the order of the pairs: also one in which a long token comes before its parts."""
    ranks = {pair: rank for rank, pair in enumerate(pairs)}
    assert apply_merges_by_queue(piece, ranks) == apply_merges(piece, ranks)


class Asked(dict):
    """Count how often a pair is looked up."""

    times = 0

    def __contains__(self, pair):
        self.times += 1
        return super().__contains__(pair)


def lookups(length):
    doubling = [(b"a" * 2**power, b"a" * 2**power) for power in range(12)]
    tokenizer = BytePairTokenizer(doubling)
    tokenizer.ranks = Asked(tokenizer.ranks)
    assert b"".join(tokenizer.tokenize("a" * length)) == b"a" * length
    return tokenizer.ranks.times


def test_a_long_piece_takes_time_in_proportion_to_its_length():
    assert lookups(8000) < 2.1 * lookups(4000) < 4000 * 12


def test_a_lone_surrogate_is_no_text():
    with pytest.raises(ValueError, match="surrogates not allowed"):
        TOKENIZER.encode("a\ud800")


def test_half_a_character_cannot_be_read():
    ids = TOKENIZER.encode("é")
    assert len(ids) == 2
    assert TOKENIZER.decode(ids[:1]) == "�"


def test_two_merges_may_make_one_token():
    tokenizer = BytePairTokenizer([(b"a", b"b"), (b"b", b"c"), (b"ab", b"c"), (b"a", b"bc")])
    assert len(tokenizer) == 256 + 3
    assert tokenizer.decode(tokenizer.encode("abc")) == "abc"


@pytest.mark.parametrize("wrong", [-1, 512])
def test_unknown_ids_are_refused(wrong):
    with pytest.raises(ValueError, match="pass ids below 512"):
        TOKENIZER.decode([wrong])


def test_merge_ids_name_the_merges():
    tokens = TOKENIZER.tokens
    assert [(tokens[first], tokens[second]) for first, second in TOKENIZER.merge_ids()] == MERGES


@pytest.mark.parametrize(
    ("token", "shown"),
    [
        (b" the", "·the"),
        (b"\n\t", "\\n\\t"),
        ("日".encode(), "日"),
        ("日".encode()[:2], "<E6 97>"),
        (b"\x00", "\\x00"),
    ],
)
def test_readable(token, shown):
    assert readable(token) == shown
