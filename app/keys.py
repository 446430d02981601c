"""The station's two keys: made once, readable by the server alone, backed up apart from the data.

One signs: ECDSA P-256 over SHA-256, raw r||s in base64url, the form WebCrypto uses. The other opens
what phones close for this station (ECDH P-256): a key that signs must never be used for that. It
must not know what is signed or closed; every message brings its own prefix.
"""

from __future__ import annotations

import base64
import hashlib
import os
from functools import cached_property, lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.folders import make_folder

SCALAR_BYTES = 32
POINT_BYTES = 65
KEY_ID_CHARS = 16
NONCE_BYTES = 12
OWN_INFO = b"grid-inspector/own/1"
KEYS_REMEMBERED_MAX = 1_000
_ALGORITHM = ec.ECDSA(hashes.SHA256())


def b64url(raw: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def from_b64url(text: str) -> bytes:
    """The bytes of base64url without padding; ValueError for anything else."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


class KeySigner:
    """Signs with one private key."""

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        self._key = key
        self._public_key = b64url(_point(key))

    @property
    def public_key(self) -> str:
        """The raw 65-byte point in base64url without padding."""
        return self._public_key

    def sign(self, message: bytes) -> str:
        """Raw r||s in base64url without padding."""
        r, s = decode_dss_signature(self._key.sign(message, _ALGORITHM))
        return b64url(r.to_bytes(SCALAR_BYTES, "big") + s.to_bytes(SCALAR_BYTES, "big"))


class RescueKey:
    """Opens what was closed for one private key; `key_id` tells its public half apart."""

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        self._key = key
        point = _point(key)
        self.public_key = b64url(point)
        self.key_id = hashlib.sha256(point).hexdigest()[:KEY_ID_CHARS]

    def shared_secret(self, public_key: str) -> bytes | None:
        """The 32 bytes that only this key and the other one know; None for what is no point."""
        other = load_public_key(public_key)
        return None if other is None else self._key.exchange(ec.ECDH(), other)

    def close(self, purpose: bytes, plain: bytes) -> str:
        """What only the holder of this very key can open, and could have closed; base64url."""
        nonce = os.urandom(NONCE_BYTES)
        return b64url(nonce + self._own_cipher.encrypt(nonce, plain, purpose))

    def open(self, purpose: bytes, text: str) -> bytes | None:
        """The bytes closed for this purpose; None for anything this key did not close."""
        try:
            raw = from_b64url(text)
            return self._own_cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], purpose)
        except (ValueError, InvalidTag):
            return None

    @cached_property
    def _own_cipher(self) -> AESGCM:
        scalar = self._key.private_numbers().private_value.to_bytes(SCALAR_BYTES, "big")
        return AESGCM(HKDF(hashes.SHA256(), SCALAR_BYTES, salt=None, info=OWN_INFO).derive(scalar))


def _point(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The raw 65-byte point of its public half."""
    return key.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )


@lru_cache(KEYS_REMEMBERED_MAX)
def load_public_key(text: str) -> ec.EllipticCurvePublicKey | None:
    """The key behind a base64url point, or None when it is no point of P-256."""
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), from_b64url(text))
    except ValueError:
        return None


def signature_fits(public_key: str, message: bytes, signature: str) -> bool:
    """Whether a raw r||s signature over a message was made by the holder of a key."""
    key = load_public_key(public_key)
    try:
        raw = from_b64url(signature)
    except ValueError:
        return False
    if key is None or len(raw) != 2 * SCALAR_BYTES:
        return False
    r, s = (int.from_bytes(half, "big") for half in (raw[:SCALAR_BYTES], raw[SCALAR_BYTES:]))
    try:
        key.verify(encode_dss_signature(r, s), message, _ALGORITHM)
    except InvalidSignature:
        return False
    return True


def read_or_make_key(path: Path) -> KeySigner:
    """The signing key in a file."""
    return KeySigner(_read_or_make(path))


def read_or_make_rescue_key(path: Path) -> RescueKey:
    """The key in a file that opens what phones close for this station."""
    return RescueKey(_read_or_make(path))


def _read_or_make(path: Path) -> ec.EllipticCurvePrivateKey:
    """The key in a file, made with mode 0600 when there is none; two processes make one key."""
    make_folder(path.parent)
    if not path.exists():
        _make_key(path)
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError(f"{path} holds no P-256 key")
    return key


def _make_key(path: Path) -> None:
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    ours = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(ours, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(ours, path)  # fails when another process was first, and then its key is the key
    except FileExistsError:
        pass
    finally:
        ours.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
