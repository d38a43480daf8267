package loans

import "testing"

func BenchmarkNewSchedule360(b *testing.B) {
	terms := fixed()
	terms.AccrualBasis = Actual360
	b.ReportAllocs()
	for b.Loop() {
		if _, err := NewSchedule(terms); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLevelPayment360(b *testing.B) {
	terms := fixed()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := terms.LevelPayment(); err != nil {
			b.Fatal(err)
		}
	}
}
