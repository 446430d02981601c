"""The sixty sites of the demo township, every kind of place the bundled checklists are made for.

Plain data: name, place type, grid, grade, address, owner, what the site's file says.
"""

# ruff: noqa: E501 - one site per line reads as the table it is

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Place:
    name: str
    place_type: str
    grid: str
    grade: str
    address: str
    owner: str
    attributes: dict[str, Any] = field(default_factory=dict)

    @property
    def high_risk(self) -> bool:
        return self.place_type in HIGH_RISK


HIGH_RISK = frozenset(
    {
        "加油站",
        "农村加油点",
        "疑似黑加油点",
        "烟花爆竹零售点",
        "危险化学品企业罐区",
        "一般化工企业储罐",
    }
)
_LPG = "餐饮(瓶装液化气)"
_STOVES = {"stoves": 2}
_SHOP = {"floors": 2, "exits": 1}
_LIVED_IN = {"floors": 2, "residents": 4, "exits": 1}
_RENTED = {"floors": 3, "residents": 12, "rented": True}

PLACES = (
    Place("老街川味馆", _LPG, "X3", "A", "老街 12 号", "张建国", _STOVES),
    Place("福来饺子馆", _LPG, "X1", "A", "村委会东侧", "马秀兰", _STOVES),
    Place("河边烧烤", _LPG, "H1", "A", "滨河路 3 号", "丁磊", _STOVES),
    Place("胖嫂面馆", _LPG, "D1", "B", "大李村集市", "宋桂英", {"stoves": 1}),
    Place("渔家小院", _LPG, "H2", "A", "河湾码头", "于海波", {"stoves": 3}),
    Place("东北铁锅炖", _LPG, "X2", "B", "镇政府南 200 米", "高峰", _STOVES),
    Place("阿珍早餐店", _LPG, "D2", "B", "大李小学对面", "黄爱珍", {"stoves": 1}),
    Place("学府快餐", _LPG, "H3", "B", "中学西门", "秦勇", _STOVES),
    Place("福兴五金店", "小商店", "X3", "B", "老街 20 号", "袁福兴", _SHOP),
    Place("幸福超市", "小商店", "X1", "B", "幸福大道 8 号", "冯玉梅", _SHOP),
    Place("平安旅馆", "小旅馆", "H1", "A", "车站路 5 号", "白广平", {"floors": 3, "exits": 2}),
    Place("金嗓子歌厅", "小歌舞娱乐", "H2", "A", "河湾街 17 号", "方强", {"crowded": True}),
    Place("极速网吧", "小网吧", "H1", "B", "车站路 11 号", "罗斌", {"crowded": True}),
    Place("阳光幼儿园", "小学校幼儿园", "X2", "A", "幸福大道 30 号", "田静", {"crowded": True}),
    Place("李大夫诊所", "小医院诊所", "D1", "C", "大李村中街", "李明德", {"floors": 1}),
    Place("美颜美发店", "小美容洗浴", "H3", "C", "中学路 6 号", "沈洁", {"floors": 1}),
    Place("顺达窗帘加工", "家庭作坊", "D2", "B", "大李村 41 号", "彭顺达", _LIVED_IN),
    Place("王家副食", "下店上宅", "X1", "B", "幸福村 18 号", "王德厚", _LIVED_IN),
    Place("河湾沿街商住楼", "沿街商住", "H2", "B", "河湾街 21 号", "物业 邓波", _RENTED),
    Place("巧手制衣坊", "家庭作坊", "D3", "A", "大李村北巷", "姚巧", _LIVED_IN),
    Place("老刘摩托修理", "下店上宅", "X2", "C", "镇西路口", "刘长贵", _LIVED_IN),
    Place("东头闲置养殖院", "闲置院落(房屋)", "D1", "B", "大李村东头", "李满仓", {"rented": True}),
    Place("旧砖厂", "闲置厂区(场地)", "D3", "B", "大李村北 1 公里", "村集体", {"rented": True}),
    Place("原供销社仓库", "闲置仓库", "X1", "C", "幸福村南头", "供销社", {"rented": False}),
    Place("北坡旧厂房", "闲置厂房", "X2", "C", "北坡路", "郭建民", {"rented": True}),
    Place("废弃冷库", "闲置仓库", "H3", "C", "河湾社区西", "水产公司", {"rented": False}),
    Place("村小学旧址", "闲置院落(房屋)", "D2", "C", "大李村西头", "村集体", {"rented": False}),
    Place("村口加油点", "农村加油点", "D1", "A", "省道 231 旁", "李树林", {"tanks": 2}),
    Place("北河加油站", "加油站", "H1", "A", "车站路 1 号", "站长 石磊", {"tanks": 4}),
    Place("宏运车队油库", "企业自用储油", "D3", "B", "物流园", "任宏运", {"tanks": 1}),
    Place("河滩可疑油罐", "疑似黑加油点", "H2", "A", "河滩土路尽头", "不明", {}),
    Place("李记烟花专店", "烟花爆竹零售点", "H1", "A", "河湾街 2 号", "李贺", {"fireworks_limit": 50}),
    Place("喜庆烟花", "烟花爆竹零售点", "X1", "A", "幸福村口", "孟喜", {"fireworks_limit": 40}),
    Place("大李烟花爆竹", "烟花爆竹零售点", "D2", "A", "大李村集市南", "李长河", {"fireworks_limit": 40}),
    Place("节庆百货烟花柜", "烟花爆竹零售点", "H3", "A", "中学路 18 号", "葛红", {"fireworks_limit": 30}),
    Place("宏达木器厂", "木制品", "H2", "A", "工业小区 2 号", "谢宏达", {"combustible_dust": True}),
    Place("北河机械加工", "机械加工", "X2", "B", "工业小区 5 号", "钱进", {"special_equipment": True}),
    Place("金穗面粉厂", "食品加工", "D3", "A", "大李村北", "杨金穗", {"combustible_dust": True}),
    Place("盛华制衣", "服装加工", "H3", "B", "工业小区 9 号", "盛华", {"contractors": False}),
    Place("永固水泥制品", "建材", "D1", "B", "省道 231 北", "齐永固", {"special_equipment": True}),
    Place("鑫源塑编", "工贸企业", "X3", "B", "工业小区 11 号", "段鑫", {"contractors": True}),
    Place("三友食品", "食品加工", "H1", "B", "工业小区 14 号", "友谊", {"confined_space": True}),
    Place("幸福新居工地", "建筑工地", "X1", "A", "幸福大道北", "项目 蒋涛", {"lifting_equipment": True}),
    Place("镇卫生院装修", "装修改造", "H1", "B", "卫生院二楼", "装修 尹刚", {"open_edges": False}),
    Place("李家自建房施工", "农村自建房施工", "D2", "B", "大李村 77 号", "李保田", {"open_edges": True}),
    Place("河湾外墙维修", "外墙清洗维修", "H2", "B", "河湾街 21 号外墙", "维修 贺平", {"open_edges": True}),
    Place("文化广场小工程", "限额以下小型工程", "X3", "C", "文化广场", "工头 雷明", {"open_edges": False}),
    Place("张家出租屋", "出租屋", "X3", "B", "老街 33 号", "张秋生", _RENTED),
    Place("桥头公寓", "经营性自建房", "H1", "B", "桥头路 1 号", "万福", _RENTED),
    Place("西巷出租房", "出租屋", "H3", "B", "西巷 9 号", "顾兰", _RENTED),
    Place("北巷木屋连片区", "老旧木屋连片区", "D3", "A", "大李村北巷", "村委会", {"wooden": True}),
    Place("陈家住宅", "农户住宅", "D1", "C", "大李村 12 号", "陈守业", {"residents": 3}),
    Place("学苑合租房", "出租屋", "X2", "C", "幼儿园东", "米兰", _RENTED),
    Place("北河化工罐区", "危险化学品企业罐区", "D3", "A", "物流园东", "安环 纪伟", {"tanks": 6, "major_hazard_level": 4}),
    Place("永康涂料厂储罐", "一般化工企业储罐", "X2", "A", "工业小区 20 号", "康永", {"tanks": 3}),
    Place("旧砖厂遗留储罐", "四闲场所储罐", "D3", "B", "旧砖厂内", "村集体", {"tanks": 1}),
    Place("北山林区责任片", "林区责任片", "D2", "B", "北山", "护林员 李青山", {}),
    Place("青龙岗坟场", "坟场墓区", "X3", "B", "青龙岗", "村委会", {}),
    Place("后山滑坡点", "滑坡点", "D2", "B", "大李村后山", "监测员 李有田", {}),
    Place("河湾切坡建房点", "切坡建房点", "H2", "B", "河湾社区北坡", "监测员 汤平", {}),
)  # fmt: skip
