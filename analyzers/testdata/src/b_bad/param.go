package b_bad

import "b_bad/account"

type till struct{ fee int }

// The object is passed around, and locks by itself: its callers share it.
func (t *till) pay(a *account.Account, n int) bool {
	have := a.Balance()
	if have < n+t.fee {
		return false
	}
	a.SetBalance(have - n - t.fee) // want `lostupdate`
	return true
}

// One step: silent.
func (t *till) refund(a *account.Account, n int) { a.Add(n) }

// An object without a lock: silent.
func (t *till) round(d *account.Draft) { d.SetTotal(d.Total() / 10 * 10) }
