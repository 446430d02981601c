"""The Chinese words for what a hazard's row holds in code: states, levels, dispositions, sources.

Exports and sentences of the desk use them. This module knows no row, no SQL and no layout.
"""

from __future__ import annotations

STATE_WORDS = {
    "submitted": "待审",
    "returned": "退回",
    "confirmed_general": "已确认(一般)",
    "confirmed_major": "已确认(重大)",
    "spot_fixed": "当场整改",
    "rectifying": "限期整改",
    "fix_pending": "待复查",
    "review_failed": "复查不合格",
    "reopened": "复发",
    "closed": "已销号",
    "void": "作废",
    "incomplete": "未交齐",
}
LEVEL_WORDS = {"general": "一般", "suspected_major": "疑似重大", "major": "重大"}
DISPOSITION_WORDS = {
    "on_spot": "当场整改",
    "by_deadline": "限期整改",
    "stop_use": "停止使用",
    "stop_business": "停业整顿",
    "hand_over": "移交",
}
SOURCE_WORDS = {
    "routine": "日常",
    "special": "专项",
    "joint": "联合",
    "covert": "暗访",
    "report": "举报",
    "self": "自查",
    "assigned": "上级交办",
    "look_back": "回头看",
}
RECHECK_WORDS = {"fixed": "已整改", "not_fixed": "未整改", "partly": "部分整改"}
ROLE_WORDS = {
    "inspector": "网格员",
    "certified_inspector": "监管员",
    "chief": "站长",
    "admin": "管理员",
}
STEP_WORDS = {
    "hazard.returned": "退回",
    "hazard.resubmitted": "重新上交",
    "hazard.confirmed": "确认等级",
    "hazard.ordered": "责令整改",
    "hazard.spot_fixed": "当场整改",
    "hazard.fix_reported": "报整改完成",
    "hazard.rechecked": "复查",
    "hazard.closed": "销号",
    "hazard.reopened": "重新打开",
    "hazard.voided": "作废",
    "hazard.linked": "认定同一条",
    "hazard.noted": "备注",
    "hazard.amended": "补正",
    "inspection.reviewed": "审核",
    "inspection.voided": "作废",
    "inspection.corrected": "补正",
    "document.voided": "作废",
    "site.retired": "停用",
    "site.amended": "修改",
}


def word(words: dict[str, str], code: object) -> str:
    """The word, or the code itself when a newer phone sent one this release does not know."""
    return words.get(str(code), str(code)) if code else ""
