package cli

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/toctou-lint/toctou/internal/audit"
	"github.com/toctou-lint/toctou/internal/config"
	"github.com/toctou-lint/toctou/internal/suppress"
	"github.com/toctou-lint/toctou/internal/walk"
	"github.com/toctou-lint/toctou/report"
	"github.com/toctou-lint/toctou/report/render"
)

// location takes FILE:LINE or FILE:LINE:COLUMN apart.
func location(arg string) (file string, line int, ok bool) {
	parts := strings.Split(arg, ":")
	for take := 1; take <= 2 && take < len(parts); take++ {
		if n, err := strconv.Atoi(parts[len(parts)-take]); err != nil || n < 1 {
			return "", 0, false
		} else if file := strings.Join(parts[:len(parts)-take], ":"); file == "" {
			return "", 0, false
		} else if take == len(parts)-1 || !isNumber(parts[len(parts)-take-1]) {
			return file, n, true
		}
	}
	return "", 0, false
}

func isNumber(s string) bool {
	_, err := strconv.Atoi(s)
	return err == nil
}

// explainLine says for one line what is reported there, or why nothing is. It analyses the
// project around the file, as check does: whether a finding stands may depend on other files.
func (a *app) explainLine(ctx context.Context, f *scanFlags, file string, line int) error {
	abs, err := filepath.Abs(file)
	if err != nil {
		return fail(exitUsage, err)
	}
	if err := inside(file, line); err != nil {
		return fail(exitUsage, err)
	}
	project := config.ProjectRoot(filepath.Dir(abs))
	cfg, err := f.settle([]string{project})
	if err != nil {
		return err
	}
	// The file is named beside the project: it may be ignored or excluded.
	au, err := a.run(ctx, f, audit.Request{Paths: []string{project, abs}, Config: cfg, Version: version(), Jobs: f.jobs, Store: f.store()})
	if err != nil {
		return err
	}
	rel, err := filepath.Rel(project, abs)
	if err != nil {
		return fail(exitUsage, err)
	}
	e := explanation{audit: au, display: display(cfg, f.latent), file: filepath.ToSlash(rel), line: line}
	return fail(exitUsage, e.write(a.stdout, render.Options{
		Rules: ruleInfo(), Color: useColor(f.color, a.stdout), Width: terminalWidth(a.stdout),
	}))
}

// inside reports why a file has no such line.
func inside(file string, line int) error {
	if _, err := walk.Root([]string{file}); err != nil {
		return err
	}
	text, err := walk.Read(file, audit.MaxSize)
	if err != nil {
		return fmt.Errorf("%s %w", file, err)
	}
	lines := suppress.Split(text)
	n := len(lines)
	if lines[n-1] == "" {
		n-- // the last line ends as it should
	}
	if line > n {
		return fmt.Errorf("%s has no line %d, it ends at line %d", file, line, n)
	}
	return nil
}

// explanation is what an audit says about one line.
type explanation struct {
	audit   *report.Audit
	display audit.Display
	file    string
	line    int
}

func (e *explanation) write(w io.Writer, opt render.Options) error {
	var b strings.Builder
	said := e.skipped(&b)
	for i := range e.audit.Findings {
		if f := &e.audit.Findings[i]; e.concerns(f) {
			said = true
			if err := e.finding(&b, f, opt); err != nil {
				return err
			}
		}
	}
	for _, n := range e.audit.Negatives {
		if n.File == e.file && n.Line <= e.line && e.line <= max(n.Line, n.EndLine) {
			said = true
			fmt.Fprintf(&b, "%s: nothing is reported about `%s` in %s:\n  %s\n", span(n), n.Place, n.Function, n.Reason)
		}
	}
	for _, t := range e.audit.Tasks {
		if t.File == e.file && t.Line == e.line && t.Rule == "" {
			said = true
			fmt.Fprintf(&b, "%s:%d: the task that runs %s is %s%s\n", t.File, t.Line, t.Target, t.Verdict, keepers(t))
		}
	}
	for _, l := range e.audit.Locks {
		if l.File == e.file && l.Line == e.line {
			said = true
			fmt.Fprintf(&b, "%s:%d: `%s` (%s): %d sections hold it, %d of them may suspend while they do\n",
				l.File, l.Line, l.Name, l.Kind, l.Holders, l.Suspending)
		}
	}
	if !said {
		e.silence(&b)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// concerns reports whether a finding's story passes the line.
func (e *explanation) concerns(f *report.Finding) bool {
	if f.File == e.file && f.Line <= e.line && e.line <= max(f.Line, f.EndLine) {
		return true
	}
	for _, s := range f.Steps {
		if s.File == e.file && s.Line <= e.line && e.line <= max(s.Line, s.EndLine) {
			return true
		}
	}
	return false
}

// finding prints one finding and what becomes of it.
func (e *explanation) finding(b *strings.Builder, f *report.Finding, opt render.Options) error {
	one := *e.audit
	shown := *f
	shown.Suppressed = nil
	one.Findings = []report.Finding{shown}
	one.Unparsed, one.Partial = nil, nil
	var text strings.Builder
	if err := render.Text(&text, &one, opt); err != nil {
		return err
	}
	drawing, _, _ := strings.Cut(text.String(), "\n\n") // without the line that counts
	b.WriteString(drawing + "\n")
	switch {
	case f.Suppressed != nil:
		fmt.Fprintf(b, "Suppressed at %s:%d: %s\n", f.Suppressed.File, f.Suppressed.Line, f.Suppressed.Reason)
	case !e.display.Shows(f):
		fmt.Fprintf(b, "Not shown by check: %s severity, %s confidence%s, is below the thresholds; the audit lists it.\n",
			f.Severity, f.Confidence, map[bool]string{true: ", latent window"}[f.Window != nil && *f.Window == report.WindowLatent])
	}
	for i, t := range f.Scenario {
		if i == 0 {
			b.WriteString("\nHow it happens:\n")
		}
		fmt.Fprintf(b, "  %d. %s: %s", i+1, t.Actor, t.Text)
		if t.State != "" {
			fmt.Fprintf(b, " → %s", t.State)
		}
		b.WriteString("\n")
	}
	b.WriteString("\n")
	return nil
}

// skipped says that the file or a part of it was not analysed.
func (e *explanation) skipped(b *strings.Builder) bool {
	said := false
	for _, s := range slices.Concat(e.audit.Unparsed, e.audit.LeftOut) {
		if s.File == e.file {
			said = true
			fmt.Fprintf(b, "%s: not analysed, or only in part: %s\n", s.File, s.Reason)
		}
	}
	return said
}

// silence says that nothing is there, and what is near.
func (e *explanation) silence(b *strings.Builder) {
	fmt.Fprintf(b, "%s:%d: nothing is reported, and no check of shared state that looks like a race begins or ends here.\n", e.file, e.line)
	near, distance := "", 1<<30
	consider := func(text string, line int) {
		if d := max(line-e.line, e.line-line); d < distance {
			near, distance = text, d
		}
	}
	for _, f := range e.audit.Findings {
		if f.File == e.file {
			consider(fmt.Sprintf("%s at line %d", f.Rule, f.Line), f.Line)
		}
	}
	for _, n := range e.audit.Negatives {
		if n.File == e.file {
			consider(fmt.Sprintf("a safe look-alike at line %d (%s)", n.Line, n.Reason), n.Line)
		}
	}
	if near != "" {
		fmt.Fprintf(b, "The nearest that there is to say in this file: %s.\n", near)
	}
}

func span(n report.Negative) string {
	if n.EndLine > n.Line {
		return fmt.Sprintf("%s:%d-%d", n.File, n.Line, n.EndLine)
	}
	return fmt.Sprintf("%s:%d", n.File, n.Line)
}

func keepers(t report.TaskUse) string {
	var out strings.Builder
	for _, k := range []struct{ text, who string }{
		{"kept by ", t.Keeper}, {"its exception is seen by ", t.Observer}, {"ended by ", t.Drain},
	} {
		if k.who != "" {
			out.WriteString("; " + k.text + k.who)
		}
	}
	return out.String()
}
