"""Random secrets and what is kept of them: session cookies, phone tokens, one-time links, codes.

Only hashes are stored; a long random token needs no slow hash, a code a person types gets one.
It must not know the database or the web; randomness comes in as a function.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass

TOKEN_BYTES = 32
CODE_CHARS = 10
# Crockford's alphabet: no I, L, O, U, so nothing is misread from paper or taken for a word.
CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# About 10 ms and 4 MB: dear for whoever stole the database and guesses, nothing for one claim.
CODE_COST = {"n": 2**12, "r": 8, "p": 1}

_CODE = re.compile(f"[{CODE_ALPHABET}]{{{CODE_CHARS}}}")
_MISREAD = str.maketrans(
    {"I": "1", "L": "1", "O": "0", "-": "", " ": "", "\u2014": "", "\uff0d": ""}
)

Randomness = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Token:
    """A fresh secret: `text` is handed out once, `hash` is all that is kept."""

    text: str
    hash: str


def new_token(randomness: Randomness = secrets.token_bytes) -> Token:
    """256 random bits as URL-safe text."""
    text = urlsafe_b64encode(randomness(TOKEN_BYTES)).rstrip(b"=").decode()
    return Token(text, hash_token(text))


def hash_token(text: str) -> str:
    """What is stored of a token; SHA-256 is enough for 256 random bits."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def same_token(text: str, stored_hash: str) -> bool:
    """Whether a presented token is the stored one, without telling how much of it was right."""
    return hmac.compare_digest(hash_token(text), stored_hash)


def csrf_of(session_token: str) -> str:
    """The request token of a session: derived from its cookie, which scripts cannot read."""
    return hashlib.sha256(b"grid-inspector/csrf/1\n" + session_token.encode()).hexdigest()[:43]


def new_code(randomness: Randomness = secrets.token_bytes) -> str:
    """Ten characters a person can type: 50 random bits."""
    number = int.from_bytes(randomness(7), "big")
    return "".join(CODE_ALPHABET[(number >> (5 * place)) & 31] for place in range(CODE_CHARS))


def shown_code(code: str) -> str:
    """As it stands on paper and in links: two groups of five."""
    return f"{code[:5]}-{code[5:]}"


def read_code(text: str) -> str | None:
    """The code somebody typed, whatever case and separators they used; None when it can be none."""
    code = text.strip().upper().translate(_MISREAD)
    return code if _CODE.fullmatch(code) else None


def hash_code(code: str, station: str) -> str:
    """What is stored of a code: slow on purpose, the same each time so that it can be looked up."""
    salt = b"grid-inspector/code/1\n" + station.encode()
    return hashlib.scrypt(code.encode(), salt=salt, dklen=32, **CODE_COST).hex()
