package gateway

import (
	"context"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"

	"throughline.dev/pkg/api"
	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
	"throughline.dev/pkg/view"
)

// Moment is what every query takes: when to look, and what to compare with.
type Moment struct {
	AsOf        string `query:"asOf" maxLength:"40" doc:"Show the plan as it was: a time (RFC 3339), a date, a position in the log, or a span back from now (P-7D, PT-2H)." example:"P-7D"`
	CompareTo   string `query:"compareTo" maxLength:"40" doc:"Say what entered, left and changed since this moment; written as asOf."`
	MinPosition uint64 `header:"X-Min-Position" doc:"Wait until the answer includes this position, as a command answered it."`
	IfNoneMatch string `header:"If-None-Match" doc:"Answer 304 when this ETag is still right."`
}

// sight is a view at a moment, with the time that it was then.
type sight struct {
	view.Reader
	now  time.Time
	past bool
}

// waitLimit is how long a read waits for X-Min-Position.
const waitLimit = 5 * time.Second

// look returns a view as the query wants to see it.
func (g *Gateway) look(ctx context.Context, p api.Principal, name string, m Moment) (sight, error) {
	if m.AsOf != "" {
		return g.lookBack(ctx, p, name, "asOf", m.AsOf)
	}
	if m.MinPosition > 0 {
		wait, cancel := context.WithTimeout(ctx, waitLimit)
		defer cancel()
		if err := g.models.Wait(wait, name, m.MinPosition); err != nil {
			if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
				return sight{}, fail.Invalid("X-Min-Position", "the view %s has not reached %d in time; ask again", name, m.MinPosition)
			}
			return sight{}, err
		}
	}
	r, err := g.models.Live(ctx, p.Tenant, name)
	return sight{Reader: r, now: time.Now().UTC()}, err
}

// lookCompared returns the view to compare with, if the query names one.
func (g *Gateway) lookCompared(ctx context.Context, p api.Principal, name string, m Moment) (sight, bool, error) {
	if m.CompareTo == "" {
		return sight{}, false, nil
	}
	s, err := g.lookBack(ctx, p, name, "compareTo", m.CompareTo)
	return s, err == nil, err
}

func (g *Gateway) lookBack(ctx context.Context, p api.Principal, name, field, moment string) (sight, error) {
	position, at, err := g.position(ctx, field, moment)
	if err != nil {
		return sight{}, err
	}
	r, err := g.models.At(ctx, p.Tenant, name, position)
	return sight{Reader: r, now: at, past: true}, err
}

// position turns a moment into a place in the log and the time it was.
func (g *Gateway) position(ctx context.Context, field, moment string) (uint64, time.Time, error) {
	head, err := g.log.Head(ctx)
	if err != nil {
		return 0, time.Time{}, err
	}
	if n, err := strconv.ParseUint(moment, 10, 63); err == nil {
		if n > head.Last {
			return 0, time.Time{}, fail.Invalid(field, "the log ends at %d; %d is yet to come", head.Last, n)
		}
		at, err := g.timeOf(ctx, n)
		return n, at, err
	}
	t, err := ParseMoment(moment, time.Now().UTC())
	if err != nil {
		return 0, time.Time{}, fail.Invalid(field, "%s", err.Error())
	}
	if t.After(time.Now().Add(time.Minute)) {
		return 0, time.Time{}, fail.Invalid(field, "%s is yet to come", t.Format(time.RFC3339))
	}
	n, err := g.log.At(ctx, t)
	return n, t, err
}

var errFound = errors.New("found")

// timeOf returns when the commit at a position was recorded.
func (g *Gateway) timeOf(ctx context.Context, position uint64) (at time.Time, err error) {
	if position == 0 {
		return time.Unix(0, 0).UTC(), nil
	}
	err = g.log.Follow(ctx, position-1, func(batch []es.Commit) error {
		at = batch[0].Meta.Time
		return errFound
	})
	if errors.Is(err, errFound) {
		err = nil
	}
	return at, err
}

var span = regexp.MustCompile(`^(-?)P(-?)(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(-?)(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,8})S)?)?$`)

// ParseMoment reads a time: RFC 3339, a date (its end, UTC), a local date and
// time as a browser writes it (UTC), or an ISO 8601 span back from now.
func ParseMoment(s string, now time.Time) (time.Time, error) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02T15:04"} {
		if t, err := time.Parse(layout, strings.Replace(s, " ", "+", 1)); err == nil {
			return t.UTC(), nil
		}
	}
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		if end := t.AddDate(0, 0, 1).Add(-time.Nanosecond); end.Before(now) {
			return end, nil
		}
		return now, nil
	}
	p := span.FindStringSubmatch(s)
	if p == nil || strings.Trim(s, "-PT") == "" {
		return time.Time{}, errMoment
	}
	n := func(i int) int { v, _ := strconv.Atoi(p[i]); return -v }
	t := now.AddDate(n(3), n(4), 7*n(5)+n(6))
	return t.Add(time.Duration(n(8))*time.Hour + time.Duration(n(9))*time.Minute + time.Duration(n(10))*time.Second), nil
}

var errMoment = errors.New("write a moment as 2026-11-22T14:00:00Z, 2026-11-22, a position such as 1234, or a span back from now such as P-7D or PT-2H")
