"""Writes app/sites/letters.txt: the first letters of Chinese characters and words, from pypinyin.

The server must not hold pypinyin's tables (56 MB) to know how 重庆 begins; this file is what it
needs of them. Run it after a new version of pypinyin; a guard test says when it is stale.
"""

from __future__ import annotations

import sys
from pathlib import Path

from pypinyin import Style, lazy_pinyin
from pypinyin.constants import PHRASES_DICT, PINYIN_DICT

FILE = Path(__file__).resolve().parent.parent / "app" / "sites" / "letters.txt"
GAP_MAX = 8  # characters without a letter that do not begin a new run
NO_LETTER = "."


def letters_of(text: str) -> str:
    """What pypinyin says."""
    return "".join(lazy_pinyin(text, style=Style.FIRST_LETTER))


def character_lines() -> list[str]:
    """`first-code-point letters`, one line for each run of characters."""
    runs: list[tuple[int, str]] = []
    for point in sorted(PINYIN_DICT):
        letter = letters_of(chr(point))
        start, run = runs[-1] if runs else (0, "")
        gap = point - start - len(run)
        if runs and gap <= GAP_MAX:
            runs[-1] = (start, run + NO_LETTER * gap + letter)
        else:
            runs.append((point, letter))
    return [f"{start:x} {run}" for start, run in runs]


def word_lines() -> list[str]:
    """Every word, sorted; with its letters where they are not those of its characters."""
    lines = []
    for word in PHRASES_DICT:
        letters = letters_of(word)
        plain = "".join(letters_of(character) for character in word)
        lines.append(word if letters == plain else word + letters)
    return sorted(lines)


def main() -> int:
    """Write the file, or with --check say whether it is what would be written."""
    text = "\n".join([*character_lines(), "", *word_lines(), ""])
    if "--check" not in sys.argv:
        FILE.write_text(text, encoding="utf-8")
        return 0
    fresh = FILE.is_file() and FILE.read_text(encoding="utf-8") == text
    print("fresh" if fresh else f"{FILE.name} is stale: run .ci/letters.py")
    return 0 if fresh else 1


if __name__ == "__main__":
    sys.exit(main())
