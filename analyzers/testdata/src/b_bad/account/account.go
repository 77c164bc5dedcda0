// Package account has objects that lock by themselves.
package account

import "sync"

type Account struct {
	mu      sync.Mutex
	balance int
}

func (a *Account) Balance() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.balance
}

func (a *Account) SetBalance(n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.balance = n
}

func (a *Account) Add(n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.balance += n
}

// Draft has no lock: whoever has one has it alone.
type Draft struct{ total int }

func (d *Draft) Total() int     { return d.total }
func (d *Draft) SetTotal(n int) { d.total = n }
