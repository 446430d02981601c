"""Passwords of desk accounts: what is good enough, and the only place that hashes and checks them.

It must not know accounts, the database or the web.
"""

from __future__ import annotations

import threading
import unicodedata
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

PASSWORD_CHARS_MIN = 8
PASSWORD_CHARS_MAX = 128
CLASSES_MIN = 3
# The second recommendation of RFC 9106, for machines with little memory: 64 MiB and 3 passes.
_hasher = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1)
# Guessing must not eat the machine's memory: two at a time in each process, the others wait.
_comparing = threading.BoundedSemaphore(2)

_COMMON_FILE = Path(__file__).with_name("common_passwords.txt")
_LEET = str.maketrans(
    {"0": "o", "1": "l", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"}
)


def weakness(password: str, *, login: str = "") -> str | None:
    """Why a password will not do, as a sentence for its owner; None when it will."""
    if len(password) < PASSWORD_CHARS_MIN:
        return f"密码太短，至少 {PASSWORD_CHARS_MIN} 位。"
    if len(password) > PASSWORD_CHARS_MAX:
        return f"密码太长，最多 {PASSWORD_CHARS_MAX} 位。"
    if classes(password) < CLASSES_MIN:
        return "密码太简单，大写字母、小写字母、数字、符号里至少用三种。"
    if login and login.casefold() in password.casefold():
        return "密码里不要带登录名。"
    if is_common(password):
        return "这个密码太常见，容易被猜到，换一个。"
    return None


def classes(password: str) -> int:
    """How many of the four classes a password uses; a Chinese character counts as a sign."""
    kinds = (str.islower, str.isupper, str.isdigit)
    found = {next((i for i, is_kind in enumerate(kinds) if is_kind(c)), 3) for c in password}
    return len(found)


def is_common(password: str) -> bool:
    """Whether it is on the list of everybody's passwords, also in the usual disguises."""
    plain = password.casefold()
    stems = {
        plain,
        plain.translate(_LEET),
        plain.rstrip("!.@#?~"),
        plain.rstrip("!.@#?~").translate(_LEET),
    }
    return bool(stems & _common())


def hash_password(password: str) -> str:
    """The argon2id hash to keep; takes about 0.1 s, so never inside a transaction."""
    with _comparing:
        return _hasher.hash(_normal(password))


def password_matches(password: str, stored_hash: str | None) -> bool:
    """Whether it is the password; without a stored hash it takes as long and is never right."""
    try:
        with _comparing:
            _hasher.verify(stored_hash or _nobody(), _normal(password))
    except (VerifyMismatchError, VerificationError, InvalidHashError):
        return False
    return stored_hash is not None


def _normal(password: str) -> str:
    # Two keyboards may send the same letters composed differently.
    return unicodedata.normalize("NFC", password)


@cache
def _nobody() -> str:
    return _hasher.hash("no account has this password")


@cache
def _common() -> frozenset[str]:
    return frozenset(_COMMON_FILE.read_text(encoding="utf-8").split())
