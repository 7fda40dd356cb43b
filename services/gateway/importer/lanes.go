package importer

import (
	"context"
	"hash/fnv"
	"sync"

	"throughline.dev/services/gateway/jira"
)

const (
	inFlight = 32      // commands at a time
	heavy    = 1 << 20 // bytes of issues that one token stands for
	tokens   = 48      // so many may be in memory at a time
)

// lanes run work side by side, that of one key in the order in which it came,
// and hold back whoever brings more while too much of it is in memory.
type lanes struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
	in     [inFlight]chan func()
	room   chan struct{}
	going  sync.WaitGroup
}

func openLanes(ctx context.Context) *lanes {
	l := &lanes{room: make(chan struct{}, tokens)}
	l.ctx, l.cancel = context.WithCancelCause(ctx)
	for n := range l.in {
		in := make(chan func(), 2)
		l.in[n] = in
		l.going.Go(func() {
			for f := range in {
				f()
			}
		})
	}
	return l
}

// do hands work over and returns at once unless there is too much of it; its
// error is what ended earlier work. One goroutine calls it.
func (l *lanes) do(key string, bytes int, work func(context.Context) error) error {
	need := min(1+bytes/heavy, tokens)
	for range need {
		select {
		case l.room <- struct{}{}:
		case <-l.ctx.Done():
			return context.Cause(l.ctx)
		}
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(key))
	task := func() {
		defer func() {
			for range need {
				<-l.room
			}
		}()
		if l.ctx.Err() != nil {
			return
		}
		if err := work(l.ctx); err != nil {
			l.cancel(err)
		}
	}
	select {
	case l.in[h.Sum32()%inFlight] <- task:
		return nil
	case <-l.ctx.Done():
		return context.Cause(l.ctx)
	}
}

// wait lets the work end and returns what ended it early; err is the caller's
// own and stops what has not begun.
func (l *lanes) wait(err error) error {
	if err != nil {
		l.cancel(err)
	}
	for _, in := range l.in {
		close(in)
	}
	l.going.Wait()
	err = context.Cause(l.ctx)
	l.cancel(nil)
	return err
}

// size is roughly how many bytes an issue holds.
func size(i jira.Issue) int {
	n := len(i.Description) + len(i.Summary)
	for _, c := range i.Comments {
		n += len(c.Text)
	}
	for _, c := range i.History {
		n += len(c.From) + len(c.To) + 64
	}
	for _, w := range i.Worklogs {
		n += len(w.Text)
	}
	for name, values := range i.Custom {
		n += len(name)
		for _, v := range values {
			n += len(v)
		}
	}
	return n
}
