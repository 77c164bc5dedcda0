package walk

import (
	"errors"
	"io"
	"os"
	"syscall"
)

// Read reads a regular file, at most limit bytes of it. It does not wait on a named pipe that
// took the file's place since the walk.
func Read(abs string, limit int64) ([]byte, error) { return ReadInto(new([]byte), abs, limit) }

// ReadInto is Read into the memory of *into, which is replaced if it is too small.
func ReadInto(into *[]byte, abs string, limit int64) ([]byte, error) {
	f, err := os.OpenFile(abs, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, errors.New(reason(err))
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, errors.New(reason(err))
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("is " + kind(info.Mode()) + ", not a regular file")
	}
	size := min(info.Size(), limit)
	if int64(cap(*into)) <= size {
		*into = make([]byte, 0, max(size+1, 2*int64(cap(*into))))
	}
	buf := (*into)[:0]
	for {
		n, err := f.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		switch {
		case errors.Is(err, io.EOF) || int64(len(buf)) >= limit:
			return buf[:min(int64(len(buf)), limit)], nil
		case err != nil:
			return nil, errors.New(reason(err))
		case len(buf) == cap(buf): // it grew while it was read
			buf = append(buf, 0)[:len(buf)]
		}
	}
}
