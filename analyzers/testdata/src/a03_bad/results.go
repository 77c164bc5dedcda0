package a03_bad

import (
	"net/http"
	"sync"
)

type visit struct {
	token string
	user  string
	hits  int
}

type visits struct {
	mu sync.Mutex
	m  map[string]visit
}

func (v *visits) find(token string) (visit, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	x, ok := v.m[token]
	return x, ok
}

func (v *visits) save(x *visit) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.m[x.token] = *x
}

func (v *visits) put(token string, x visit) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.m[token] = x
}

// Of two results only one is asked, and what is put is named after the question.
func (v *visits) Begin(token, user string, check func(string) bool) bool {
	if _, used := v.find(token); used || !check(user) {
		return false
	}
	v.save(&visit{token: token, user: user}) // want `checkthenact`
	return true
}

// api is passed by value; what it points to is the same for all.
type api struct {
	name   string
	visits *visits
}

func (a api) Count(w http.ResponseWriter, r *http.Request) {
	token := r.FormValue("token")
	x, _ := a.visits.find(token)
	x.hits++
	a.visits.put(token, x) // want `lostupdate`
}
