"""The one catalogue of problems: a word, a status, a sentence to act on, whether to retry.

Sentences may carry {names}, filled from the parameters a problem is raised with.
This file must not know who raises a problem; nobody ever searches the text of a sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Problem:
    code: str
    status: int
    zh: str
    en: str
    retry: bool = False

    def sentence(self, language: str, parameters: Mapping[str, Any]) -> str:
        """The sentence, Chinese unless English is asked for; what is missing shows as nothing."""
        text = self.en if language.startswith("en") else self.zh
        return Formatter().vformat(text, (), _Lenient(parameters))


class _Lenient(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return ""


_ALL: Final = (
    # What arrived was not a whole, readable request.
    Problem(
        "not-json",
        400,
        "内容的格式读不懂，一条都没有收下，手机上的原样保留。",
        "The body is not JSON. Nothing was taken; what the phone holds stays.",
    ),
    Problem(
        "not-a-batch",
        400,
        "这不是一份批次（{detail}），一条都没有收下，手机上的原样保留。",
        "This is not a batch ({detail}). Nothing was taken; what the phone holds stays.",
    ),
    Problem(
        "unsupported-wire",
        400,
        "站里还不认识这个版本的网格安检，请让管理员升级站里的程序。",
        "This station does not know that wire version yet; ask the administrator to upgrade.",
    ),
    Problem(
        "unsupported-media-type",
        415,
        "内容类型不对，请刷新页面再试。",
        "The content type is not supported; reload the page and try again.",
    ),
    Problem(
        "not-acceptable-encoding",
        415,
        "这种压缩方式解不开，没有收下；请更新应用后再传。",
        "Only gzip or no compression is accepted.",
    ),
    Problem(
        "too-large",
        413,
        "内容太大（最多 {limit}），请分开再传。",
        "The body is too large (at most {limit}); split it and send again.",
    ),
    Problem(
        "gzip-bomb",
        413,
        "压缩内容展开后超过 {limit}，没有收下。",
        "Unpacked, the body is larger than {limit}; it was not taken.",
    ),
    Problem(
        "length-required",
        411,
        "没有说明长度，没有收下；多半是中间的代理造成的，请换个网络再传。",
        "Content-Length is missing, probably a proxy's doing; try another network.",
        retry=True,
    ),
    Problem(
        "body-cut-short",
        400,
        "网络中途断了，只收到一部分，没有收下；手机会自动再传。",
        "The connection broke and only a part arrived; nothing was taken. The phone tries again.",
        retry=True,
    ),
    Problem(
        "digest-required",
        400,
        "没有附上校验值，没有收下。",
        "Content-Digest is missing; nothing was taken.",
    ),
    Problem(
        "digest-mismatch",
        400,
        "内容在路上变了样，没有收下；手机会自动再传。",
        "The body changed on its way; nothing was taken. The phone tries again.",
        retry=True,
    ),
    Problem(
        "manifest-mismatch",
        400,
        "批次清单和内容对不上，没有收下；手机会重新整理再传。",
        "The manifest does not match the facts; nothing was taken.",
        retry=True,
    ),
    Problem(
        "bad-signature",
        401,
        "这台设备的签名对不上，请让站长重新发登记码；手机上的记录都还在。",
        "The signature is not this device's; ask for a new code. The phone keeps everything.",
    ),
    Problem(
        "batch-id-reused",
        409,
        "这个批次号已经用过，内容不同；手机会换号再传。",
        "This batch id was used for other facts; the phone sends again under a new one.",
        retry=True,
    ),
    Problem(
        "invalid-input",
        422,
        "有 {count} 处填得不对，请改好再交。",
        "{count} fields are not right; correct them and send again.",
    ),
    Problem(
        "quarantine-full",
        429,
        "今天不能收录的记录太多，站里先不再收；请联系管理员，手机上的记录都还在。",
        "Too many quarantined facts today; contact the administrator. The phone keeps everything.",
        retry=True,
    ),
    # Who is asking.
    Problem("unauthorised", 401, "请先登录。", "Sign in first."),
    Problem(
        "session-expired",
        401,
        "登录过期了，请重新登录；已存的内容都在。",
        "The session has expired; sign in again. What was saved is kept.",
    ),
    Problem(
        "wrong-password",
        401,
        "账号或密码不对，还可以试 {left} 次。",
        "The account or password is wrong; {left} tries left.",
    ),
    Problem(
        "too-many-attempts",
        429,
        "输错太多次，请等 {wait}再试；忘了请找管理员重设。",
        "Too many attempts; try again in {wait_s} seconds.",
        retry=True,
    ),
    Problem(
        "account-inactive",
        403,
        "这个账号已停用，请联系管理员。",
        "This account is inactive; contact the administrator.",
    ),
    Problem(
        "weak-password",
        422,
        "{why}",
        "At least 8 characters, 3 of 4 classes, not a common password, not the login.",
    ),
    Problem(
        "link-unknown",
        404,
        "链接不对，请让管理员重新发一个。",
        "This link is not known; ask the administrator for a new one.",
    ),
    Problem(
        "link-expired",
        410,
        "链接过期或已用过，请让管理员重新发一个。",
        "This link has expired or was used; ask for a new one.",
    ),
    Problem("role-needed", 403, "这一步要{role}来做。", "This needs the role: {role}."),
    Problem(
        "csrf",
        403,
        "页面过期了，请刷新后再试。",
        "The page is out of date; reload it and try again.",
    ),
    Problem(
        "insecure-origin",
        400,
        "请用 https 网址打开；普通 http 网址上不能保存记录和登录。",
        "Open the https address; on plain http, nothing can be saved and nobody can sign in.",
    ),
    Problem(
        "not-found", 404, "没有找到，可能不在您负责的区域。", "Not found, or not in your area."
    ),
    Problem(
        "method-not-allowed",
        405,
        "这个地址不接受这种操作。",
        "This address does not take that method.",
    ),
    # Enrolment.
    Problem(
        "code-unknown",
        404,
        "登记码不对，请核对后再输。",
        "This enrolment code is not known; check it and type it again.",
    ),
    Problem(
        "code-expired",
        410,
        "登记码过期了，请让站长重新发一个。",
        "This enrolment code has expired; ask the chief for a new one.",
    ),
    Problem(
        "code-used",
        409,
        "登记码已在另一台设备上用过，请让站长重新发一个。",
        "This enrolment code was used on another device; ask the chief for a new one.",
    ),
    Problem(
        "proof-mismatch",
        422,
        "设备的钥匙对不上，请重新打开登记页再试。",
        "The device's key does not match its proof; open the enrolment page again.",
    ),
    # After a restore (docs/contract.md section 9).
    Problem(
        "statement-mismatch",
        422,
        "登记凭据对不上，请让站长重新发一个登记码。",
        "This is not the station's own statement about this phone; ask for a new code.",
    ),
    Problem(
        "no-restore",
        409,
        "站里没有恢复过，这部手机要用新的登记码登记。",
        "The station was not restored since; this phone needs a new enrolment code.",
    ),
    Problem(
        "epoch-changed",
        409,
        "站里刚刚又恢复过一次，手机会从头再报一遍。",
        "The station was restored once more meanwhile; the phone begins again.",
        retry=True,
    ),
    Problem(
        "account-unknown",
        404,
        "服务器恢复过，站里还没有您的账号。请站里重新建账号、发登记码，手机上写的都还在。",
        "The station was restored and has no such account; ask for an account and a code.",
    ),
    # Following the ledger.
    Problem(
        "scope-changed",
        409,
        "您负责的区域有变动，手机会重新取一份。",
        "What you may see has changed; the phone fetches it anew.",
        retry=True,
    ),
    Problem(
        "bad-cursor",
        400,
        "取数的位置不对，手机会从头再取。",
        "The cursor is not one of ours; the phone starts anew.",
    ),
    Problem("fact-unknown", 404, "总账里没有这条记录。", "The ledger holds no such fact."),
    # Photos.
    Problem(
        "photo-not-declared",
        404,
        "没有记录提到这张照片，请先上交记录。",
        "No fact names this photo; hand over the facts first.",
        retry=True,
    ),
    Problem(
        "wrong-offset",
        409,
        "接着传的位置不对，手机会从 {offset} 字节处再传。",
        "The part does not start where the last one ended; go on at byte {offset}.",
        retry=True,
    ),
    Problem(
        "photo-hash-mismatch",
        422,
        "照片和拍下时不一样，已从头再传。",
        "The photo's bytes are not those that were recorded; it is sent again from the start.",
        retry=True,
    ),
    Problem("photo-empty", 422, "照片是空的，请重拍。", "The photo is empty; take it again."),
    Problem(
        "photo-too-large", 413, "照片超过 {limit}，收不下。", "The photo is larger than {limit}."
    ),
    Problem(
        "photo-not-held",
        404,
        "这张照片还没传到站里。",
        "This photo has not arrived at the station yet.",
        retry=True,
    ),
    Problem(
        "photo-undecodable",
        422,
        "这张照片打不开，原文件保留着，可以下载。",
        "This photo cannot be opened; the original is kept and can be downloaded.",
    ),
    # The desk.
    Problem("impossible-step", 409, "{why}", "{why}"),
    Problem(
        "page-outdated",
        409,
        "别人刚改过，请刷新看看再定。",
        "Somebody changed this just now; reload before deciding.",
    ),
    Problem(
        "import-unreadable",
        422,
        "这个文件读不了，请用模板填好、存成 .xlsx 再传。",
        "This file cannot be read; fill in the template and save it as .xlsx.",
    ),
    Problem(
        "import-has-errors",
        409,
        "还有 {count} 行不对，改好再导入；现在一行都没有导入。",
        "{count} rows are still wrong; correct them first. No row was imported.",
    ),
    Problem(
        "export-failed",
        500,
        "导出没有做成，请再试一次；还不行请联系管理员。",
        "The export failed; try again, or contact the administrator.",
        retry=True,
    ),
    Problem(
        "export-not-ready",
        409,
        "导出还没做好，请稍等。",
        "The export is not ready yet.",
        retry=True,
    ),
    # The station itself.
    Problem(
        "disk-full",
        507,
        "站里的硬盘满了，没有收下；请联系管理员，手机上的记录都还在。",
        "The station's disk is full; nothing was taken. Contact the administrator.",
        retry=True,
    ),
    Problem(
        "database-busy",
        503,
        "站里正忙，没有收下，过一会儿会自动再传。",
        "The station is busy; nothing was taken. It is tried again shortly.",
        retry=True,
    ),
    Problem(
        "slow-down",
        503,
        "站里人多，请 {wait_s} 秒后再传。",
        "The station is crowded; try again in {wait_s} seconds.",
        retry=True,
    ),
    Problem(
        "not-ready",
        503,
        "站里的程序还没准备好，请稍后再试。",
        "The station is not ready yet; try again shortly.",
        retry=True,
    ),
    Problem(
        "internal",
        500,
        "站里出了差错，没有收下；手机上的记录都还在，过一会儿再试。",
        "Something went wrong; nothing was taken. Try again shortly.",
        retry=True,
    ),
)

CATALOGUE: Final[dict[str, Problem]] = {problem.code: problem for problem in _ALL}

# What can be wrong with one field (kinds/declare.Fault.code), as (zh, en).
FAULT_WORDS: Final[dict[str, tuple[str, str]]] = {
    "required": ("这一项要填。", "This is needed."),
    "not_text": ("这里要填文字。", "This has to be text."),
    "too_long": ("太长了，最多 {limit}。", "Too long; at most {limit}."),
    "not_a_choice": ("请从给出的选项里选。", "Choose one of: {limit}."),
    "not_a_whole_number": ("这里要填整数。", "This has to be a whole number."),
    "not_a_number": ("这里要填数字。", "This has to be a number."),
    "out_of_range": ("数字要在 {limit} 之间。", "The number has to be within {limit}."),
    "not_an_id": ("编号不对。", "This is not an id."),
    "not_a_hash": ("校验值不对。", "This is not a hash."),
    "not_an_instant": ("时间不对。", "This is not an instant."),
    "not_a_day": ("日期不对，要像 2026-11-21。", "This is not a date like 2026-11-21."),
    "not_yes_or_no": ("这里要填是或否。", "This has to be yes or no."),
    "not_a_list": ("这里要填一列。", "This has to be a list."),
    "wrong_count": ("数目要在 {limit} 之间。", "The count has to be within {limit}."),
    "not_a_map": ("这里的格式不对。", "This has to be a map."),
    "not_a_record": ("这里的格式不对。", "This has to be an object."),
    "wrong_type": ("这里的格式不对。", "This has the wrong type."),
    "private_in_the_open": ("个人信息要单独存放。", "Personal data belongs in the private part."),
    "open_in_private": ("这一项不能放在个人信息里。", "This does not belong in the private part."),
}

# Why a step is impossible (fold.impossible, flags in rows), as (zh, en).
STEP_WORDS: Final[dict[str, tuple[str, str]]] = {
    "unknown_kind": ("站里还不认识这种记录。", "This kind of fact is not known here yet."),
    "foreign_kind": ("这种记录不该记在这里。", "This kind of fact is not about such a subject."),
    "malformed": ("内容不合格式，只留在经过里。", "Ill-formed; it is kept in the history only."),
    "cycle": ("这些记录互相说对方在前。", "These facts each claim to follow the other."),
    "not_found_yet": ("还没有这条隐患的发现记录。", "The finding of this hazard has not arrived."),
    "already_closed": ("隐患已经销号，要先重新打开。", "The hazard is closed; reopen it first."),
    "already_void": ("已经作废，不能再改。", "It is void and can no longer be changed."),
    "not_closed": (
        "隐患还没有销号，不用重新打开。",
        "The hazard is not closed, there is nothing to reopen.",
    ),
    "not_returned": (
        "站长没有退回，或已经确认。",
        "The chief has not returned it, or has confirmed it.",
    ),
    "not_waiting": ("现在不在待审，不能这样处理。", "It is not waiting for review."),
    "not_confirmed": (
        "还没有确认等级，请先确认。",
        "The level is not confirmed yet; confirm it first.",
    ),
    "not_rechecked": (
        "还没有复查合格，不能销号。",
        "It was not rechecked as fixed, so it cannot be closed.",
    ),
    "override_needed": (
        "复查人就是发现人，要写明理由才能销号。",
        "The finder rechecked it alone; closing needs a reason.",
    ),
    "level_settled": (
        "站长已定等级，不能自行降低。",
        "The chief has settled the level; it cannot be lowered here.",
    ),
    "deadline_settled": (
        "站长已定期限，不能自行延后。",
        "The chief has settled the deadline; it cannot be moved back here.",
    ),
    "disposition_settled": (
        "站长已定处置方式，不能自行放宽。",
        "The chief has settled the measures; they cannot be relaxed here.",
    ),
    "needs_review": ("等站长核定。", "Waits for the chief."),
    "private_malformed": (
        "后来交的个人信息不合格式，没有用上。",
        "The private part that came later is not of the right form; it is not used.",
    ),
    "same_person": ("复查人就是发现人。", "The finder rechecked it alone."),
    "already_retired": ("场所已经停用。", "The site is retired already."),
    "already_reviewed": ("已经审核过了。", "It has been reviewed already."),
    "not_submitted_yet": ("检查还没有收到。", "The inspection has not arrived."),
    "not_registered_yet": ("场所还没有登记。", "The site has not been registered."),
    "not_issued_yet": ("这份文书还没有收到。", "The document has not arrived."),
    "role_needed": ("这一步要有相应的权限。", "This step needs another role."),
}

# Why a fact is in quarantine (admission.REASONS), as (zh, en).
QUARANTINE_WORDS: Final[dict[str, tuple[str, str]]] = {
    "unreadable": ("读不出来，原样保留。", "It cannot be read; the bytes are kept."),
    "malformed": ("内容不合格式，原样保留。", "It is not of the right form; the bytes are kept."),
    "foreign_station": ("这是别的站的记录。", "It belongs to another station."),
    "revoked": ("这台设备已经注销。", "The device has been revoked."),
    "bad_signature": ("签名对不上。", "The signature is not right."),
    "wrong_author": ("署名不是这台设备的人。", "The author is not this device's account."),
    "missing_role": ("署名的人没有这项权限。", "The author does not hold the role for it."),
    "id_reused": (
        "编号和另一条记录相同，内容不同。",
        "Another fact with other bytes has the same id.",
    ),
    "private_mismatch": ("个人信息和记录对不上。", "The private part does not match the fact."),
    "desk_only": ("这种记录只能在站里做。", "This kind of fact is only made at the desk."),
}

# What an admitted fact may be flagged with (admission.FLAGS), as (zh, en).
FLAG_WORDS: Final[dict[str, tuple[str, str]]] = {
    "outside_area": ("不在本人负责的区域。", "Outside the author's areas."),
    "unknown_kind": ("站里还不认识这种记录，已存好。", "A kind not known here yet; it is kept."),
    "needs_review": ("等站长核定。", "Waits for the chief."),
    "number_reused": (
        "手机记录的号重复了，这台设备要重新登记。",
        "The phone used a number twice; enrol it again.",
    ),
    "private_missing": ("个人信息没有一起交来。", "The private part did not come with it."),
}
