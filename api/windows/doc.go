// Package windows writes a ring's restart windows in the words of the tools that restart
// its machines: Azure, Configuration Manager, AWS, Alertmanager, iCalendar and cron.
//
// The windows are those of the model. What a tool is given first are the dates that are known,
// as instants in UTC: none of the tools knows which months restart, and an instant has no
// daylight saving. What it can repeat by itself stands apart, and says in which months it
// opens. What a tool can't say is told in a sentence, and never rounded to more time.
//
// Only ids, numbers and names of zones are written: nothing that somebody wrote in prose can
// become a line of a script. The package reads no clock and does no I/O.
package windows
