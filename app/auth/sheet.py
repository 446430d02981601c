"""The enrolment sheet: one A4 page to print and hand over, with a large QR code and plain steps.

Pure text in, text out. It must not know the database; its style is inline, so the page brings a
content policy that allows exactly this style and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
from html import escape
from io import BytesIO

import segno

STEPS = (
    "用手机自带的浏览器（或相机的扫一扫）扫上面的码。不要用微信打开，微信里存不住记录。",
    "如果已经在微信里打开了：点右上角的三个点，选“在浏览器打开”。",
    "打开后点“登记这部手机”。没点之前，什么都不会登记，可以先看看。",
    "按提示“添加到主屏幕”。以后从桌面图标进去，没有信号也能用。",
    "扫不了码：在浏览器里打开下面的网址，手工输入登记码，不分大小写。",
)
STYLE = """
@page { size: A4; margin: 18mm }
body { font: 14pt/1.7 "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", sans-serif; color: #000;
  background: #fff; max-width: 174mm; margin: 0 auto; padding: 6mm }
h1 { font-size: 22pt; margin: 0 0 2mm }
.who { font-size: 16pt; margin: 0 0 6mm }
.qr { text-align: center } .qr svg { width: 82mm; height: 82mm }
.code { text-align: center; font: 700 34pt/1.3 ui-monospace, Consolas, monospace;
  letter-spacing: .08em; margin: 2mm 0 0 }
.until { text-align: center; margin: 0 0 6mm }
ol { padding-left: 8mm } li { margin: 2mm 0 }
.url { word-break: break-all; border-top: 1px solid #000; padding-top: 3mm }
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
CSP = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    f"style-src 'sha256-{_STYLE_HASH}'"
)


def qr_svg(text: str) -> str:
    """The QR code as SVG without styles or scripts, dark on light with its quiet zone."""
    out = BytesIO()
    segno.make(text, error="m", micro=False).save(
        out, kind="svg", omitsize=True, border=4, dark="#000", light="#fff", xmldecl=False, nl=False
    )
    return out.getvalue().decode("utf-8")


def sheet_html(*, station: str, person: str, code: str, url: str, origin: str, until: str) -> str:
    """The page; `until` is the local time up to which the code is good."""
    steps = "".join(f"<li>{escape(step)}</li>" for step in STEPS)
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>手机登记单 {escape(person)}</title><style>{STYLE}</style></head><body>"
        f"<h1>网格安检 手机登记单</h1>"
        f'<p class="who">{escape(station)}　登记人：{escape(person)}</p>'
        f'<div class="qr">{qr_svg(url)}</div>'
        f'<p class="code">{escape(code)}</p>'
        f'<p class="until">只能登记一部手机，{escape(until)}前有效</p>'
        f"<ol>{steps}</ol>"
        f'<p class="url">网址：{escape(origin)}/field/</p>'
        "</body></html>"
    )
