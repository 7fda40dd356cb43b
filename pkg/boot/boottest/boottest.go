// Package boottest gives tests what the program runs on: a real NATS server, a
// log in it, and a real Redis, each fresh and stopped when the test ends.
package boottest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"throughline.dev/pkg/boot"
	"throughline.dev/pkg/es/natslog"
)

// NATS starts an embedded server with a store of its own. It does not wait for
// the disk; see DurableNATS.
func NATS(t testing.TB) *nats.Conn {
	t.Helper()
	return start(t, true)
}

// DurableNATS is NATS with an fsync before every acknowledgement, as in production.
func DurableNATS(t testing.TB) *nats.Conn {
	t.Helper()
	return start(t, false)
}

func start(t testing.TB, noSync bool) *nats.Conn {
	t.Helper()
	warnings := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	nc, stop, err := boot.EmbeddedNATS(t.TempDir(), boot.NATSOptions{
		NoSync:        noSync,
		MaxStore:      4 << 30,
		ClientOptions: boot.ClientOptions{Name: t.Name(), Log: warnings},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return nc
}

// Log returns an empty log on a server of its own.
func Log(t testing.TB) *natslog.Log {
	t.Helper()
	return LogOn(t, NATS(t))
}

// LogOn returns the log of the server behind nc, made if it is not there.
func LogOn(t testing.TB, nc *nats.Conn) *natslog.Log {
	t.Helper()
	log, err := natslog.Open(t.Context(), nc, natslog.Options{Create: true, MaxBytes: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	return log
}

// Redis starts a redis-server that keeps nothing on disk and listens on a unix
// socket only, and returns its URL for redis.ParseURL.
func Redis(t testing.TB) string {
	t.Helper()
	binary, err := exec.LookPath("redis-server")
	if err != nil {
		t.Fatal("this test needs a real Redis: install redis-server 7 or newer " +
			"(apt-get install redis-server, brew install redis) so that it is on the PATH")
	}
	// Not t.TempDir: a socket's path has at most 107 bytes and test names are long.
	dir, err := os.MkdirTemp("", "redis")
	if err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(dir, "s")
	// The shell ends Redis when its standard input closes, which also
	// happens when the test process is killed: none is ever left over.
	cmd := exec.Command("sh", "-c", `"$@" & cat >/dev/null; kill -9 $!`, "sh", binary,
		"--port", "0", "--unixsocket", socket, "--dir", dir,
		"--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait() // "signal: killed" is how it should end
		_ = os.RemoveAll(dir)
	})
	if err := ready(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	return "unix://" + socket
}

// ready reads Redis's log until it accepts connections, and goes on reading
// so that Redis never waits for a reader.
func ready(ctx context.Context, out io.Reader) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	up := make(chan error, 1)
	go func() {
		var said strings.Builder
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if strings.Contains(lines.Text(), "eady to accept connections") {
				up <- nil
				_, _ = io.Copy(io.Discard, out)
				return
			}
			fmt.Fprintln(&said, lines.Text())
		}
		up <- errors.New("redis-server ended at once:\n" + said.String())
	}()
	select {
	case err := <-up:
		return err
	case <-ctx.Done():
		return errors.New("redis-server was not ready within 20 s")
	}
}
