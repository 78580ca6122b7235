#!/usr/bin/env python3
"""Tells when the next Windows update restarts the devices of a ring, from Cyclecal.

Needs Python 3.8 and nothing else. Ends with 0 if no restart is due within the
days that are asked for, with 3 if one is, and with 1 if the service can't be
asked, in which case an answer that was kept is not used.

    python3 cyclecal.py --ring broad:9/5/2 --track windows-11-24h2 --days 7
"""
import argparse
import datetime
import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request


def fetch(url, token, cache):
    """Returns the rows at an address, from the cache where they have not changed."""
    kept = read_cache(cache, url)
    request = urllib.request.Request(url, headers={"Accept": "application/json"})
    if kept:
        request.add_header("If-None-Match", kept["etag"])
    if token:
        request.add_unredirected_header("Authorization", "Bearer " + token)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            rows, etag = json.load(answer), answer.headers.get("ETag")
    except urllib.error.HTTPError as error:
        with error:
            if error.code == 304 and kept:
                return kept["rows"]
            raise RuntimeError(detail_of(error)) from error
    if cache and etag:
        write_cache(cache, {"url": url, "etag": etag, "rows": rows})
    return rows


def detail_of(error):
    """Returns what the service says was wrong (RFC 9457), or the status."""
    try:
        return json.load(error)["detail"]
    except (ValueError, KeyError, TypeError):
        return str(error)


def read_cache(path, url):
    """Returns what was kept of that address, or None: a file that is broken is none."""
    try:
        with open(path or os.devnull, encoding="utf-8") as file:
            kept = json.load(file)
        return kept if kept["url"] == url and kept["etag"] and isinstance(kept["rows"], list) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_cache(path, kept):
    """Replaces the file at once, so that nobody reads half of it."""
    with open(path + ".new", "w", encoding="utf-8") as file:
        json.dump(kept, file)
    os.replace(path + ".new", path)


def line_of(row):
    """Returns what a person wants to know of a row."""
    if row["next_restart_month"] is None:
        return "{track_name}: no restart to come".format(**row)
    away = row["next_restart_days_away"]
    when = "due now" if row["restart_due"] else "in 1 day" if away == 1 else "in {} days".format(away)
    sure = ", unplanned" if row["next_restart_unplanned"] else ""
    line = "{track_name}: ring {ring} restarts from {offered_on} to {restart_by}, {when} ({next_restart_month}, {next_restart_status}{sure})".format(
        when=when, sure=sure, **row
    )
    return line + window_of(row) + freeze_of(row)


def window_of(row):
    """Returns the maintenance window of a stored ring in this machine's time, if it has one."""
    if row["window_start"] is None:
        return ""
    return ", window {} to {}".format(local(row["window_start"]), local(row["window_end"]))


def freeze_of(row):
    """Returns what a freeze forbids, and what would do instead."""
    if not row["freeze_conflict"]:
        return ""
    ways = []
    if row["next_window_start"] is not None:
        ways.append("the next window allowed begins " + local(row["next_window_start"]))
    if row["earlier_day"] is not None:
        ways.append("the last earlier day allowed is " + row["earlier_day"])
    return ", IN FREEZE {}: {}".format(row["freeze"], "; ".join(ways) or "nothing else is allowed")


def local(instant):
    """Returns an instant, "2027-01-23T21:00:00Z", in this machine's zone."""
    utc = datetime.datetime.strptime(instant, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.timezone.utc)
    return utc.astimezone().strftime("%Y-%m-%d %H:%M %z")


def days(text):
    """Returns a number of days from the command line."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError("{!r}: want a number of days, 0 or more".format(text))
    return int(text)


def main():
    """Asks, prints, and returns the exit code."""
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--server", default=os.environ.get("CYCLECAL_SERVER", "http://127.0.0.1:8080"))
    args.add_argument("--ring", default="broad:9/5/2", help="NAME:DEFERRAL/DEADLINE/GRACE in days; or, with CYCLECAL_TOKEN, a stored ring")
    args.add_argument("--track", action="append", default=[], help="track id; repeatable; all that have not ended where it is left out")
    args.add_argument("--days", type=days, default=7, help="a restart within so many days ends with 3; default 7")
    args.add_argument("--cache", help="file that keeps the answer and its ETag")
    args = args.parse_args()
    if not args.ring:
        print("cyclecal.py: --ring is empty: want days, such as broad:9/5/2", file=sys.stderr)
        return 2
    query = [("shape", "rows"), ("ring", args.ring)] + [("track", track) for track in args.track]
    url = args.server.rstrip("/") + "/api/v1/next?" + urllib.parse.urlencode(query)
    try:
        rows = fetch(url, os.environ.get("CYCLECAL_TOKEN"), args.cache)
    except (OSError, ValueError, RuntimeError) as error:
        print("cyclecal.py: {}".format(error), file=sys.stderr)
        return 1
    for row in rows:
        if args.track or row["next_release_month"] or row["next_restart_month"]:
            print(line_of(row))
    away = [row["next_restart_days_away"] for row in rows if row["next_restart_month"] is not None]
    return 3 if any(n <= args.days for n in away) else 0


if __name__ == "__main__":
    sys.exit(main())
