package main

import (
	"github.com/cyclecal/cyclecal/cycle/catalog"
)

// trackIDs are the tracks of the history in the program.
func trackIDs() []string {
	facts, err := catalog.Load()
	if err != nil {
		return nil // the commands themselves say what is wrong
	}
	var ids []string
	for _, f := range facts {
		ids = append(ids, f.Track.ID)
	}
	return ids
}
