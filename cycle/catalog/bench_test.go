package catalog_test

import (
	"testing"

	"github.com/cyclecal/cyclecal/cycle"
	"github.com/cyclecal/cyclecal/cycle/catalog"
)

func BenchmarkLoad(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := catalog.Load(); err != nil {
			b.Fatal(err)
		}
	}
}

// All tracks that ship, as of today.
func BenchmarkCompile(b *testing.B) {
	facts, asOf := load(b), day(b, today)
	b.ReportAllocs()
	for b.Loop() {
		for _, f := range facts {
			cycle.Compile(f, asOf)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(facts)), "ns/track")
}

func BenchmarkKind(b *testing.B) {
	var schedules []cycle.Schedule
	for _, f := range load(b) {
		schedules = append(schedules, cycle.Compile(f, day(b, today)))
	}
	june := month(b, "2026-06")
	b.ReportAllocs()
	for b.Loop() {
		for _, s := range schedules {
			s.Kind(june)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(schedules)), "ns/kind")
}
