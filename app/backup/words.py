"""The restore report in words, for the command line: Chinese for the station, English for whoever
looks after the machine. It must not ask the database anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from app.backup.report import Report

_ZH = {
    "never": "这个站没有从备份恢复过。",
    "head": "恢复报告\n备份 {set_name}（{made_at} 做的），恢复于 {restored_at}。\n"
    "恢复到第 {size} 条记录，根 {root}。",
    "proved": "手机出示过的凭据：丢失的账本（第 {epoch} 期）到过第 {size} 条。",
    "returned": "恢复点以后的记录，已经找回 {count} 条，一共 {lost} 条。",
    "missing": "还没有人交回来：第 {epoch} 期第 {first} 到 {last} 条，共 {count} 条。",
    "batch": "{name}的手机 {phone} 有收条的一批（{batch}）：{facts} 条里还缺 {lacking} 条。",
    "phone": "{name}的手机 {phone} 记到第 {announced} 号，站里连续收到第 {received} 号。",
    "came_back": "备份以后才登记的手机，凭站里签过的登记回来了，请看一眼是不是还该用：{phone}",
    "number": "编号 {number} 已经还给原来的隐患（恢复后曾临时编为 {interim}）。",
    "taken": "编号 {number} 没能还给原来的隐患，现在的编号是 {interim}。",
    "photo": "备份里缺或坏了、还没补上的照片：{sha256}",
    "account.set": "手机带回来的决定：{by} 给 {name} 建了或改了账号{off}。",
    "grant.set": "手机带回来的决定：{by} 改了 {name} 的角色。",
    "enrolment.set": "手机带回来的决定：{name} 的手机 {label} {state}。",
    "checklist.published": "手机带回来的决定：{by} 发布了检查表 {checklist} 第 {version} 版。",
    "off": "，已停用",
    "claimed": "登记了",
    "revoked": "停用了",
    "nameless": "账号 {account}（手机 {phone}）在备份里没有，交来了 {facts} 条记录："
    "请在“恢复记录”那一页补建，不要另建新号。",
    "checklist": "检查表 {checklist} 第 {version} 版在备份里没有，{inspections} 次检查用过："
    "请重新发布这一版。",
    "unfinished": "缺头一条记录：{site} 的{what} {number}（{by}）。",
    "hazard": "隐患",
    "inspection": "检查",
    "not_back": "恢复以后还没来过的手机：{name} {phone}。",
    "complete": "到现在为止，手机知道的没有一条缺。",
    "look": "备份以后改过的密码不会回来，请通知改过密码的人。停用的账号和手机，要等见过这个决定的"
    "手机来一次才知道：请对照下面的名单，不该用的现在就停用。",
    "person": "可以登录：{name}（{login}）。",
}
_EN = {
    "never": "This station was never restored from a backup.",
    "head": "Restore report\nSet {set_name} (made {made_at}), restored {restored_at}.\n"
    "Restored to {size} entries, root {root}.",
    "proved": "Phones proved that the lost log (epoch {epoch}) had {size} entries.",
    "returned": "Of what came after the backup, {count} entries of {lost} are back.",
    "missing": "Nobody has handed back yet: epoch {epoch}, entries {first} to {last} ({count}).",
    "batch": "Phone {phone} ({name}) has a receipt for batch {batch}: {lacking} of {facts} facts"
    " lack.",
    "phone": "Phone {phone} ({name}) counts up to {announced}; received without a hole up to"
    " {received}.",
    "came_back": "Enrolled after the backup, back by the station's own signature; look whether it"
    " should still be trusted: {phone}",
    "number": "Number {number} is back with its hazard (for a while it was {interim}).",
    "taken": "Number {number} could not be given back; its hazard now has {interim}.",
    "photo": "A photo the backup lacked and nobody has sent yet: {sha256}",
    "account.set": "Decided after the backup, told by phones: {by} made or changed account"
    " {name}{off}.",
    "grant.set": "Decided after the backup, told by phones: {by} changed the roles of {name}.",
    "enrolment.set": "Decided after the backup, told by phones: phone {label} of {name} {state}.",
    "checklist.published": "Decided after the backup, told by phones: {by} published checklist"
    " {checklist} version {version}.",
    "off": ", switched off",
    "claimed": "was enrolled",
    "revoked": "was switched off",
    "nameless": "Account {account} (phone {phone}) is not in the backup; {facts} facts are its:"
    " make it again on the page of restores, not as another account.",
    "checklist": "Checklist {checklist} version {version} is not in the backup; {inspections}"
    " inspections used it: publish this version again.",
    "unfinished": "The first fact lacks: {what} {number} at {site} ({by}).",
    "hazard": "hazard",
    "inspection": "inspection",
    "not_back": "Not heard of since the restore: {name} {phone}.",
    "complete": "So far nothing that any phone knew is missing.",
    "look": "Passwords changed after the backup do not come back: tell whoever changed theirs. Who"
    " was switched off is known only when a phone that heard of it comes by: look through"
    " the list below and switch off now whoever should be.",
    "person": "May sign in: {name} ({login}).",
}


def words_of(report: Report | None, *, english: bool) -> str:
    """The report for people, a line each."""
    words = _EN if english else _ZH
    if report is None:
        return words["never"] + "\n"
    lines = [
        words["head"].format(
            set_name=report.set_name, made_at=report.made_at, restored_at=report.restored_at,
            size=report.size, root=report.root,
        ),
        *(words["proved"].format(epoch=e, size=s) for e, s in sorted(report.proved.items())),
        words["returned"].format(count=report.returned, lost=report.lost),
        *_missing(report, words),
        *_to_do(report, words),
        *_decided(report, words),
        *([words["complete"]] if report.complete else []),
        *_to_look_at(report, words),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _missing(report: Report, words: Mapping[str, str]) -> Iterator[str]:
    for gap in report.missing:
        count = gap.last - gap.first + 1
        yield words["missing"].format(epoch=gap.epoch, first=gap.first, last=gap.last, count=count)
    for each in report.batches:
        yield words["batch"].format(**{**each, "lacking": len(each["lacking"])})
    for each in report.phones:
        yield words["phone"].format(**each)
    for each in report.numbers:
        if each["interim"]:
            yield words["number" if each["given_back"] else "taken"].format(**each)
    for sha256 in report.photos:
        yield words["photo"].format(sha256=sha256)


def _to_do(report: Report, words: Mapping[str, str]) -> Iterator[str]:
    for each in report.named.nameless:
        yield words["nameless"].format(**each)
    for each in report.named.checklists:
        yield words["checklist"].format(**each)
    for each in report.named.unfinished:
        told = {**each, "what": words[each["type"]], "number": each["number"] or ""}
        yield words["unfinished"].format(**told)


def _decided(report: Report, words: Mapping[str, str]) -> Iterator[str]:
    for each in report.named.decided:
        told: dict[str, Any] = {"label": "", "checklist": "", "version": "", **each}
        told["off"] = words["off"] if each.get("active") is False else ""
        told["state"] = words.get(str(each.get("state")), "")
        yield words[each["kind"]].format(**told)


def _to_look_at(report: Report, words: Mapping[str, str]) -> Iterator[str]:
    yield words["look"]
    for phone in report.came_back:
        yield words["came_back"].format(phone=phone)
    for each in report.named.phones:
        if not each["came_back"]:
            yield words["not_back"].format(**each)
    for each in report.named.people:
        if each["active"]:
            yield words["person"].format(**each)
