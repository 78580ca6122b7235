package page

// groups collects the tracks for which something is the same, in the order in
// which each thing was first met.
type groups[K comparable] struct {
	order  []K
	tracks map[K][]int
}

// add says that the thing holds for a track. It reports whether it is new.
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
