package store

import (
	"context"
	"testing"
	"testing/synctest"
)

// A store may be closed before what its listeners listen for.
func TestHintsAfterClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h hints
		ctx, cancel := context.WithCancel(t.Context())
		c := h.listen(ctx)
		h.close()
		cancel()
		synctest.Wait()
		if _, open := <-c; open {
			t.Error("a closed store gave a hint")
		}
	})
}
