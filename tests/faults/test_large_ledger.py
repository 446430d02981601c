"""`ledger verify` reads a ledger of any size in the same memory and names the first broken link."""

from __future__ import annotations

from pathlib import Path

from tests.api.township import build_township
from tests.faults.large_ledger import MEMORY_RATIO_MAX, grow, measure, spoil


def test_four_times_the_ledger_takes_no_more_memory(tmp_path: Path):
    township = build_township(f"sqlite:///{tmp_path / 'station.db'}", tmp_path)
    phone = township.phone("ana")
    grow(township, phone, 2_500)
    small = measure(township, 2_500)
    grow(township, phone, 7_500)
    large = measure(township, 10_000)
    assert (small.code, large.code) == (0, 0), large.said
    assert "phones' batches" in large.said
    assert large.peak_mb <= small.peak_mb * MEMORY_RATIO_MAX
    spoil(township, 9_000, 6_000)
    broken = measure(township, 10_000)
    assert broken.code == 1
    assert broken.said.startswith("BROKEN  entry 6000:")
    township.services.database.close()
