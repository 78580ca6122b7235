# Prints the events of each feed that is named as a list in JSON, as python3-icalendar reads them.
# With --merge it prints one list: what a client has that fetched one feed after the other, and
# that knows an event by its UID and takes a newer one by its SEQUENCE.
import json
import sys
from datetime import datetime, timezone

from icalendar import Calendar


def when(event, name):
    value = event.decoded(name)
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return value.isoformat()


def categories(event):
    found = event.get("CATEGORIES", [])
    return [str(c) for part in (found if isinstance(found, list) else [found]) for c in part.cats]


def read(name):
    with open(name, "rb") as file:
        calendar = Calendar.from_ical(file.read())
    if calendar.errors:
        sys.exit(f"{name}: {calendar.errors}")
    for event in calendar.walk("VEVENT"):
        if event.errors:
            sys.exit(f"{name}: {event.get('UID')}: {event.errors}")
        yield {
            "uid": str(event["UID"]),
            "summary": str(event["SUMMARY"]),
            "description": str(event["DESCRIPTION"]),
            "start": when(event, "DTSTART"),
            "end": when(event, "DTEND"),
            "status": str(event["STATUS"]),
            "url": str(event.get("URL", "")),
            "categories": categories(event),
            "sequence": int(event["SEQUENCE"]),
            "alarms": len(event.walk("VALARM")),
        }


def merge(names):
    known = {}
    for name in names:
        for event in read(name):
            if event["uid"] not in known or event["sequence"] > known[event["uid"]]["sequence"]:
                known[event["uid"]] = event
    return list(known.values())


if sys.argv[1] == "--merge":
    print(json.dumps(merge(sys.argv[2:])))
else:
    for name in sys.argv[1:]:
        print(json.dumps(list(read(name))))
