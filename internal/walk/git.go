package walk

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"time"
)

// Git returns a git command in dir that runs no program of the repository's choosing and does
// not mind from where it is called: hooks set variables that point elsewhere.
func Git(ctx context.Context, dir string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "git", append([]string{
		"-c", "core.fsmonitor=false", // names a program to run
		"-c", "core.hooksPath=" + os.DevNull,
	}, args...)...)
	cmd.Dir = dir
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "GIT_") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0", "GIT_NO_LAZY_FETCH=1")
	cmd.WaitDelay = time.Second
	return cmd
}

// gitFiles lists the files below dir that git does not ignore. It reports false where git
// cannot tell: no work tree, no git, or a folder that is ignored as a whole.
func gitFiles(ctx context.Context, dir string) ([]string, bool) {
	out, err := Git(ctx, dir, "ls-files", "-co", "--exclude-standard", "-z").Output()
	if err != nil {
		return nil, false
	}
	names := splitNul(out)
	if len(names) == 0 && Git(ctx, dir, "check-ignore", "-q", ".").Run() == nil {
		return nil, false
	}
	return names, true
}
