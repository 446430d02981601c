"""First letters of site names as a Chinese speaker types them: 北河液化气站 -> bhyhqz.

Exactly what pypinyin answers (重庆 is cq, 长沙 is cs: a word decides how its characters are read),
from a file of half a megabyte instead of its 56 MB of tables; `.ci/letters.py` writes the file.
It must not know sites, rows or the search.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

FILE = Path(__file__).with_name("letters.txt")
NAMES_KEPT_MAX = 4096
_NO_LETTER = "."
# What is cut into words: between letters, digits and signs, Chinese stands by itself.
_CHINESE = re.compile(
    "[\u3007\u3400-\u4dbf\u4e00-\u9fff\ue815-\ue864\uf900-\ufaff\U00020000-\U000323af]+"
)
_WORD = re.compile(r"([^a-z]*)([a-z]*)")


@dataclass(frozen=True, slots=True)
class _Letters:
    """Runs of characters with their letters, and the sorted words as one text."""

    runs: tuple[tuple[int, str], ...]
    words: str

    def of_character(self, character: str) -> str:
        """The letter of a character, or itself when nobody knows how to read it."""
        point = ord(character)
        for start, letters in self.runs:
            if start <= point < start + len(letters):
                letter = letters[point - start]
                return character if letter == _NO_LETTER else letter
        return character

    def first_line_from(self, text: str) -> str:
        """The first line that begins with `text` or stands after it; empty behind the last."""
        low, high = 0, len(self.words)
        while low < high:
            middle = (low + high) // 2
            start = self.words.rfind("\n", 0, middle) + 1
            end = self.words.find("\n", middle)
            if self.words[start:end] < text:
                low = end + 1
            else:
                high = start
        return self.words[low : self.words.find("\n", low)]

    def longest_word(self, text: str) -> tuple[int, str]:
        """How long the longest word is that `text` begins with (0: none), and its own letters.

        -1 when there is none but `text` as a whole begins a longer word: pypinyin then reads
        what is left character by character.
        """
        length, letters = 0, ""
        for end in range(1, len(text) + 1):
            line = self.first_line_from(text[:end])
            if not line.startswith(text[:end]):
                return length, letters
            word, own = _split(line)
            if word == text[:end]:
                length, letters = end, own
        return length or -1, letters


def _split(line: str) -> tuple[str, str]:
    found = _WORD.fullmatch(line)
    assert found is not None
    return found[1], found[2]


@cache
def _read() -> _Letters:
    characters, _, words = FILE.read_text(encoding="utf-8").partition("\n\n")
    pairs = (line.split(" ") for line in characters.split("\n"))
    return _Letters(tuple((int(start, 16), letters) for start, letters in pairs), words)


@lru_cache(maxsize=NAMES_KEPT_MAX)
def initials(name: str) -> str:
    """The letters of Chinese characters, in lower case; everything else stays as it is."""
    table = _read()
    return _CHINESE.sub(lambda found: _of_run(table, found[0]), name).lower()


def _of_run(table: _Letters, run: str) -> str:
    """Chinese characters only: the longest word first, again and again."""
    out, at = [], 0
    while at < len(run):
        length, own = table.longest_word(run[at:])
        taken = len(run) - at if length < 0 else max(1, length)
        out.append(own or "".join(map(table.of_character, run[at : at + taken])))
        at += taken
    return "".join(out)
