"""What the demo says on the screen: logins, the QR code, and why plain http stops at this machine.

The only module of the demo that writes to the terminal. It must not know the ledger.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import segno

from app.demo.people import PASSWORD, Person
from app.hazards.words import ROLE_WORDS
from app.settings import Settings

LINE = "─" * 62


class Screen:
    """Standard output, flushed so that the server's first line comes after it."""

    def write(self, text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()

    def qr(self, url: str) -> None:
        """A QR code that phones read from a dark or a light terminal."""
        segno.make(url, error="m", micro=False).terminal(out=sys.stdout, border=2, compact=True)
        sys.stdout.flush()


SCREEN = Screen()


def logins(public_url: str, people: Iterable[Person]) -> str:
    """Everybody's way in."""
    rows = [f"  {person.login:<10} {person.name}  {_roles(person)}" for person in people]
    return "\n".join(
        [
            "",
            LINE,
            "演示镇：北河镇安监站（人名、电话、场所都是编的）",
            f"站里用的网页：{public_url}/desk/",
            f"所有账号的密码都是 {PASSWORD}，人人都知道，不要放到外网上。",
            *rows,
            LINE,
            "",
        ]
    )


def _roles(person: Person) -> str:
    return "、".join(ROLE_WORDS[role] for role in person.roles)


def secure_words(settings: Settings, person: Person, code: str, url: str) -> str:
    """What to do with the QR code, and what can go wrong with it."""
    told = [
        f"扫码登记一部手机（账号 {person.login} {person.name}）",
        f"  网址    {url}",
        f"  登记码  {code}",
        "  用手机自带浏览器打开，不要用微信；点“登记这部手机”才算数。",
        "",
    ]
    if settings.https:
        return "\n".join([*told, LINE, ""])
    port = settings.port
    why = [
        "注意：现在是普通 http。别的手机扫这个码打得开网页，但登记不了、存不了记录：",
        "浏览器只在 https 网址上允许离线使用、保存记录和签名（本机 127.0.0.1 除外）。",
        "怎么办，任选一种：",
        f"  1. 就在这台电脑上试：浏览器打开 {settings.public_url}/field/ ，输入上面的登记码。",
        "  2. 安卓手机插数据线：电脑上运行",
        f"       adb reverse tcp:{port} tcp:{port}",
        f"     再在手机浏览器打开 http://127.0.0.1:{port}/field/ ，输入登记码。",
        "  3. 给这台机器配 https 证书（见 deploy/README.md），",
        "     再用 GI_PUBLIC_URL=https://你的网址 make demo 重新启动。",
    ]
    return "\n".join([*told, *why, LINE, ""])


def occupied() -> str:
    return (
        "这个站里已经有别的数据，演示数据没有放进去。\n"
        "想看演示，请换一个空的数据目录：GI_DATA_DIR=./data-demo make demo\n"
    )


def interrupted(data_dir: Path) -> str:
    return f"上一次放演示数据时中断了，数据不完整。\n请删掉演示用的数据目录再来一次：{data_dir}\n"
