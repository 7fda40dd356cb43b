// Package natslog keeps the log of commits in a NATS JetStream stream: one
// message is one commit, the stream's sequence is the position, the subject is
// the aggregate. It works the same on one server and on a replicated cluster,
// and answers that a commit is there only when it has been read back or
// acknowledged by a server that wrote it to disk first.
package natslog

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"throughline.dev/pkg/es"
)

// StreamName is the name of the stream that holds every commit.
const StreamName = "PLAN"

// maxMessage is the largest message the stream takes, in bytes: a commit of
// maxCommit with its envelope, and room for what servers add.
const maxMessage = 512 << 10

// attempts of one append: the first and at most three more.
const attempts = 4

var (
	// ErrUnavailable is a log that did not take the commit and does not have
	// it, after several attempts. It may still arrive; the same commit may be
	// appended again at any time. The edge answers 503.
	ErrUnavailable = es.ErrUnavailable
	// ErrFull is an ErrUnavailable that lasts until the stream's MaxBytes is raised.
	ErrFull = fmt.Errorf("%w: it is full", ErrUnavailable)
	// ErrGap is a position that should hold a commit and does not: the log is damaged.
	ErrGap = errors.New("the log has a gap")
	// ErrRolledBack is a log that ends before a position it once had, or has
	// another commit there: it was restored from a backup or has lost its tail.
	ErrRolledBack = errors.New("the log was rolled back")
	// ErrUnreadable is a message in the log that is not a commit of its subject.
	ErrUnreadable = errors.New("not a commit")
)

// Options are the stream's settings.
type Options struct {
	Replicas int   // 1, 3 or 5 servers that keep a copy; default 1
	MaxBytes int64 // size at which the log refuses commits, below that of the volume; default 0, no limit
	Create   bool  // make the stream if it is not there, and adopt Replicas and MaxBytes if it is
}

// Log implements es.Log.
type Log struct {
	nc         *nats.Conn
	js         jetstream.JetStream
	replicated bool
	timeout    time.Duration // of one request to the server
}

// Open returns the log of the server behind nc. Without Create it must be
// there. A stream with other settings than the log needs is an error that
// names them.
func Open(ctx context.Context, nc *nats.Conn, o Options) (*Log, error) {
	js, err := jetstream.New(nc)
	if err != nil {
		return nil, fmt.Errorf("open the log: %w", err)
	}
	if o.Replicas == 0 {
		o.Replicas = 1
	}
	l := &Log{nc: nc, js: js, timeout: 5 * time.Second}
	ctx, cancel := context.WithTimeout(ctx, 2*l.timeout)
	defer cancel()
	stream, err := js.Stream(ctx, StreamName)
	switch {
	case err == nil && o.Create:
		have := stream.CachedInfo().Config
		if have.Replicas == o.Replicas && have.MaxBytes == config(o).MaxBytes {
			break
		}
		have.Replicas, have.MaxBytes = o.Replicas, config(o).MaxBytes
		stream, err = js.UpdateStream(ctx, have)
	case errors.Is(err, jetstream.ErrStreamNotFound) && o.Create:
		stream, err = js.CreateStream(ctx, config(o))
	}
	if err != nil {
		return nil, fmt.Errorf("open the log, stream %s: %w", StreamName, err)
	}
	have := stream.CachedInfo().Config
	if err := check(have); err != nil {
		return nil, fmt.Errorf("open the log: stream %s was made with other settings: %w", StreamName, err)
	}
	l.replicated = have.Replicas > 1
	return l, nil
}

func config(o Options) jetstream.StreamConfig {
	if o.MaxBytes <= 0 {
		o.MaxBytes = -1
	}
	return jetstream.StreamConfig{
		Name:              StreamName,
		Description:       "Throughline: every commit; the truth",
		Subjects:          []string{"ev.>"},
		Retention:         jetstream.LimitsPolicy,
		Storage:           jetstream.FileStorage,
		Replicas:          o.Replicas,
		Discard:           jetstream.DiscardNew,
		MaxBytes:          o.MaxBytes,
		MaxMsgs:           -1,
		MaxMsgsPerSubject: -1,
		MaxConsumers:      -1,
		MaxMsgSize:        maxMessage,
		Duplicates:        2 * time.Minute,
		DenyDelete:        true,
		DenyPurge:         true,
		AllowDirect:       true,
		Compression:       jetstream.NoCompression,
	}
}

// check compares what the log's promises rest on.
func check(have jetstream.StreamConfig) error {
	want := config(Options{})
	var errs []error
	must := func(ok bool, setting string, is, should any) {
		if !ok {
			errs = append(errs, fmt.Errorf("%s is %v and must be %v", setting, is, should))
		}
	}
	must(len(have.Subjects) == 1 && have.Subjects[0] == want.Subjects[0], "subjects", have.Subjects, want.Subjects)
	must(have.Retention == want.Retention, "retention", have.Retention, want.Retention)
	must(have.Storage == want.Storage, "storage", have.Storage, want.Storage)
	must(have.Discard == want.Discard, "discard", have.Discard, want.Discard)
	must(have.MaxAge == 0, "max_age", have.MaxAge, "none")
	must(have.MaxMsgs <= 0, "max_msgs", have.MaxMsgs, "none")
	must(have.MaxMsgsPerSubject <= 0, "max_msgs_per_subject", have.MaxMsgsPerSubject, "none")
	must(have.MaxMsgSize < 0 || have.MaxMsgSize >= want.MaxMsgSize, "max_msg_size", have.MaxMsgSize, want.MaxMsgSize)
	must(have.DenyDelete, "deny_delete", have.DenyDelete, true)
	must(have.DenyPurge, "deny_purge", have.DenyPurge, true)
	must(have.AllowDirect, "allow_direct", have.AllowDirect, true)
	must(!have.AllowRollup, "allow_rollup_hdrs", have.AllowRollup, false)
	must(!have.AllowMsgTTL, "allow_msg_ttl", have.AllowMsgTTL, false)
	must(!have.NoAck, "no_ack", have.NoAck, false)
	must(have.PersistMode != jetstream.AsyncPersistMode, "persist_mode", "async", "default")
	return errors.Join(errs...)
}

// Append implements es.Log. Whatever the server says but a plain
// acknowledgement is settled by reading the first commit after expected: as
// every writer names the version it expects, that commit alone took the place.
func (l *Log) Append(ctx context.Context, c es.Commit, expected uint64) (uint64, error) {
	msg, err := encode(c)
	if err != nil {
		return 0, err
	}
	var said error
	for n := range attempts {
		if n > 0 {
			if err := pause(ctx, n); err != nil {
				return 0, fmt.Errorf("append to %s: %w", msg.Subject, err)
			}
		}
		ack, err := l.publish(ctx, msg, expected)
		if err == nil && !ack.Duplicate {
			return ack.Sequence, nil
		}
		if ctx.Err() != nil {
			return 0, fmt.Errorf("append to %s: %w", msg.Subject, ctx.Err())
		}
		position, settled, rerr := l.settle(ctx, c, expected, ack)
		if settled {
			return position, rerr
		}
		if said = errors.Join(err, rerr); said == nil {
			said = errors.New("acknowledged as a duplicate of a commit that is not there")
		}
		if full(err) {
			return 0, fmt.Errorf("append to %s: %w: %w", msg.Subject, ErrFull, said)
		}
		if rerr == nil && wrongVersion(err) && expected > 0 {
			if there, aerr := l.fetch(ctx, getRequest{Seq: expected}); errors.Is(aerr, errNone) ||
				aerr == nil && there.subject != msg.Subject {
				return 0, es.ErrConflict // nothing is at expected: it never was this stream's version
			}
		}
	}
	return 0, fmt.Errorf("append to %s: %w: %w", msg.Subject, ErrUnavailable, said)
}

func (l *Log) publish(ctx context.Context, msg *nats.Msg, expected uint64) (*jetstream.PubAck, error) {
	ctx, cancel := context.WithTimeout(ctx, l.timeout)
	defer cancel()
	return l.js.PublishMsg(ctx, msg,
		jetstream.WithExpectStream(StreamName),
		jetstream.WithExpectLastSequencePerSubject(expected),
		jetstream.WithRetryAttempts(0))
}

// settle reads who took the place after expected. Not settled: nobody yet, or
// it could not be read.
func (l *Log) settle(ctx context.Context, c es.Commit, expected uint64, ack *jetstream.PubAck) (position uint64, settled bool, err error) {
	first, err := l.fetch(ctx, getRequest{Seq: expected + 1, NextFor: c.Stream.Subject()})
	switch {
	case err == nil && first.id() == c.Meta.ID:
		return first.seq, true, nil
	case err == nil:
		return 0, true, es.ErrConflict
	case !errors.Is(err, errNone):
		return 0, false, err
	}
	if ack != nil && ack.Duplicate && ack.Sequence > 0 && ack.Sequence <= expected {
		// Appended before, and the caller already knows a later version.
		before, err := l.fetch(ctx, getRequest{Seq: ack.Sequence})
		if err == nil && before.subject == c.Stream.Subject() && before.id() == c.Meta.ID {
			return before.seq, true, nil
		}
	}
	return 0, false, nil
}

// pause waits before the n-th retry: 10, 40, 160 ms, less a random half, so
// that writers who failed together do not come back together.
func pause(ctx context.Context, n int) error {
	d := 10 * time.Millisecond << (2 * (n - 1))
	d -= time.Duration(rand.Int64N(int64(d / 2)))
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

func wrongVersion(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && (api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence ||
		api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant)
}

// full tells the one store error that comes with a clean stream: max_bytes.
// The server gives all store errors one code.
func full(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && api.Description == "maximum bytes exceeded"
}

// Head implements es.Log. The epoch is the stream's moment of creation, to the
// nanosecond: a log that was made again has another one. A restored log keeps
// it; what tells that one is the commit at a checkpoint.
func (l *Log) Head(ctx context.Context) (es.Head, error) {
	ctx, cancel := context.WithTimeout(ctx, l.timeout)
	defer cancel()
	stream, err := l.js.Stream(ctx, StreamName)
	if err != nil {
		return es.Head{}, fmt.Errorf("head of the log: %w", err)
	}
	info := stream.CachedInfo()
	return es.Head{
		Epoch: info.Created.UTC().Format("20060102T150405.000000000Z"),
		Last:  info.State.LastSeq,
	}, nil
}
