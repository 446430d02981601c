"""`python -m tests.faults.look_alikes --cases 2000`: how often a photo used again is recognised,
and whether two photos of different things ever pass for one.

Each case is a picture with the roughness of a photo, once as it came and once changed as people
and messengers change pictures; then every picture is compared with every other one.
"""

from __future__ import annotations

import argparse
import itertools

from app.photos.likeness import NEAR_BITS_MAX, differing_bits, fingerprint
from tests.unit.test_photo_likeness import SAME, picture, saved

PROGRESS_EVERY = 200


def main() -> int:
    words = argparse.ArgumentParser(prog="python -m tests.faults.look_alikes")
    words.add_argument("--cases", type=int, default=2000, help="how many pictures")
    cases: int = words.parse_args().cases
    changes = list(SAME)
    missed = dict.fromkeys(changes, 0)
    prints: list[str] = []
    for seed in range(cases):
        image = picture(seed)
        prints.append(fingerprint(saved(image)))
        change = changes[seed % len(changes)]
        again = fingerprint(SAME[change](image))
        missed[change] += differing_bits(prints[-1], again) > NEAR_BITS_MAX
        if seed % PROGRESS_EVERY == PROGRESS_EVERY - 1:
            print(f"{seed + 1}/{cases} pictures", flush=True)
    taken_for_one = sum(
        differing_bits(one, other) <= NEAR_BITS_MAX
        for one, other in itertools.combinations(prints, 2)
    )
    for change, count in missed.items():
        print(f"{change}: {count} of {cases // len(changes)} not recognised")
    pairs = cases * (cases - 1) // 2
    print(f"{taken_for_one} of {pairs} pairs of different pictures taken for one")
    return 1 if taken_for_one else 0


if __name__ == "__main__":
    raise SystemExit(main())
