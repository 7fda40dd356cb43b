package natslog

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"throughline.dev/pkg/es"
)

const (
	batchCommits = 1000
	// One pull asks for so many messages and bytes; some 200,000 a second
	// come that way, and a log full of large commits stays below the
	// 64 MiB that a subscription holds back before it drops.
	pullMessages = 10_000
	pullBytes    = 32 << 20
	// A consumer that nobody reads is dropped by the server; ours ends
	// with Follow, this is for processes that died.
	consumerIdle = time.Minute
)

// Follow implements es.Log. The consumer under it starts again by itself after
// any trouble with the connection or the server; every commit is checked to be
// the next one, and after a new start the last one to be still what it was.
func (l *Log) Follow(ctx context.Context, after uint64, apply func([]es.Commit) error) error {
	f := follower{log: l, last: after,
		commits: make(chan read, 2*batchCommits),
		trouble: make(chan error, 1),
		done:    make(chan struct{}),
	}
	if err := f.check(ctx); err != nil {
		return err
	}
	config := jetstream.OrderedConsumerConfig{
		DeliverPolicy:     jetstream.DeliverByStartSequencePolicy,
		OptStartSeq:       after + 1,
		InactiveThreshold: consumerIdle,
	}
	cons, err := l.js.OrderedConsumer(ctx, StreamName, config)
	if err != nil {
		return fmt.Errorf("follow the log: %w", err)
	}
	connected := l.nc.StatusChanged(nats.CONNECTED)
	defer l.nc.RemoveStatusListener(connected)
	consuming, err := cons.Consume(f.receive,
		jetstream.PullMaxMessagesWithBytesLimit(pullMessages, pullBytes),
		jetstream.ConsumeErrHandler(f.troubled))
	if err != nil {
		return fmt.Errorf("follow the log: %w", err)
	}
	defer func() {
		close(f.done)
		consuming.Stop()
		if info := cons.CachedInfo(); info != nil {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.timeout)
			defer cancel()
			// Only tidiness: the server drops it after consumerIdle.
			_ = l.js.DeleteConsumer(ctx, StreamName, info.Name)
		}
	}()
	return f.run(ctx, connected, apply)
}

type follower struct {
	log     *Log
	commits chan read
	trouble chan error
	done    chan struct{}
	last    uint64 // position of the last commit applied
	lastID  string // and its id, if applied by this follower
}

// read is a commit, or why a message is none.
type read struct {
	commit es.Commit
	first  bool // of a consumer
	err    error
}

// receive runs in the consumer's goroutine, so that decoding and applying
// each have a core.
func (f *follower) receive(m jetstream.Msg) {
	var r read
	if meta, err := m.Metadata(); err != nil {
		r.err = fmt.Errorf("follow the log: %w", err)
	} else {
		r.commit, r.err = Read(m)
		r.commit.Position = meta.Sequence.Stream
		r.first = meta.Sequence.Consumer == 1
	}
	select {
	case f.commits <- r:
	case <-f.done:
	}
}

// troubled must not block: it is called under the consumer's lock.
func (f *follower) troubled(_ jetstream.ConsumeContext, err error) {
	select {
	case f.trouble <- err:
	default:
	}
}

func (f *follower) run(ctx context.Context, connected <-chan nats.Status, apply func([]es.Commit) error) error {
	var next *read // taken from the channel but not looked at
	for {
		if next == nil {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case err := <-f.trouble:
				if errors.Is(err, jetstream.ErrConnectionClosed) {
					return fmt.Errorf("follow the log: %w", err)
				}
				if err := f.examine(ctx); err != nil {
					return err
				}
				continue
			case <-connected:
				if err := f.examine(ctx); err != nil {
					return err
				}
				continue
			case r := <-f.commits:
				next = &r
			}
		}
		if next.first {
			if err := f.examine(ctx); err != nil {
				return err
			}
		}
		batch, rest, failed := f.gather(*next)
		next = rest
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if len(batch) > 0 {
			if err := apply(batch); err != nil {
				return err
			}
			f.last, f.lastID = batch[len(batch)-1].Position, batch[len(batch)-1].Meta.ID
		}
		if failed != nil {
			return failed
		}
	}
}

// gather makes a batch of r and what else is there, up to the first commit of
// a new consumer, which it gives back. What came before an error is still good
// and is applied first.
func (f *follower) gather(r read) (batch []es.Commit, rest *read, err error) {
	last := f.last
	for {
		switch {
		case r.commit.Position != 0 && r.commit.Position <= last:
			return batch, nil, fmt.Errorf("follow the log: %w: position %d came after %d", ErrRolledBack, r.commit.Position, last)
		case r.commit.Position > last+1:
			return batch, nil, fmt.Errorf("follow the log: %w: position %d is missing, %d came after %d",
				ErrGap, last+1, r.commit.Position, last)
		case r.err != nil:
			return batch, nil, r.err
		}
		batch = append(batch, r.commit)
		last = r.commit.Position
		if len(batch) == batchCommits {
			return batch, nil, nil
		}
		select {
		case r = <-f.commits:
			if r.first {
				return batch, &r, nil
			}
		default:
			return batch, nil, nil
		}
	}
}

// examine looks at the log after the consumer started again or had trouble. A
// server that came back without its tail hands out the same positions again
// for other commits, which no consumer notices. While the log cannot be
// reached it waits: nothing may be applied before this is known.
func (f *follower) examine(ctx context.Context) error {
	for n := 1; ; n = min(n+1, 4) {
		err := f.check(ctx)
		if err == nil || errors.Is(err, ErrRolledBack) || errors.Is(err, ErrGap) ||
			errors.Is(err, jetstream.ErrStreamNotFound) || f.log.nc.IsClosed() {
			return err
		}
		if err := pause(ctx, n); err != nil {
			return err
		}
	}
}

// check tells whether the last applied commit is still where it was.
func (f *follower) check(ctx context.Context) error {
	if f.last == 0 {
		return nil
	}
	there, err := f.log.fetch(ctx, getRequest{Seq: f.last})
	switch {
	case errors.Is(err, errNone):
		head, err := f.log.Head(ctx)
		if err != nil {
			return err
		}
		if head.Last >= f.last {
			return fmt.Errorf("follow the log: %w: position %d is missing", ErrGap, f.last)
		}
		return fmt.Errorf("follow the log: %w: it ends at %d, before %d", ErrRolledBack, head.Last, f.last)
	case err != nil:
		return fmt.Errorf("follow the log: %w", err)
	case f.lastID != "" && there.id() != f.lastID:
		return fmt.Errorf("follow the log: %w: position %d holds commit %s, it was %s", ErrRolledBack, f.last, there.id(), f.lastID)
	}
	return nil
}
