package cycle

import "time"

// First returns the window for an update that came on the day released and is offered at an instant.
func (w Window) First(released Date, offered time.Time) Span { return w.on(w.first(released, offered)) }
