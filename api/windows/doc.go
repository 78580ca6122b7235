// Package windows writes a ring's restart windows in the words of the tools that restart
// its machines or act on their windows: Azure, Configuration Manager, AWS, Alertmanager,
// iCalendar and cron.
//
// Each tool gets the dates that are known, as instants in UTC, since none of them knows which
// months restart, and UTC has no daylight saving time. What a tool can repeat by itself is
// written apart from that, and says in which months it opens. What a tool can't express is
// said in a sentence, and never rounded to more time.
//
// Only ids, numbers and names of zones are written, so no prose that somebody wrote can
// become a line of a script. The package reads no clock and does no I/O.
package windows
