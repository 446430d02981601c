"""What can be wrong with a rescue file, each with what to do. A list, nothing else."""

from app.problems import declare
from sync.problems import Problem

declare(
    Problem(
        "rescue-not-a-file",
        422,
        "这不是手机导出的文件，没有导入。请在手机上“导出到文件”，再选那个文件。",
        "This is no file exported by a phone; nothing was imported.",
        retry=False,
    ),
    Problem(
        "rescue-newer",
        422,
        "手机上的版本比站里的新，站里还读不懂这个文件，没有导入。请先升级站里的程序，文件留好。",
        "The file was made by a newer version than this station runs; nothing was imported.",
        retry=False,
    ),
    Problem(
        "rescue-other-station",
        422,
        "这是别的站的文件，打不开，没有导入。请交给手机登记的那个站。",
        "The file was made for another station; nothing was imported.",
        retry=False,
    ),
    Problem(
        "rescue-other-key",
        422,
        "这个文件是用站里另一把钥匙封的，打不开，没有导入。站里的钥匙文件换过："
        "请把备份的那把钥匙放回去，或让手机连一次网后重新导出。",
        "The file was closed for another key of this station; nothing was imported.",
        retry=False,
    ),
    Problem(
        "rescue-cut-short",
        422,
        "文件不完整，后面少了一截，没有导入。请让手机重新发一次。",
        "The end of the file is missing; nothing was imported.",
        retry=False,
    ),
    Problem(
        "rescue-damaged",
        422,
        "文件坏了，内容对不上，一点都没有导入。请让手机重新发一次。",
        "The file is damaged; nothing of it was imported.",
        retry=False,
    ),
    Problem(
        "rescue-phone-unknown",
        422,
        "站里不认得这部手机的登记，没有导入。请把文件留好，找管理员看“人员和手机”。",
        "The station does not know the phone that made the file; nothing was imported.",
        retry=False,
    ),
)
