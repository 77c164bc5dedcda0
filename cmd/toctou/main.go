// Command toctou finds state that was checked, then acted on after someone else had the chance
// to change it, and tasks that nobody tracks.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/toctou-lint/toctou/analyzers/vettool"
	"github.com/toctou-lint/toctou/internal/cli"
)

func main() {
	if vettool.Wanted(os.Args[1:]) { // the go command runs this binary as its vet tool
		vettool.Main()
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C kills
	os.Exit(cli.Run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
