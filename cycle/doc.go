// Package cycle models the hotpatch update cycle of Windows: which month of
// which product restarts its machines, what was planned, what really came, and
// what was known about it on any day.
//
// A [Track] is one product that follows a cycle of its own. Its [Rule] says
// which months are planned as baselines (restart) and on which day updates come.
// What happened is a list of facts: a [Release] for each update, a [Notice] for
// each statement that a month differs from the rule. [Compile] lays the facts that
// were known on a day over the rule; the [Schedule] that results answers
// every question about the track: the kind of a month, the baseline it builds
// on, the next restart, the state at an instant.
//
// The package has no clock, does no input or output and knows no wire format.
// Days are [Date] values and are counted in calendar days; a zone appears only where a
// day becomes an instant or an instant a day, such as in [Rule.At] and [DateIn].
//
// The words are Microsoft's:
// https://learn.microsoft.com/windows-server/get-started/hotpatch and
// https://learn.microsoft.com/windows/deployment/windows-autopatch/manage/windows-autopatch-hotpatch-updates
package cycle
