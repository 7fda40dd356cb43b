package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"throughline.dev/pkg/api"
	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
)

// Entry is one event of the change feed.
type Entry struct {
	Position    uint64          `json:"position" doc:"Place in the log; events of one command share it."`
	ID          string          `json:"id" doc:"Of the event; stable, use it to notice a repetition."`
	Type        string          `json:"type" doc:"The stored name, such as strategy.epic.go-decided.v1."`
	Context     string          `json:"context"`
	Aggregate   string          `json:"aggregate"`
	Subject     string          `json:"subject" doc:"Id of the aggregate to which it happened."`
	Time        time.Time       `json:"time" doc:"When it was recorded."`
	OccurredAt  *time.Time      `json:"occurredAt,omitempty" doc:"When it happened, where that differs (imports)."`
	Actor       string          `json:"actor,omitempty" doc:"Id of the person."`
	ActingAs    string          `json:"actingAs,omitempty" doc:"The role, or the policy."`
	Correlation string          `json:"correlation,omitempty"`
	Causation   string          `json:"causation,omitempty"`
	Proposal    string          `json:"proposal,omitempty"`
	Data        json.RawMessage `json:"data"`
}

func entries(c es.Commit) []Entry {
	out := make([]Entry, len(c.Events))
	for i, r := range c.Events {
		m := c.Meta
		out[i] = Entry{Position: c.Position, ID: c.EventID(i), Type: r.Name, Context: c.Stream.Context(), Aggregate: c.Stream.Aggregate(),
			Subject: c.Stream.ID(), Time: m.Time, Actor: m.Actor.String(), ActingAs: m.ActingAs,
			Correlation: m.Correlation, Causation: m.Causation, Proposal: m.Proposal, Data: r.Data}
		if !m.Occurred.IsZero() {
			out[i].OccurredAt = &m.Occurred
		}
	}
	return out
}

// heartbeat keeps proxies from closing a quiet stream.
const heartbeat = 15 * time.Second

// events is the organisation's change feed in the order of the log: JSON lines
// up to now, or, for Accept: text/event-stream or ?follow=true, without end.
// A reader that comes back says after=<position of the last event it has>.
func (g *Gateway) events(c echo.Context) error {
	p, err := api.From(c.Request().Context())
	if err != nil {
		return err
	}
	after, err := feedPosition(c.Request())
	if err != nil {
		return err
	}
	limit, err := feedLimit(c.QueryParam("limit"))
	if err != nil {
		return err
	}
	sse := strings.Contains(c.Request().Header.Get("Accept"), "text/event-stream")
	follow := sse || c.QueryParam("follow") == "true"
	ctx, cancel := g.untilClosing(c.Request().Context())
	defer cancel()
	head, err := g.log.Head(ctx)
	if err != nil {
		return err
	}
	if after > head.Last {
		return fail.Invalid("after", "the log ends at %d; %d is yet to come", head.Last, after)
	}
	w := newStream(c, sse)
	if !follow && after == head.Last {
		return nil
	}
	if follow {
		stop := w.beat(ctx, heartbeat)
		defer stop()
	}
	want := feedFilter(c.Request())
	err = g.log.Follow(ctx, after, func(batch []es.Commit) error {
		for _, commit := range batch {
			if commit.Stream.Tenant() == p.Tenant {
				n, err := w.write(commit.Position, entries(commit), want)
				if err != nil {
					return err
				}
				if limit -= n; limit <= 0 && !follow {
					return errFeedDone
				}
			}
			if !follow && commit.Position >= head.Last {
				return errFeedDone
			}
		}
		return w.flush()
	})
	if errors.Is(err, errFeedDone) {
		return w.flush()
	}
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// untilClosing returns a context that also ends when the server stops.
func (g *Gateway) untilClosing(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		select {
		case <-g.closing:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

var errFeedDone = errors.New("the feed's end for now")

// feedFilter keeps the events whose stored name starts with one of ?type=a,b.
func feedFilter(r *http.Request) func(string) bool {
	types := r.URL.Query().Get("type")
	if types == "" {
		return func(string) bool { return true }
	}
	prefixes := strings.Split(types, ",")
	return func(name string) bool {
		for _, p := range prefixes {
			if strings.HasPrefix(name, p) {
				return true
			}
		}
		return false
	}
}

func feedPosition(r *http.Request) (uint64, error) {
	from := r.Header.Get("Last-Event-ID")
	if v := r.URL.Query().Get("after"); v != "" {
		from = v
	}
	if from == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(from, 10, 63)
	if err != nil {
		return 0, fail.Invalid("after", "a position is a number, as in the event's position")
	}
	return n, nil
}

func feedLimit(v string) (int, error) {
	if v == "" {
		return 10_000, nil
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 || n > 100_000 {
		return 0, fail.Invalid("limit", "limit is a number from 1 to 100000")
	}
	return n, nil
}
