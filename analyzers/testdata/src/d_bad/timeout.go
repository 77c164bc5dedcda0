package d_bad

import (
	"context"
	"os"
	"time"
)

type sender interface {
	Send(ctx context.Context, text string) error
}

type bell struct {
	out sender
	log *os.File
}

func (b *bell) ring(text string) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := b.out.Send(ctx, text); err != nil {
		b.log.WriteString(err.Error())
	}
}

// A time limit is no owner: it goes on for a minute after Close.
func (b *bell) Ring(text string) {
	go b.ring(text) // want `untrackedtask`
}

func (b *bell) Close() error { return b.log.Close() }
