"""What can go wrong with a part of a photo, beside the core's sentences. A list, nothing else."""

from app.problems import declare
from sync.problems import Problem

declare(
    Problem(
        "photo-length-differs",
        422,
        "这张照片的长度和开始时说的不一样，请从头再传。",
        "The length differs from what the upload began with.",
    ),
    Problem(
        "part-too-long",
        422,
        "这一段超出了照片的长度，请从头再传。",
        "The part reaches beyond the photo's length.",
    ),
    Problem(
        "part-headers",
        400,
        "上传没有写明从哪里接着传，请更新应用后再试。",
        "Upload-Offset, Upload-Length and Upload-Epoch must be whole numbers.",
    ),
    Problem(
        "font-missing",
        503,
        "服务器上没有中文字体，图下的字画不出来。请管理员给服务器装上中文字体，现在可以先下载原图。",
        "No font with Chinese on this server: install fonts-noto-cjk or set GI_FONT.",
    ),
)
