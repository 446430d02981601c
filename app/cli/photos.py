"""Commands about photos: read every one of them back."""

from __future__ import annotations

import argparse

from app.cli.tool import Progress, Subparsers, Tool, command, group
from app.photos.verify import Wrong, count_photos, verify_photos

SHOWN_MAX = 200


def add(subparsers: Subparsers) -> None:
    """Add this file's commands."""
    below = group(subparsers, "photos", "Photos: read every one of them back.")
    parser = command(
        below, "verify", verify, "Hash every photo; ask phones again for what is lost or changed."
    )
    parser.add_argument("--check", action="store_true", help="only tell, mark nothing")


def verify(tool: Tool, arguments: argparse.Namespace) -> int:
    """1 when a photo is missing, damaged or could not be read."""
    services = tool.services
    with services.database.read() as connection:
        station_id = tool.station(connection).id
        progress = Progress("photos", count_photos(connection, station_id))
    report = verify_photos(
        services, station_id, tool.write, mark=not arguments.check, progress=progress
    )
    progress.end()
    for each in report.wrong[:SHOWN_MAX]:
        _tell(each)
    for sha256 in report.unread[:SHOWN_MAX]:
        print(f"UNREAD   {sha256}  the store did not give it just now; run this again")
    for sha256 in report.returned[:SHOWN_MAX]:
        print(f"BACK     {sha256}  stands whole in the store again")
    print(f"{report.photos} photos, {report.bytes} bytes read")
    if report.store_gone:
        print("so many are missing that this is rather the wrong store: nothing was marked;")
        print("is the photo folder mounted, is PHOTO_STORE_URL right?")
        return 1
    if report.wrong and not arguments.check:
        print(f"{len(report.wrong)} set aside and asked for again from the phones that took them")
    if not report.wrong and not report.unread:
        print("every photo is what was acknowledged")
    return 1 if report.wrong or report.unread else 0


def _tell(each: Wrong) -> None:
    places = "; ".join(place["words"] for place in each.places) or "nothing uses it"
    print(f"{each.state.upper():8} {each.sha256}  {each.bytes} bytes  {places}")
