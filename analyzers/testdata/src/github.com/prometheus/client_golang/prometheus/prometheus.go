// Package prometheus has as much of the real one as the fixtures need.
package prometheus

type Counter interface{ Inc() }

type CounterVec struct{}

func (v *CounterVec) WithLabelValues(values ...string) Counter { return nil }
