package natslog

import (
	"context"
	"errors"
	"fmt"
	"time"

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
// the next one, so a mistake there can only end in ErrGap.
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
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeout)
			defer cancel()
			// Only tidiness: the server drops it after consumerIdle.
			_ = l.js.DeleteConsumer(ctx, StreamName, info.Name)
		}
	}()
	return f.run(ctx, apply)
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
	err    error
}

// receive runs in the consumer's goroutine, so that decoding and applying
// each have a core.
func (f *follower) receive(m jetstream.Msg) {
	var r read
	if meta, err := m.Metadata(); err != nil {
		r.err = fmt.Errorf("follow the log: %w", err)
	} else {
		r.commit, r.err = message{subject: m.Subject(), seq: meta.Sequence.Stream,
			time: meta.Timestamp, header: m.Headers(), data: m.Data()}.commit()
		r.commit.Position = meta.Sequence.Stream
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

func (f *follower) run(ctx context.Context, apply func([]es.Commit) error) error {
	batch := make([]es.Commit, 0, batchCommits)
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-f.trouble:
			if err := f.examine(ctx, err); err != nil {
				return err
			}
			continue
		case r := <-f.commits:
			var failed error
			batch, failed = f.gather(batch[:0], r)
			if len(batch) > 0 {
				if err := apply(batch); err != nil {
					return err
				}
				f.last, f.lastID = batch[len(batch)-1].Position, batch[len(batch)-1].Meta.ID
				batch = make([]es.Commit, 0, batchCommits) // apply may keep it
			}
			if failed != nil {
				return failed
			}
		}
	}
}

// gather adds r and what else is there already. What came before an error is
// still good and is applied first.
func (f *follower) gather(batch []es.Commit, r read) ([]es.Commit, error) {
	last := f.last
	for {
		switch {
		case r.commit.Position != 0 && r.commit.Position <= last:
			return batch, fmt.Errorf("follow the log: %w: position %d came after %d", ErrRolledBack, r.commit.Position, last)
		case r.commit.Position > last+1:
			return batch, fmt.Errorf("follow the log: %w: position %d is missing, %d came after %d",
				ErrGap, last+1, r.commit.Position, last)
		case r.err != nil:
			return batch, r.err
		}
		batch = append(batch, r.commit)
		last = r.commit.Position
		if len(batch) == batchCommits {
			return batch, nil
		}
		select {
		case r = <-f.commits:
		default:
			return batch, nil
		}
	}
}

// examine looks at the log after the consumer had trouble. A server that came
// back without its tail would hand out the same positions again for other
// commits, which no consumer notices.
func (f *follower) examine(ctx context.Context, err error) error {
	if errors.Is(err, jetstream.ErrConnectionClosed) {
		return fmt.Errorf("follow the log: %w", err)
	}
	switch err := f.check(ctx); {
	case errors.Is(err, ErrRolledBack), errors.Is(err, ErrGap):
		return err
	default:
		return ctx.Err() // not reachable yet; the consumer goes on trying
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
