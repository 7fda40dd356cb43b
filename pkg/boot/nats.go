package boot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// maxPayload is the largest message that a client may send, in bytes. A commit
// message has at most 512 KiB; an API body that travels as a command 256 KiB.
const maxPayload = 1 << 20

// startTime is how long the embedded server may take to recover its store.
const startTime = 2 * time.Minute

// ClientOptions steer a connection to NATS. The zero value is usable.
type ClientOptions struct {
	Name      string       // shown in the server's list of connections
	CredsFile string       // path of the .creds file of this service's user; empty: none, or in the URL
	Log       *slog.Logger // default slog.Default()
	// Closed is called when the connection is gone for good, and not by our Close,
	// with the last error seen. Nothing works afterwards: be unready and exit.
	Closed func(error)
}

// NATSOptions steer the embedded server.
type NATSOptions struct {
	ClientOptions
	MaxStore int64 // bytes that JetStream may use in all; default 80 % of the volume
	// NoSync acknowledges up to two minutes before the fsync. Only for tests:
	// a power cut loses acknowledged work.
	NoSync bool
}

// EmbeddedNATS runs a NATS server with JetStream inside this process, without
// a listener, its store under dir, and returns a connection to it and what
// stops both. Every write is on disk before it is acknowledged. The caller
// holds LockDir(dir).
func EmbeddedNATS(dir string, o NATSOptions) (*nats.Conn, func(), error) {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.MaxStore == 0 {
		size, err := storeSize(dir)
		if err != nil {
			return nil, nil, err
		}
		o.MaxStore = size
	}
	// SyncInterval has to be set beside SyncAlways: at 0 the file store
	// would take its own default.
	opts := &server.Options{
		ServerName:             "throughline",
		DontListen:             true,
		NoSigs:                 true,
		NoLog:                  true,
		MaxPayload:             maxPayload,
		JetStream:              true,
		DisableJetStreamBanner: true,
		StoreDir:               dir,
		JetStreamMaxStore:      o.MaxStore,
		SyncAlways:             !o.NoSync,
		SyncInterval:           2 * time.Minute,
	}
	srv, err := server.NewServer(opts)
	if err != nil {
		return nil, nil, fmt.Errorf("embedded NATS in %s: %w", dir, err)
	}
	log := &serverLog{log: o.Log.With("part", "nats")}
	srv.SetLoggerV2(log, false, false, false)
	srv.Start()
	halt := func() {
		srv.Shutdown()
		srv.WaitForShutdown()
	}
	// A server that cannot start only logs why, as fatal, and stays as it is.
	if reason, ok := log.fatal.Load().(string); ok {
		halt()
		return nil, nil, fmt.Errorf("embedded NATS in %s: %s", dir, reason)
	}
	if !srv.ReadyForConnections(startTime) || !srv.JetStreamEnabled() {
		halt()
		return nil, nil, fmt.Errorf("embedded NATS in %s was not ready after %s", dir, startTime)
	}
	nc, err := connect("", o.ClientOptions, nats.InProcessServer(srv))
	if err != nil {
		halt()
		return nil, nil, fmt.Errorf("embedded NATS in %s: %w", dir, err)
	}
	stop := func() {
		nc.Close()
		halt()
	}
	return nc, stop, nil
}

// ConnectNATS connects to a NATS server or cluster, url as in
// nats://user:password@host:4222, several with commas between. A server that
// is not there yet is not an error: the connection goes on trying.
func ConnectNATS(url string, o ClientOptions) (*nats.Conn, error) {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	nc, err := connect(url, o)
	if err != nil {
		return nil, fmt.Errorf("connect to NATS: %w", err)
	}
	return nc, nil
}

func connect(url string, o ClientOptions, more ...nats.Option) (*nats.Conn, error) {
	log := o.Log.With("part", "nats-client")
	opts := []nats.Option{
		nats.Name(o.Name),
		nats.MaxReconnects(-1),
		nats.RetryOnFailedConnect(true),
		// Without a reconnect buffer a publish fails at once while the
		// connection is down; buffered, it could be sent long after its
		// caller was told that it failed.
		nats.ReconnectBufSize(-1),
		nats.PingInterval(10 * time.Second),
		nats.MaxPingsOutstanding(2),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				log.Warn("connection lost, trying again", "err", err)
			}
		}),
		nats.ReconnectHandler(func(nc *nats.Conn) {
			log.Info("connected again", "server", nc.ConnectedServerName())
		}),
		nats.ErrorHandler(func(_ *nats.Conn, sub *nats.Subscription, err error) {
			if sub != nil {
				log.Warn("subscription", "subject", sub.Subject, "err", err)
				return
			}
			log.Warn("connection", "err", err)
		}),
		nats.NoCallbacksAfterClientClose(), // a Close of our own is no news
		nats.ClosedHandler(func(nc *nats.Conn) {
			err := nc.LastError()
			log.Error("connection closed for good", "err", err)
			if o.Closed != nil {
				o.Closed(err)
			}
		}),
	}
	if o.CredsFile != "" {
		opts = append(opts, nats.UserCredentials(o.CredsFile))
	}
	return nats.Connect(url, append(opts, more...)...)
}

// storeSize is 80 % of the volume under dir, in bytes.
func storeSize(dir string) (int64, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return 0, fmt.Errorf("data directory: %w", err)
	}
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil {
		return 0, fmt.Errorf("size of the volume of %s: %w", dir, err)
	}
	size := float64(fs.Blocks) * float64(fs.Bsize) * 0.8
	if size < 1 || size > math.MaxInt64/2 {
		return 0, errors.New("the volume of " + dir + " does not tell its size; set the store's size by hand")
	}
	return int64(size), nil
}

// serverLog passes the server's log on. It keeps the fatal line, since the
// server has no other way to say why it did not start.
type serverLog struct {
	log   *slog.Logger
	fatal atomic.Value // string
}

func (l *serverLog) write(level slog.Level, format string, args []any) {
	if l.log.Enabled(context.Background(), level) {
		l.log.Log(context.Background(), level, fmt.Sprintf(format, args...))
	}
}

func (l *serverLog) Noticef(format string, args ...any) { l.write(slog.LevelDebug, format, args) }
func (l *serverLog) Debugf(format string, args ...any)  { l.write(slog.LevelDebug-4, format, args) }
func (l *serverLog) Tracef(format string, args ...any)  { l.write(slog.LevelDebug-8, format, args) }
func (l *serverLog) Warnf(format string, args ...any)   { l.write(slog.LevelWarn, format, args) }
func (l *serverLog) Errorf(format string, args ...any)  { l.write(slog.LevelError, format, args) }
func (l *serverLog) Fatalf(format string, args ...any) {
	l.fatal.Store(fmt.Sprintf(format, args...))
	l.write(slog.LevelError, format, args)
}
