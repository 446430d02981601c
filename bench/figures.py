"""Figures beside their targets; docs/performance.md tells where the targets come from.

A figure without a target is told for information. It must not know how anything is measured.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Better = Literal["more", "less"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number; `note` says what to know about it, and why a target is missed."""

    name: str
    value: float
    unit: str
    target: float | None = None
    better: Better = "less"
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None without one."""
        if self.target is None:
            return None
        return self.value >= self.target if self.better == "more" else self.value <= self.target

    @property
    def words(self) -> tuple[str, str, str]:
        """The value, the target and the verdict as people read them."""
        if self.target is None:
            return shown(self.value), "", ""
        sign = ">=" if self.better == "more" else "<="
        share = self.value / self.target
        verdict = "met" if self.met else "MISSED"
        return shown(self.value), f"{sign} {shown(self.target)}", f"{verdict} ({share:.2f} of it)"


def shown(value: float) -> str:
    """Three significant digits for small numbers, thousands separated for large ones."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.3g}"


def tell(title: str, figures: Iterable[Figure]) -> None:
    """One part's table, as it is ready."""
    print(f"\n{title}", flush=True)
    for each in figures:
        value, target, verdict = each.words
        note = f"  {each.note}" if each.note else ""
        print(
            f"  {each.name:52} {value:>9} {each.unit:6} {target:>10}  {verdict}{note}", flush=True
        )


def tell_missed(figures: Iterable[Figure]) -> None:
    """What is missed, once more at the end."""
    missed = [each for each in figures if each.met is False]
    print(f"\n{len(missed)} target(s) missed" + (":" if missed else ""), flush=True)
    for each in missed:
        value, target, _ = each.words
        print(f"  {each.name}: {value} {each.unit}, target {target}", flush=True)


def percentiles_ms(times_s: list[float]) -> tuple[float, float, float]:
    """p50, p95 and p99 in milliseconds."""
    ordered = sorted(times_s)
    at = [ordered[min(len(ordered) - 1, int(len(ordered) * share))] for share in (0.5, 0.95, 0.99)]
    return at[0] * 1000, at[1] * 1000, at[2] * 1000
