package boot_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/nats-io/nats-server/v2/server"

	"throughline.dev/pkg/boot"
)

var quiet = boot.ClientOptions{Name: "test", Log: slog.New(slog.DiscardHandler)}

func TestEmbeddedNATSKeepsWhatItAcknowledged(t *testing.T) {
	dir := t.TempDir()
	for n := range uint64(3) {
		nc, stop, err := boot.EmbeddedNATS(dir, boot.NATSOptions{ClientOptions: quiet})
		if err != nil {
			t.Fatal(err)
		}
		js, err := jetstream.New(nc)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := js.CreateOrUpdateStream(t.Context(), jetstream.StreamConfig{Name: "S", Subjects: []string{"s"}}); err != nil {
			t.Fatal(err)
		}
		ack, err := js.Publish(t.Context(), "s", []byte("x"))
		if err != nil || ack.Sequence != n+1 {
			t.Fatalf("ack %+v, %v", ack, err)
		}
		if nc.MaxPayload() != 1<<20 {
			t.Errorf("max payload is %d", nc.MaxPayload())
		}
		stop()
		if !nc.IsClosed() {
			t.Error("the connection is open after stop")
		}
	}
	// Everything lies below the directory.
	found := false
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		found = found || strings.HasSuffix(path, ".blk")
		return err
	})
	if err != nil || !found {
		t.Errorf("no block file below %s, %v", dir, err)
	}
}

func TestEmbeddedNATSLimitsItsStore(t *testing.T) {
	nc, stop, err := boot.EmbeddedNATS(t.TempDir(), boot.NATSOptions{ClientOptions: quiet, MaxStore: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	_, err = js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "S", Subjects: []string{"s"}, MaxBytes: 2 << 20})
	if err == nil || !strings.Contains(err.Error(), "insufficient storage") {
		t.Errorf("a stream larger than the store: %v", err)
	}
}

func TestEmbeddedNATSSaysWhyItCannotStart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, _, err := boot.EmbeddedNATS(file, boot.NATSOptions{ClientOptions: quiet, MaxStore: 1 << 20})
	if err == nil || !strings.Contains(err.Error(), file) || !strings.Contains(err.Error(), "directory") {
		t.Errorf("got %v", err)
	}
}

func TestClosedConnectionIsTold(t *testing.T) {
	srv, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true})
	if err != nil {
		t.Fatal(err)
	}
	srv.Start()
	defer srv.Shutdown()
	if !srv.ReadyForConnections(10 * time.Second) {
		t.Fatal("no server")
	}
	told := make(chan error, 1)
	var log bytes.Buffer
	nc, err := boot.ConnectNATS(srv.ClientURL(), boot.ClientOptions{
		Log:    slog.New(slog.NewTextHandler(&log, nil)),
		Closed: func(err error) { told <- err },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	// A subject that is too long for the protocol closes the connection for good.
	if err := nc.Publish(strings.Repeat("x", 5000), nil); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	select {
	case err := <-told:
		if err == nil || !nc.IsClosed() {
			t.Errorf("told %v, closed %v", err, nc.IsClosed())
		}
	case <-ctx.Done():
		t.Fatal("nobody was told")
	}
	if !strings.Contains(log.String(), "closed for good") {
		t.Errorf("the log says %q", log.String())
	}
}

func TestConnectionWaitsForItsServer(t *testing.T) {
	nc, err := boot.ConnectNATS("nats://127.0.0.1:1", boot.ClientOptions{Log: quiet.Log, Closed: func(error) {
		t.Error("told of a close of our own")
	}})
	if err != nil {
		t.Fatal(err)
	}
	if nc.IsConnected() || nc.IsClosed() {
		t.Errorf("status is %v", nc.Status())
	}
	if err := nc.Publish("s", nil); !errors.Is(err, nats.ErrReconnectBufExceeded) {
		t.Errorf("a publish while away must fail at once: %v", err)
	}
	o := nc.Opts
	if o.MaxReconnect != -1 || o.PingInterval != 10*time.Second || o.MaxPingsOut != 2 {
		t.Errorf("options are %+v", o)
	}
	nc.Close()
}
