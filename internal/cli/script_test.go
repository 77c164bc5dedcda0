package cli

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/toctou-lint/toctou/analyzers/vettool"
)

var update = flag.Bool("update", false, "rewrite the expected output in testdata/script")

func TestMain(m *testing.M) {
	if vettool.Wanted(os.Args[1:]) { // the Go front end runs this binary as go vet's tool
		vettool.Main()
	}
	_ = os.Setenv(cacheEnv, cmp.Or(os.Getenv(cacheEnv), "off")) // cannot fail for this name
	testscript.Main(m, map[string]func(){
		"toctou": func() {
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
			defer stop()
			os.Exit(Run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
		},
	})
}

// The transcripts: what a user types and sees. `go test ./internal/cli -update` rewrites what
// `cmp` compares.
func TestScripts(t *testing.T) {
	goEnv := goEnvironment(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("SOURCE_DATE_EPOCH", "1760054400") // 2025-10-10
			env.Setenv("HOME", env.WorkDir)
			env.Setenv(cacheEnv, "off") // scripts that want a cache say where
			env.Setenv("VETTOOL", self) // what `which toctou` says where it is installed
			env.Setenv("GIT_CEILING_DIRECTORIES", env.WorkDir)
			for k, v := range goEnv {
				env.Setenv(k, v)
			}
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"code": checkCode,
		},
	})
}

// checkCode is `code N COMMAND ARGS...`: COMMAND exits with N. Its output can be compared afterwards.
func checkCode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: code N COMMAND ARGS...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("%v exits with %d, want %d", args[1:], got, want)
	}
}

// goEnvironment is what the go command needs to find its caches from another home.
func goEnvironment(t *testing.T) map[string]string {
	t.Helper()
	names := []string{"GOCACHE", "GOMODCACHE", "GOFLAGS", "GOPROXY", "GOTOOLCHAIN"}
	out, err := exec.Command("go", append([]string{"env"}, names...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	env := map[string]string{}
	for i, v := range strings.Split(strings.TrimSuffix(string(out), "\n"), "\n") {
		env[names[i]] = v
	}
	return env
}
