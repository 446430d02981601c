"""Who works in the demo township: eight inspectors, a chief, an admin; three villages, nine grids.

All names and numbers are made up. Plain data; it must not know the ledger.
"""

from __future__ import annotations

from dataclasses import dataclass

PASSWORD = "Beihe-2026"  # noqa: S105 - a demo's password is meant to be known; the demo says so
TOWN = "北河镇"


@dataclass(frozen=True, slots=True)
class Person:
    login: str
    name: str
    roles: tuple[str, ...]
    grids: tuple[str, ...] = ()
    villages: tuple[str, ...] = ()
    """A certified inspector sees the whole village and rechecks what others found."""
    device: str = ""
    certificate_no: str = ""
    staff_type: str = "村级"


VILLAGES = {"X": "幸福村", "D": "大李村", "H": "河湾社区"}
GRIDS = tuple(f"{village}{number}" for village in VILLAGES for number in (1, 2, 3))
"""X1 is 幸福村 第1网格."""

DUTIES = "每月走一遍网格，查场所、报隐患、盯整改；节日前再走一遍。"

ADMIN = Person("admin", "何敏", ("admin",), staff_type="编外")
CHIEF = Person("liuhai", "刘海", ("chief",), staff_type="行政")
_INSPECTOR = ("inspector",)
_CERTIFIED = ("inspector", "certified_inspector")
INSPECTORS = (
    Person("lijun", "李军", _INSPECTOR, ("X1",), device="红米 9A"),
    Person("wangfang", "王芳", _INSPECTOR, ("X2", "X3"), device="华为畅享 20"),
    Person("zhaoqiang", "赵强", _CERTIFIED, ("D1",), ("D",), "vivo Y52", "鲁执 370001", "事业"),
    Person("chengang", "陈刚", _INSPECTOR, ("D2",), device="OPPO A56"),
    Person("zhouli", "周丽", _INSPECTOR, ("D3",), device="荣耀 Play5"),
    Person("sunmin", "孙敏", _CERTIFIED, ("H1",), ("H",), "小米 10", "鲁执 370002", "事业"),
    Person("wuyong", "吴勇", _INSPECTOR, ("H2",), device="iPhone 8"),
    Person("zhengjie", "郑洁", _INSPECTOR, ("H3",), device="红米 Note 9"),
)
EVERYBODY = (ADMIN, CHIEF, *INSPECTORS)


def phone_number(position: int) -> str:
    """A number that nobody has: the block of zeros is not given out."""
    return f"1380000{2210 + position:04d}"


def inspector_of(grid: str) -> Person:
    """Whose grid it is."""
    return next(person for person in INSPECTORS if grid in person.grids)


def grid_name(grid: str) -> str:
    return f"第{grid[1]}网格"
