"""What went wrong in a world, by name: a fault nobody can show to have happened was not tested.

`core`: how often each must have happened in the thousand fixed worlds, `http`: in the fifty. The
figures are a third of what was seen when they were written, so that a fault that silently stops
being injected fails a test (test_worlds.py), and ordinary changes do not.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

Happened = Counter[str]

# name -> (in a thousand core worlds, in fifty HTTP worlds)
AT_LEAST: Final[dict[str, tuple[int, int]]] = {}
