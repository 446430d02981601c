"""Configuration as one frozen value, read once from the environment.

It is complete or the process does not start: a wrong value ends with one sentence that names the
variable. It must not open files or databases; it only says where they are.
Every variable is described in docs/settings.md (a guard test insists).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, cast
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

PROJECT = Path(__file__).resolve().parent.parent
TIMEZONE_DEFAULT = "Asia/Shanghai"
STATION_OFFSET = timedelta(hours=8)
STATION_CODE_CHARS_MAX = 12
STATION_NAME_CHARS_MAX = 40
MAP_ATTRIBUTION_CHARS_MAX = 120
_THIS_MACHINE = frozenset({"127.0.0.1", "localhost", "::1"})


class SettingError(ValueError):
    """A setting that cannot be used; the text names the variable and what is expected."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the server may be told from outside."""

    data_dir: Path
    database_url: str
    photo_store_url: str
    public_url: str
    port: int
    web_dir: Path
    station_code: str
    station_name: str
    timezone: str
    behind_proxy: bool
    jobs_in_process: bool
    gate_wait_s_max: float
    quarantine_lines_per_day_max: int
    disk_free_bytes_min: int
    backoff_s: int
    min_app: str
    session_idle_h: int
    session_days_max: int
    enrolment_code_h: int
    font: Path | None
    map_tiles: str | None
    map_attribution: str
    map_system: Literal["wgs84", "gcj02"]

    @property
    def https(self) -> bool:
        """Whether browsers reach this server over TLS (secure cookies, HSTS)."""
        return self.public_url.startswith("https://")

    @property
    def key_file(self) -> Path:
        """Where the station's signing key lies; it is backed up apart from the data."""
        return self.data_dir / "station-key.pem"

    @property
    def rescue_key_file(self) -> Path:
        """The key that opens files exported by phones; it is backed up with the other."""
        return self.data_dir / "rescue-key.pem"


def _text(env: Mapping[str, str], name: str, default: str, chars_max: int = 1000) -> str:
    value = env.get(name, "").strip() or default
    if len(value) > chars_max:
        raise SettingError(f"{name} may have at most {chars_max} characters")
    return value


def _number(env: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    raw = env.get(name, "").strip()
    if not raw:
        return default
    if not raw.isascii() or not raw.isdigit() or not low <= int(raw) <= high:
        raise SettingError(f"{name} must be a whole number from {low} to {high}, not {raw!r}")
    return int(raw)


def _flag(env: Mapping[str, str], name: str, default: bool) -> bool:
    raw = env.get(name, "").strip().lower()
    if raw in ("", "1", "true", "yes", "0", "false", "no"):
        return default if raw == "" else raw in ("1", "true", "yes")
    raise SettingError(f"{name} must be 1 or 0, not {raw!r}")


def _file(env: Mapping[str, str], name: str) -> Path | None:
    value = env.get(name, "").strip()
    if value and not Path(value).is_file():
        raise SettingError(f"{name} must name a file that exists, not {value!r}")
    return Path(value) if value else None


def _url(value: str, name: str, schemes: tuple[str, ...]) -> str:
    parts = urlsplit(value)
    if parts.scheme not in schemes:
        raise SettingError(f"{name} must start with {' or '.join(s + '://' for s in schemes)}")
    return value.rstrip("/") if parts.scheme.startswith("http") else value


def _map_tiles(env: Mapping[str, str]) -> str | None:
    value = _text(env, "GI_MAP_TILES", "")
    if not value:
        return None
    if not all(value.count(gap) == 1 for gap in ("{z}", "{x}", "{y}")):
        raise SettingError("GI_MAP_TILES must hold {z}, {x} and {y} once each")
    parts = urlsplit(value)
    # A proxy for tiles on the same machine needs no TLS; over a network anybody could swap them.
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _THIS_MACHINE):
        raise SettingError("GI_MAP_TILES must start with https://")
    if not parts.hostname or "{" in parts.netloc:
        raise SettingError("GI_MAP_TILES must name one server, without gaps in its name")
    if not value.isascii() or " " in value:
        raise SettingError("GI_MAP_TILES must be an address without spaces or Chinese")
    if not env.get("GI_MAP_ATTRIBUTION", "").strip():
        raise SettingError("GI_MAP_ATTRIBUTION must say whose map GI_MAP_TILES is")
    return value


def _map_system(env: Mapping[str, str]) -> Literal["wgs84", "gcj02"]:
    value = _text(env, "GI_MAP_SYSTEM", "wgs84").lower()
    if value not in ("wgs84", "gcj02"):
        raise SettingError(f"GI_MAP_SYSTEM must be wgs84 or gcj02, not {value!r}")
    return cast('Literal["wgs84", "gcj02"]', value)


def _database_url(value: str) -> str:
    """One spelling per database, so that the rest of the program can rely on it."""
    for prefix in ("postgresql+psycopg://", "postgresql://", "postgres://"):
        if value.startswith(prefix):
            return "postgresql+psycopg://" + value[len(prefix) :]
    if value.startswith("sqlite:///"):
        return value
    raise SettingError("DATABASE_URL must start with sqlite:/// or postgresql://")


def _zone(value: str) -> str:
    try:
        zone = ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise SettingError(f"GI_TIMEZONE is no known time zone: {value!r}") from None
    # The fold counts days by China's one clock; a station elsewhere would show two calendars.
    winter_and_summer = (datetime(2026, month, 1, tzinfo=zone) for month in (1, 7))
    if any(day.utcoffset() != STATION_OFFSET for day in winter_and_summer):
        raise SettingError(f"GI_TIMEZONE must be at UTC+8 as in all of China: {value!r}")
    return value


def read_settings(env: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this process; raises SettingError with a sentence for the first wrong one."""
    data_dir = Path(_text(env, "GI_DATA_DIR", "./data")).absolute()
    port = _number(env, "GI_PORT", 8000, 1, 65535)
    text: Callable[[str, str], str] = lambda name, default: _text(env, name, default)  # noqa: E731
    return Settings(
        data_dir=data_dir,
        database_url=_database_url(text("DATABASE_URL", f"sqlite:///{data_dir / 'station.db'}")),
        photo_store_url=_url(
            text("PHOTO_STORE_URL", f"file://{data_dir / 'photos'}"),
            "PHOTO_STORE_URL",
            ("file", "s3"),
        ),
        public_url=_url(
            text("GI_PUBLIC_URL", f"http://127.0.0.1:{port}"), "GI_PUBLIC_URL", ("http", "https")
        ),
        port=port,
        web_dir=Path(text("GI_WEB_DIR", str(PROJECT / "pwa" / "dist"))).absolute(),
        station_code=_text(env, "GI_STATION_CODE", "BH", STATION_CODE_CHARS_MAX),
        station_name=_text(env, "GI_STATION_NAME", "北河镇安监站", STATION_NAME_CHARS_MAX),
        timezone=_zone(text("GI_TIMEZONE", TIMEZONE_DEFAULT)),
        behind_proxy=_flag(env, "GI_BEHIND_PROXY", default=False),
        jobs_in_process=_flag(env, "GI_JOBS_IN_PROCESS", default=True),
        gate_wait_s_max=_number(env, "GI_GATE_WAIT_S_MAX", 10, 1, 120),
        quarantine_lines_per_day_max=_number(
            env, "GI_QUARANTINE_LINES_PER_DAY_MAX", 2000, 1, 1_000_000
        ),
        disk_free_bytes_min=_number(env, "GI_DISK_FREE_MB_MIN", 500, 0, 10_000_000) * 1024 * 1024,
        backoff_s=_number(env, "GI_BACKOFF_S", 0, 0, 3600),
        min_app=_text(env, "GI_MIN_APP", "0", 20),
        session_idle_h=_number(env, "GI_SESSION_IDLE_H", 8, 1, 24 * 30),
        session_days_max=_number(env, "GI_SESSION_DAYS_MAX", 30, 1, 365),
        enrolment_code_h=_number(env, "GI_ENROLMENT_CODE_H", 72, 1, 24 * 30),
        font=_file(env, "GI_FONT"),
        map_tiles=_map_tiles(env),
        map_attribution=_text(env, "GI_MAP_ATTRIBUTION", "", MAP_ATTRIBUTION_CHARS_MAX),
        map_system=_map_system(env),
    )
