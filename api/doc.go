// Package api serves schedules over HTTP: as JSON and CSV for programs, as
// iCalendar for calendar clients, as pages for people.
//
// [New] builds the whole surface from one table of routes. A GET answer is a pure function
// of the snapshot, the request and the instant until which it stays true, so each
// is rendered once and kept as finished bytes with its strong ETag and its compressed
// form (answer.go, shelf.go). A new snapshot starts with an empty shelf; nothing else
// invalidates anything.
//
// [NewCopy] makes the same answers into files, for hosts that only serve files.
//
// The folder dashboards has files for other tools: a Grafana dashboard, recipes and alert
// rules. A test asks for everything that these files ask for.
//
// Errors are RFC 9457 problem documents everywhere. What the client did wrong is
// told with what would have been right; what went wrong here is logged and answered with a
// 500 that says nothing.
package api
