// Package hostile tries inputs that nobody wrote in good faith, or at all, through the command line
// and the audit: files of every wrong size, encoding and kind, trees that change while they are
// read, and projects that are built to cost time or memory.
//
// It is tests only. docs/robustness.md lists them by input; a test of package docs keeps that list
// complete. What single packages promise of their own input is tested there.
package hostile
