package tasks

import "golang.org/x/sync/errgroup"

// The group has the error; nobody asks for it.
func (s *svc) Each(fs []func() error) {
	var g errgroup.Group
	for _, f := range fs {
		g.Go(func() error { return f() }) // want `unobservedfailure`
	}
	g.Wait()
}

func (s *svc) All(fs []func() error) error {
	var g errgroup.Group
	for _, f := range fs {
		g.Go(func() error { return f() })
	}
	return g.Wait()
}

// Nothing fails.
func (s *svc) Keys(ks []string) {
	var g errgroup.Group
	for _, k := range ks {
		g.Go(func() error {
			s.flush(k)
			return nil
		})
	}
	g.Wait()
}

// It says so.
func (s *svc) Some(fs []func() error) {
	var g errgroup.Group
	for _, f := range fs {
		g.Go(func() error { return f() })
	}
	_ = g.Wait()
}
