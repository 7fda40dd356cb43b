package natslog_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// serve starts a server on dir; it is stopped when the test ends, or before.
func serve(t testing.TB, dir string) *server.Server {
	t.Helper()
	srv, err := server.NewServer(&server.Options{ServerName: "test", DontListen: true, NoSigs: true, NoLog: true,
		JetStream: true, StoreDir: dir, JetStreamMaxStore: 1 << 30, SyncInterval: 2 * time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	srv.Start()
	t.Cleanup(func() { halt(srv) })
	if !srv.ReadyForConnections(20 * time.Second) {
		t.Fatal("the server did not start")
	}
	return srv
}

func halt(srv *server.Server) {
	srv.Shutdown()
	srv.WaitForShutdown()
}

// wire is a connection to a server that can be changed for another server, and
// that loses what lose says: the first line of a frame, and its payload.
type wire struct {
	srv  atomic.Pointer[server.Server]
	lose func(line, payload string) bool
}

func (w *wire) connect(t testing.TB) *nats.Conn {
	t.Helper()
	nc, err := nats.Connect("", nats.InProcessServer(w), nats.MaxReconnects(-1), nats.ReconnectWait(20*time.Millisecond),
		nats.ReconnectBufSize(-1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	return nc
}

// InProcessConn implements nats.InProcessConnProvider.
func (w *wire) InProcessConn() (net.Conn, error) {
	far, err := w.srv.Load().InProcessConn()
	if err != nil {
		return nil, err
	}
	near, inner := net.Pipe()
	carry := func(from, to net.Conn) {
		defer from.Close()
		defer to.Close()
		r := bufio.NewReader(from)
		for {
			line, payload, err := frame(r)
			if err != nil {
				return
			}
			if w.lose != nil && w.lose(line, payload) {
				continue
			}
			if _, err := io.WriteString(to, line+payload); err != nil {
				return
			}
		}
	}
	go carry(inner, far)
	go carry(far, inner)
	return near, nil
}

// frame reads one piece of the NATS protocol.
func frame(r *bufio.Reader) (line, payload string, err error) {
	if line, err = r.ReadString('\n'); err != nil {
		return "", "", err
	}
	words := strings.Fields(line)
	switch words[0] {
	case "PUB", "HPUB", "MSG", "HMSG":
		size, err := strconv.Atoi(words[len(words)-1])
		if err != nil {
			return "", "", fmt.Errorf("frame %q: %w", line, err)
		}
		b := make([]byte, size+2)
		if _, err := io.ReadFull(r, b); err != nil {
			return "", "", err
		}
		payload = string(b)
	}
	return line, payload, nil
}
