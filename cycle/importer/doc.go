// Package importer reads what Microsoft publishes about the hotpatch cycle: the calendars
// of the release information, the lists of release notes, the update histories, the
// documents of the security update guide, and saved feeds. [Parse] reads one of them, and
// [Merge] merges it into what is known.
//
// It is strict about meaning and lenient about form. What it can't read it reports,
// with place and text; a page that contradicts itself gives no rows at all.
// It never decides by the branch of a build alone which product a row is about, as two products
// share the branch 26100.
//
// Nothing here reads the clock, and nothing but [Fetch] and a [Fetcher] does I/O.
package importer
