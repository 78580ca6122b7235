package store

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

// errPasses is a failure that passes.
var errPasses = errors.New("locked")

// passing is a dialect all of whose own failures pass.
type passing struct{ dialect }

func (passing) again(err error) bool { return errors.Is(err, errPasses) }

// What passes is tried again for about two seconds. Nothing else is: an answer stays what it is, and what may
// have been committed must not be written twice.
func TestRetrying(t *testing.T) {
	for name, tt := range map[string]struct {
		err, want       error
		failures, tries int
		canceled        bool
	}{
		"at once":       {nil, nil, 0, 1, false},
		"passes":        {errPasses, nil, 3, 4, false},
		"does not pass": {errPasses, ErrUnavailable, 99, 12, false},
		"another error": {errors.New("disk I/O error"), ErrUnavailable, 99, 1, false},
		"an answer":     {errors.Join(ErrConflict, errPasses), ErrConflict, 99, 1, false},
		"not found":     {errors.Join(cycle.ErrNotFound, errPasses), cycle.ErrNotFound, 99, 1, false},
		"commit":        {commitError{errPasses}, ErrUnavailable, 99, 1, false},
		"nobody waits":  {errPasses, ErrUnavailable, 99, 1, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if tt.canceled {
				cancel()
			}
			tries, began := 0, time.Now()
			err := (&engine{dialect: passing{}}).retrying(ctx, func() error {
				tries++
				if tries > tt.failures {
					return nil
				}
				return tt.err
			})
			if took := time.Since(began); tries != tt.tries || !errors.Is(err, tt.want) || took > 3*time.Second || tries > 9 && took < time.Second {
				t.Errorf("%s: %d tries in %v, %v, want %d and %v", name, tries, took, err, tt.tries, tt.want)
			}
		})
	}
}
