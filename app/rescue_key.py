"""What a phone is told of the key it closes rescue files for.

The statement is signed by the key the phone pinned, so that nobody on the way can put another one
in its place. It must not know files.
"""

from __future__ import annotations

from app.services import Services

RESCUE_KEY_PREFIX = "grid-inspector/rescue-key/1"


def rescue_key_text(station_id: str, public_key: str) -> str:
    """The text the station's signing key signs."""
    return "\n".join((RESCUE_KEY_PREFIX, station_id, public_key))


def rescue_key_view(services: Services, station_id: str) -> dict[str, str]:
    """{id, key, signature}: `id` names the key in a file's header."""
    key = services.rescue_key
    text = rescue_key_text(station_id, key.public_key)
    return {
        "id": key.key_id,
        "key": key.public_key,
        "signature": services.signer.sign(text.encode()),
    }
