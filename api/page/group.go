package page

// groups collects the tracks that share something, in the order in which each shared thing was first
// added. Tracks are indexes of the input's schedules.
type groups[K comparable] struct {
	order  []K
	tracks map[K][]int
}

// add adds a track to those that share k. It reports whether k is new.
func (g *groups[K]) add(k K, track int) bool {
	if g.tracks == nil {
		g.tracks = map[K][]int{}
	}
	first := g.tracks[k] == nil
	if first {
		g.order = append(g.order, k)
	}
	g.tracks[k] = append(g.tracks[k], track)
	return first
}
