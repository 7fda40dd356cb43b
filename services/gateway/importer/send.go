package importer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"throughline.dev/pkg/command"
	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
	"throughline.dev/services/backlog"
)

// Names of the commands that an import sends.
const (
	importItem      = "backlog.item.import"
	importLinks     = "backlog.item.import-links"
	importComments  = "backlog.item.import-comments"
	importHistory   = "backlog.item.import-history"
	importIteration = "backlog.iteration.import"
	importEpic      = "strategy.epic.import"
	definePortfolio = "strategy.portfolio.define"
)

// attempts at a command, over some 5 s besides the waiting for the answers.
const attempts = 8

// send sends a command and tells whether anything came of it. A command that
// was lost on its way is sent again under its key, so that it takes effect
// once. The key is of this one sending and not of the content: that nothing
// changed is for the item to see, and a value that went from a to b and back
// to a in the source is three commands, not two.
func (r *run) send(ctx context.Context, name, id string, c any, occurred time.Time) (command.Answer, bool, error) {
	var body bytes.Buffer
	enc := json.NewEncoder(&body)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(c); err != nil {
		return command.Answer{}, false, fail.Invalid("", "this cannot be written as JSON: %v", err)
	}
	q := command.Request{ID: id, Body: body.Bytes(), Meta: es.Meta{Tenant: r.Tenant, Actor: r.Actor,
		Command: fmt.Sprintf("import/%s/%d", r.id, r.sent.Add(1)), Correlation: r.id, Causation: "import/" + r.id}}
	if !occurred.IsZero() {
		q.Meta.Occurred = occurred.UTC()
	}
	for n := 1; ; n++ {
		a, err := r.Client.Send(ctx, name, q)
		switch {
		case err == nil:
			r.reached(a.Position)
			return a, a.Events > 0 || a.Again && n > 1, nil
		case ctx.Err() != nil:
			return a, false, context.Cause(ctx)
		case !again(err):
			return a, false, err
		case n == attempts && errors.Is(err, command.ErrUnavailable):
			return a, false, err
		case n == attempts:
			if r.broken.Add(1) > maxBroken {
				return a, false, err
			}
			return a, false, &brokenError{err}
		}
		select {
		case <-ctx.Done():
			return command.Answer{}, false, context.Cause(ctx)
		case <-time.After(min(20*time.Millisecond<<n, 3*time.Second)):
		}
	}
}

// again tells whether a command may go through when it is sent once more:
// nobody answered, the service failed, or somebody else was faster.
func again(err error) bool {
	e, ours := fail.As(err)
	return !ours || e.Kind == fail.KindStale
}

// maxBroken is on how many commands a service may fail before the import ends.
const maxBroken = 20

// brokenError is a command on which its service fails every time. It concerns
// one row as long as there are few of them.
type brokenError struct{ cause error }

func (e *brokenError) Error() string { return e.cause.Error() }
func (e *brokenError) Unwrap() error { return e.cause }

func (r *run) reached(position uint64) {
	for {
		old := r.stopped.Load()
		if position <= old || r.stopped.CompareAndSwap(old, position) {
			return
		}
	}
}

// change sends a command to an item, or, in a dry run, decides on the item as
// the log has it: the commands of the import are pure.
func (r *run) change(ctx context.Context, name string, e *entry, c itemCommand, occurred time.Time) (bool, error) {
	if !r.DryRun {
		id := ""
		if name != importItem {
			id = r.idOf(e.key).String()
		}
		_, changed, err := r.send(ctx, name, id, c, occurred)
		return changed, err
	}
	have, _, err := r.items.State(ctx, r.Tenant, r.idOf(e.key))
	if err != nil {
		return false, err
	}
	if !have.Exists() && name != importItem {
		return true, nil // it would be made first
	}
	events, err := c.Decide(have, es.Meta{Tenant: r.Tenant, Actor: r.Actor, Time: r.began, Key: "X-0"})
	return len(events) > 0, err
}

// idOf is the id of the item that an issue becomes.
func (r *run) idOf(key string) backlog.ItemID { return backlog.ImportedItem(r.Tenant, r.source, key) }

// reasonOf tells whether an error is about one row only, and what it says.
func reasonOf(err error) (string, bool) {
	var broken *brokenError
	if errors.As(err, &broken) {
		return broken.Error(), true
	}
	if e, ours := fail.As(err); ours {
		return e.Error(), true
	}
	return "", false
}

// failed is an error that ends the import.
func failed(what, key string, err error) error { return fmt.Errorf("%s %s: %w", what, key, err) }
