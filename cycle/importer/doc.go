// Package importer reads what Microsoft says about the hotpatch cycle: the calendars
// of the release information, the lists of release notes, the update histories, the
// documents of the security update guide, and saved feeds. [Merge] lays one of them
// over what is known.
//
// It is strict about meaning and lenient about form. What it can't read it reports,
// with place and text; a page that contradicts itself gives no rows at all.
// It never decides from a build which product a row is of: two products share 26100.
//
// Nothing here reads the clock, and nothing but [Fetch] does I/O.
package importer
