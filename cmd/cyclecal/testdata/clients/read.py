# Prints each event of the feed on stdin as a line of JSON, as python3-icalendar reads it.
import json
import sys
from datetime import datetime, timezone

from icalendar import Calendar


def start(event):
    value = event.decoded("DTSTART")
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return value.isoformat()


calendar = Calendar.from_ical(sys.stdin.buffer.read())
if calendar.errors:
    sys.exit(f"calendar: {calendar.errors}")
for event in calendar.walk("VEVENT"):
    if event.errors:
        sys.exit(f"{event.get('UID')}: {event.errors}")
    print(json.dumps({
        "uid": str(event["UID"]),
        "summary": str(event["SUMMARY"]),
        "start": start(event),
        "sequence": int(event["SEQUENCE"]),
        "alarms": len(event.walk("VALARM")),
    }))
