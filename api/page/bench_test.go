package page_test

import (
	"testing"

	"github.com/cyclecal/cyclecal/api/page"
)

// What one page costs, before it is kept.
func BenchmarkRender(b *testing.B) {
	for _, bb := range []struct {
		name string
		ids  []string
	}{
		{"all", nil},
		{"one", []string{windows11}},
	} {
		b.Run(bb.name, func(b *testing.B) {
			in := lookAt(b, today, bb.ids...)
			b.ReportAllocs()
			for b.Loop() {
				body, err := page.Render(in)
				if err != nil {
					b.Fatal(err)
				}
				b.SetBytes(int64(len(body)))
			}
		})
	}
}
