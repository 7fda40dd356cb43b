// Package boot brings up what the program runs on: the data directory and its
// lock, the embedded NATS server, and the connection to a NATS cluster.
package boot

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// LockDir makes dir, for its owner only, and takes it for this process: two
// servers on one store would destroy it. The kernel gives the lock back when
// the process ends, however it ends. A directory in use is an error that names
// the process.
func LockDir(dir string) (unlock func(), err error) {
	if dir == "" {
		return nil, errors.New("the data directory has no name")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = inUse(dir, f)
	} else if err == nil {
		err = sign(f)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	// The file stays: removing it would let a third process lock a new
	// file of that name while a second one still waits at the old one.
	return func() { _ = f.Close() }, nil
}

func inUse(dir string, f *os.File) error {
	b, err := io.ReadAll(io.LimitReader(f, 20))
	pid := strings.TrimSpace(string(b))
	if err != nil || pid == "" {
		return fmt.Errorf("%s is in use by another process", dir)
	}
	return fmt.Errorf("%s is in use by process %s", dir, pid)
}

// sign writes who holds the lock, for the message of the next one.
func sign(f *os.File) error {
	if err := f.Truncate(0); err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	if _, err := f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0); err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	return nil
}
