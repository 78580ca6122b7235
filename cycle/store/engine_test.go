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
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, tt := range map[string]struct {
		ctx             context.Context
		err, want       error
		failures, tries int
	}{
		"at once":       {t.Context(), nil, nil, 0, 1},
		"passes":        {t.Context(), errPasses, nil, 3, 4},
		"does not pass": {t.Context(), errPasses, ErrUnavailable, 99, 12},
		"another error": {t.Context(), errors.New("disk I/O error"), ErrUnavailable, 99, 1},
		"an answer":     {t.Context(), errors.Join(ErrConflict, errPasses), ErrConflict, 99, 1},
		"not found":     {t.Context(), errors.Join(cycle.ErrNotFound, errPasses), cycle.ErrNotFound, 99, 1},
		"commit":        {t.Context(), commitError{errPasses}, ErrUnavailable, 99, 1},
		"nobody waits":  {canceled, errPasses, ErrUnavailable, 99, 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			tries, began := 0, time.Now()
			err := (&engine{dialect: passing{}}).retrying(tt.ctx, func() error {
				if tries++; tries > tt.failures {
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
