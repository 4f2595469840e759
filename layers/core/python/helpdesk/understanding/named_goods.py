"""Goods as a message names them: "walnut bookshelf", not only "bookshelf".

There is no grammar here, but lists: goods, words that describe goods, and words that do not. A word
before a good belongs to its name if it describes goods, or if an article stands before it. What no
list knows is a good after words of buying: "I bought a zephyr". A device to write with is none.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

from helpdesk.understanding.goods import goods, no_goods
from helpdesk.understanding.shipped import lines

type Span = tuple[int, int]

_WORD = re.compile(r"[^\W_]++(?:['\u2019-][^\W_]++)*+")
_BETWEEN = re.compile(r"[^\S\n]{1,2}")

MOST_BEFORE: Final = 3
"""Words that a name has before the good."""

_ARTICLES = frozenset(
    "a an the my our your his her their its this these those another some any no each every"
    " both one two three four five six seven eight nine ten dozen".split()
)
_PLAIN = frozenset(
    "new old broken damaged defective faulty wrong missing same other second first third last"
    " next right left whole entire correct incorrect original beautiful lovely nice great"
    " expensive cheap cheaper dirty used unused opened unopened big small large little tiny huge"
    " extra additional more different similar cracked torn scratched bent dead late lost stolen"
    " perfect free actual favourite favorite poor bloody stupid damn only bigger smaller larger"
    " better few many several promised ordered delivered returned good bad proper cold rusty"
    " burnt exploding rubbish flat swollen trade-in rental second-hand leaking xs s m l xl xxl"
    " size half front back upper lower brand-new brand smashed half-empty".split()
)
"""Words about a good that are not of its name. An article may stand before them."""

_NEVER = frozenset(
    "i you he she it we they me him us them who which what that there here and or but so if"
    " then than as at by for from in into of off on onto out over to under up with without about"
    " after before between through since until till near behind via per is are was were be been"
    " being am do does did done has have had having can could will would shall should may might"
    " must not never n't very too also just still yet already again only even ever now today"
    " yesterday tomorrow tonight please thanks when where why how because while though although"
    " get got gets getting give gave given go goes went gone come came comes take took taken"
    " taking make made put send sent sends sell sells sold buy buys bought keep keeps kept say"
    " says said see saw seen want wants need needs like likes love find found lose leave leaves"
    " pay paid pays cost costs return returns exchange cancel change order orders receive"
    " replace refund track ship ships stock wear hold holds break broke tell told ask use using"
    " try install assemble fit fits work works show shows include includes contain let help"
    " carry think know feel bring brought choose chose pick add start stop wrap lacks lack miss"
    " match cut cuts buying selling returning ordering waiting wanting keeping all else i'm i've"
    " i'd it's that's don't didn't isn't can't won't dear hi hello hey yes ok okay sir madam"
    " team really actually however instead".split()
)
_WEAK = frozenset(
    "watch iron book cover drill fence paint plant plate tie tile tap torch pump rake saw"
    " shower sink swing table tank fan hoover scale frame kit glass pool nails foundation heels"
    " strings compass fork bat bow cap collar cot cream reel hitch tin rod novel bag ball ring"
    " light lights lock strap sleeve screen filter filters plug cord desk bed bench pan pen pot"
    " pots mouse tea coffee beer wine gin honey cable battery blind blinds phone robot sheets"
    " clutch zip boot fleece lid sack globe timer charm dishes mop rack socket handle handles"
    " string sticker stickers statue paddle marbles beads tape ink thread soil glue envelope"
    " envelopes folder ruler trainer computer laptop tablet pc tv television console camera"
    " smartphone handset keyboard monitor lens hose stove vacuum rope roses set stand holder"
    " maker machine case door window box doll hub mat pouch bucket drawer uniform costume"
    " decoration decorations switch card cards voucher vouchers engine wheel wheels trailer"
    " toilet appliance fabric shield dice fountain toy toys printer router modem radio generator"
    " skates brush rings pumps step map topper seeds hat shed bar player cleaner control aid bin"
    " basket".split()
)
"""Goods that are verbs or something else as well: only with an article or a description."""

_PARTS = frozenset(
    "set stand holder maker machine case door window box hub hitch foundation engine scale saw"
    " light lights card cards voucher vouchers string kit appliance basket bar player cleaner"
    " control aid bin pod tap fork map step".split()
)
"""Goods only with a word before them that describes goods: "phone case", not "my case"."""

_GENERAL = frozenset(
    "device product equipment appliance appliances products devices furniture parcel box".split()
)
_DESCRIBED_CARDS = frozenset(
    "gift memory sd graphics sim greeting birthday christmas playing sound video".split()
)
_CARDS = frozenset("card cards voucher vouchers certificate certificates".split())

_WRITTEN_WITH = frozenset(
    "phone smartphone handset laptop computer pc tablet iphone ipad macbook chromebook keyboard"
    " tv television console monitor printer mobile screen kindle xbox playstation".split()
)
_BY_MEANS_OF = frozenset("on from via by over using through onto into in".split())
_SPOTS = frozenset(
    "desk door window table bed sofa couch gate shower sink toilet fence pool bench letterbox"
    " mailbox doormat shed greenhouse bin".split()
)
_AT_A_SPOT = frozenset("at by near behind under beside next over in on".split())

_NO_GOOD_AFTER = frozenset(
    "number numbers call calls line bill contract support app browser shop store club size"
    " sizes company department screen time times keeps up call-back operator conversation page"
    " reader store's collection-point reviews review network provider signal settings chart ltd"
    " inc gmbh llc tone code codes".split()
)
"""A good before one of these is no good: "phone number"."""

_ACTS = frozenset("sinks sheds whistles stands covers drills irons switches tips steps".split())
"""What a good does, where one stands before: "my bike stands in the rain"."""

_BUYING = frozenset("bought purchased ordered".split())
_NO_HEAD = frozenset(
    "item items thing things order parcel package product products one ones few lot lots couple"
    " pair pack bit number size colour color present gift something stuff goods piece pieces"
    " delivery shipping return service upgrade warranty version model kind type month months"
    " week weeks day days year years hour hours time times minute minutes total amount way"
    " morning afternoon evening wedding birthday christmas extra plan trial download replacement"
    " mistake error bundle half dozen set quantity box wrong shop website site store online".split()
)


_NO_NAMES = _NEVER | _ARTICLES | _PLAIN
_NO_GOODS_BEFORE = _NEVER | _ACTS
_NO_GOOD_ALONE = _WEAK | _NEVER


@cache
def _known_goods() -> frozenset[str]:
    return (goods() | frozenset(lines("more_goods.txt"))) - _GENERAL


@cache
def _describing() -> frozenset[str]:
    return frozenset(lines("describing.txt")) | _DESCRIBED_CARDS


def named_goods(text: str) -> Iterator[Span]:
    """Yield where a text names goods, none overlapping another, in the order of the text."""
    found = list(_WORD.finditer(text))
    runs: list[list[re.Match[str]]] = []
    for each in found:
        if runs and _BETWEEN.fullmatch(text, runs[-1][-1].end(), each.start()):
            runs[-1].append(each)
        else:
            runs.append([each])
    for run in runs:
        words = [each[0].casefold().replace("\u2019", "'") for each in run]
        for start, end in _Run(words, [each[0] for each in run]).names():
            yield run[start].start(), run[end].end()


class _Run:
    """Words with nothing but a space between them."""

    def __init__(self, words: Sequence[str], written: Sequence[str]) -> None:
        self._words = words
        self._written = written

    def names(self) -> Iterator[Span]:
        """Yield the first and the last word of each name of a good."""
        after = 0
        at = 0
        while at < len(self._words):
            if (name := self._listed(at, after) or self._bought(at, after)) is None:
                at += 1
                continue
            yield name
            at = after = name[1] + 1

    def _listed(self, at: int, after: int) -> Span | None:
        """Return the name whose last word is `at`; its first is not before `after`."""
        word, words = self._words[at], self._words
        card = word in _CARDS and at > after and words[at - 1] in _DESCRIBED_CARDS
        if not card and (not _is_good(word) or (at > 0 and word in _ACTS)):
            return None
        if at + 1 < len(words) and (self._goes_on(at) or words[at + 1] in _NO_GOOD_AFTER):
            return None
        start, with_article = self._first(at, after)
        if not self._is_one(word, start, at, with_article=with_article):
            return None
        if self._is_a_means(word, start):
            return None
        return start, at

    def _goes_on(self, at: int) -> bool:
        """Tell whether the next word is the good: "coffee" of "coffee table"."""
        following = self._words[at + 1]
        if following in _CARDS:
            return self._words[at] in _DESCRIBED_CARDS
        return _is_good(following) and following not in _NO_GOODS_BEFORE

    def _is_one(self, word: str, start: int, at: int, *, with_article: bool) -> bool:
        described = start < at and self._words[at - 1] in _describing()
        described = described or (start < at and _is_good(self._words[at - 1]))
        one = {word, word.removesuffix("s"), _of_shorter(word)}
        if one & _PARTS:
            return described
        return described or with_article or not one & _NO_GOOD_ALONE

    def _first(self, at: int, after: int) -> tuple[int, bool]:
        """Return the first word of the name that ends at a good, and if an article is before."""
        known = start = at
        for place in range(at - 1, max(after, at - MOST_BEFORE) - 1, -1):
            word = self._words[place]
            if self._ends_before(word):
                return start, True
            if not self._may_describe(word):
                break
            start = place
            if known == place + 1 and self._describes(place):
                known = place
        else:
            before = start - 1
            if before >= after and self._ends_before(self._words[before]):
                return start, True
        return known, False

    @staticmethod
    def _ends_before(word: str) -> bool:
        return word in _ARTICLES or word in _PLAIN or word.isdigit() or word.endswith("'s")

    @staticmethod
    def _may_describe(word: str) -> bool:
        if word in _describing() or _is_good(word):
            return word not in _NEVER
        made = word.endswith(("ed", "ly"))
        return not made and word not in _NEVER and word not in no_goods() and word not in _NO_HEAD

    def _describes(self, at: int) -> bool:
        word = self._words[at]
        return word in _describing() or _is_good(word) or (at > 0 and self._written[at].istitle())

    def _is_a_means(self, word: str, start: int) -> bool:
        """Tell whether a good is what is written with, or where something stands."""
        before = start - 1
        while before >= 0 and self._ends_before(self._words[before]):
            before -= 1
        said = self._words[before] if before >= 0 else ""
        one = word.removesuffix("s")
        means = one in _WRITTEN_WITH and said in _BY_MEANS_OF
        return means or (one in _SPOTS and said in _AT_A_SPOT)

    def _bought(self, at: int, after: int) -> Span | None:
        """Return what no list knows, with its last word at `at`, after words of buying."""
        words = self._words
        if at + 1 < len(words) and words[at + 1] not in _NO_NAMES:
            return None
        start = at
        while start > after and at - start < MOST_BEFORE and self._names(words[start - 1]):
            start -= 1
        before = start - 1
        while before > after and words[before] in _PLAIN:
            before -= 1
        if before < 1 or before < after or words[before] not in _ARTICLES:
            return None
        if words[before - 1] not in _BUYING or not self._names(words[at]):
            return None
        head = words[at]
        return None if head in no_goods() or head in _NO_HEAD else (start, at)

    @staticmethod
    def _names(word: str) -> bool:
        return word not in _NO_NAMES and not word.isdigit() and not word.endswith("ly")


def _is_good(word: str) -> bool:
    known = _known_goods()
    return word in known or word.removesuffix("s") in known or _of_shorter(word) in known


def _of_shorter(word: str) -> str:
    """Return the singular of a plural in "es" or "ies"."""
    if word.endswith("ies"):
        return f"{word.removesuffix('ies')}y"
    return word.removesuffix("es")
