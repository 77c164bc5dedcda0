package fix

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/toctou-lint/toctou/internal/walk"
)

// ErrChanged says that a file is no longer what was analysed.
var ErrChanged = errors.New("it has changed since it was analysed; run again")

// ErrDirty says that a file has changes that git would not give back.
var ErrDirty = errors.New("it has uncommitted changes; commit them, or pass --allow-dirty")

// Write replaces the content of a file, all of it or nothing: a reader sees the old text or the
// new one, and the file keeps its mode. A symbolic link stays one; the file it leads to is
// written. before is what the change was computed from: a file that reads otherwise is left alone.
func Write(file string, before, after []byte) (err error) {
	target, err := filepath.EvalSymlinks(file)
	if err != nil {
		return err
	}
	info, err := os.Stat(target)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is no regular file", file)
	}
	tmp, err := os.CreateTemp(filepath.Dir(target), ".toctou-*.tmp")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = tmp.Close()
			_ = os.Remove(tmp.Name())
		}
	}()
	if _, err := tmp.Write(after); err != nil {
		return err
	}
	if err := tmp.Chmod(info.Mode().Perm()); err != nil {
		return err
	}
	if err := tmp.Sync(); err != nil {
		return err
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	now, err := os.ReadFile(target)
	if err != nil {
		return err
	}
	if !bytes.Equal(now, before) {
		return ErrChanged
	}
	return os.Rename(tmp.Name(), target)
}

// Clean returns ErrDirty if git knows of uncommitted changes in a file, or does not track it.
// Outside of a work tree, and without git, there is nothing to be asked: every file is clean.
func Clean(ctx context.Context, file string) error {
	target, err := filepath.EvalSymlinks(file)
	if err != nil {
		return err
	}
	dir := filepath.Dir(target)
	if walk.Git(ctx, dir, "rev-parse", "--is-inside-work-tree").Run() != nil {
		return ctx.Err()
	}
	out, err := walk.Git(ctx, dir, "status", "--porcelain", "--ignored", "--", filepath.Base(target)).Output()
	if err != nil {
		return fmt.Errorf("git status: %w", err)
	}
	if len(bytes.TrimSpace(out)) > 0 {
		return ErrDirty
	}
	return nil
}
