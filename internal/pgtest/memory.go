package pgtest

import (
	"runtime"
	"time"
)

// Peak samples the heap until stop is called, which returns by how many MB it grew.
func Peak() (stop func() float64) {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	before, most, done, out := m.HeapInuse, m.HeapInuse, make(chan struct{}), make(chan float64)
	go func() {
		for {
			select {
			case <-done:
				out <- float64(most-before) / (1 << 20)
				return
			case <-time.After(50 * time.Millisecond):
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapInuse)
			}
		}
	}()
	return func() float64 { close(done); return <-out }
}
