package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/cyclecal/cyclecal/api"
	"github.com/cyclecal/cyclecal/cycle/store"
)

// History returns what was changed before a revision, newest first.
func (f *fleet) History(ctx context.Context, before int64, most int) ([]api.Entry, error) {
	s, err := f.store()
	if err != nil {
		return nil, err
	}
	ctx, cancel := forAnswer(ctx)
	defer cancel()
	var list []api.Entry
	for len(list) < most { // what the program keeps for itself is not shown
		changes, err := s.History(ctx, before, most)
		if corrupt, ok := errors.AsType[*store.CorruptError](err); ok {
			f.log.Error("the history is not whole", "error", corrupt)
			err = nil
		}
		if err != nil {
			return nil, storeError(err)
		}
		rotated := map[string]bool{}
		for _, c := range changes {
			if c.Kind == secretsKind && c.Before != nil && c.After != nil {
				rotated[fmt.Sprintf("%d/%s", c.Revision, c.ID)] = true
			}
		}
		for _, c := range changes {
			before = c.Revision
			if c.Kind == editionsKind && c.ID == everyEdition {
				list = append(list, api.Entry{Revision: c.Revision, Kind: "backup", Action: "restored", Who: c.Who, At: c.At})
			}
			if !ours(c.Kind) {
				list = append(list, entryOf(c, rotated[fmt.Sprintf("%d/%s/%s", c.Revision, c.Kind, c.ID)]))
			}
		}
		if len(changes) == 0 || before <= 1 {
			break
		}
	}
	return list, nil
}

func entryOf(c store.Change, rotated bool) api.Entry {
	e := api.Entry{
		Revision: c.Revision, Kind: c.Kind, ID: c.ID, Who: c.Who, RequestID: c.RequestID, At: c.At,
		Before: c.Before, After: c.After, Action: "updated",
	}
	switch {
	case c.Before == nil:
		e.Action = "created"
	case c.After == nil:
		e.Action = "deleted"
	case rotated:
		e.Action = "rotated"
	}
	return e
}
