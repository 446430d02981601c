"""The site fields and station settings that a checklist's conditions may name, in one place.

A site keeps these in its `attributes`; a setting is the latest `setting.set` of that name.
This module knows no checklist and no database: adding a field is one line here;
`python -m app.cli contract` takes it to both web apps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

FieldType = Literal["number", "text", "bool", "date"]


@dataclass(frozen=True, slots=True)
class KnownField:
    """A date is text, 2027-06 or 2027-06-30: the last day something holds (a licence, a contract).

    `about`: asked for at places whose kind has one of these words in its name, whether or not a
    checklist names the field.
    """

    name: str
    type: FieldType
    label: str
    unit_label: str = ""
    about: tuple[str, ...] = ()


def _by_name(*fields: KnownField) -> Mapping[str, KnownField]:
    return {field.name: field for field in fields}


SITE_FIELDS: Mapping[str, KnownField] = _by_name(
    KnownField("gas_room", "bool", "有专用气瓶间"),
    KnownField("stoves", "number", "一瓶(组)供气的灶具数", "台"),
    KnownField("basement", "bool", "在地下或半地下"),
    KnownField("crowded", "bool", "人员密集场所"),
    KnownField("exits", "number", "安全出口数", "个"),
    KnownField("floors", "number", "层数", "层"),
    KnownField("residents", "number", "夜间住宿人数", "人"),
    KnownField("wooden", "bool", "木结构"),
    KnownField("rented", "bool", "出租或出借"),
    KnownField("tanks", "number", "储罐数", "个", ("储罐", "罐区", "储油")),
    KnownField("sealed", "bool", "有封存部位"),
    KnownField("closed_down", "bool", "曾被取缔或关闭"),
    KnownField("fireworks_limit", "number", "烟花爆竹限制存放量", "箱"),
    KnownField("contractors", "bool", "有承包、承租单位"),
    KnownField("confined_space", "bool", "有有限空间"),
    KnownField("combustible_dust", "bool", "涉可燃性粉尘"),
    KnownField("ammonia_refrigeration", "bool", "用液氨制冷"),
    KnownField("special_equipment", "bool", "有特种设备"),
    KnownField("restarting", "bool", "停产后复工"),
    KnownField("open_edges", "bool", "有临边作业"),
    KnownField("lifting_equipment", "bool", "有起重机械"),
    KnownField("foundation_pit", "bool", "有基坑"),
    KnownField("major_hazard_level", "number", "重大危险源级别", "级"),
    KnownField("tank_volume", "number", "储罐总容积", "立方米", ("储罐", "罐区", "储油", "加油站")),
    KnownField("cylinders", "number", "气瓶数(在用和备用)", "瓶", ("液化气",)),
    KnownField("gas_supplier", "text", "供气企业", about=("液化气",)),
    KnownField("gas_contract_until", "date", "供气合同有效期至", about=("液化气",)),
    KnownField("food_licence_until", "date", "食品经营许可证有效期至", about=("餐饮", "食品")),
    KnownField("fireworks_licence_until", "date", "烟花爆竹许可证有效期至", about=("烟花爆竹",)),
    KnownField("fuel_licence_until", "date", "成品油经营许可有效期至", about=("加油",)),
    KnownField(
        "hazchem_licence_until", "date", "危险化学品许可证有效期至", about=("危险化学品", "加油站")
    ),
    KnownField(
        "equipment_check_until", "date", "特种设备下次检验", about=("工贸", "加工", "建材", "旅馆")
    ),
)

SETTING_FIELDS: Mapping[str, KnownField] = _by_name(
    # 1 蓝, 2 黄, 3 橙, 4 红: the four colours of the forest fire warning
    KnownField("forest_fire_alert", "number", "森林火险预警级别(1蓝 2黄 3橙 4红)", "级"),
    KnownField("fire_season", "bool", "正在森林防火期"),
)
