"""Whoever types zjfd finds 张记饭店: the server's small table says what the large ones say."""

from __future__ import annotations

import random

from pypinyin import Style, lazy_pinyin
from pypinyin.constants import PHRASES_DICT, PINYIN_DICT

from app.sites.letters import initials

NAMES = 3_000
OTHERS = ["A", "b", "3号", "（", "）", "-", " ", "·", "ㄅ", "𠀀", "〇", "㐂", "é", "İ"]


def by_the_large_tables(name: str) -> str:
    return "".join(lazy_pinyin(name, style=Style.FIRST_LETTER)).lower()


def test_a_word_decides_how_its_characters_are_read():
    said = {
        name: initials(name)
        for name in ("重庆小面", "长沙臭豆腐", "银行", "行人天桥", "乐山钵钵鸡")
    }
    assert said == {
        "重庆小面": "cqxm", "长沙臭豆腐": "cscdf", "银行": "yh", "行人天桥": "xrtq",
        "乐山钵钵鸡": "lsbbj",
    }  # fmt: skip


def test_every_character_and_every_word_begins_as_in_the_large_tables():
    known = [*map(chr, PINYIN_DICT), *PHRASES_DICT, *OTHERS]
    assert {
        name: initials(name) for name in known if initials(name) != by_the_large_tables(name)
    } == {}


def test_names_put_together_from_words_and_pieces_of_words_begin_as_in_the_large_tables():
    chance, words = random.Random(20261122), list(PHRASES_DICT)
    names = []
    for _ in range(NAMES):
        pieces = []
        for _ in range(chance.randint(1, 5)):
            word = chance.choice(words)
            cut = chance.randint(0, len(word))
            pieces.append(chance.choice([word, word[:cut], word[cut:], chance.choice(OTHERS)]))
        names.append("".join(pieces))
    assert {
        name: initials(name) for name in names if initials(name) != by_the_large_tables(name)
    } == {}
