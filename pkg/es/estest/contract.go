package estest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
)

// contractTime bounds everything that a log should do at once.
const contractTime = 60 * time.Second

// LogContract holds an implementation of es.Log to what the others rely on.
// open returns an empty log; it is called once per rule.
func LogContract(t *testing.T, open func(t *testing.T) es.Log) {
	rules := []struct {
		name string
		rule func(*testing.T, *contract)
	}{
		{"an empty log has an epoch and nothing else", emptyLog},
		{"a commit is loaded as it was appended", roundTrip},
		{"a stream is loaded alone and in order, after any version", loadAfter},
		{"a long history is loaded whole", loadLong},
		{"a commit of 256 KiB fits and a larger one is refused", largeCommits},
		{"a commit without id, events or its stream's tenant is an error", badCommits},
		{"an append at another version is a conflict", conflicts},
		{"an append of a commit that is there succeeds", again},
		{"one id may be used on two streams", sameIDElsewhere},
		{"each version has one winner", oneWinner},
		{"a commit appended by many at once is there once", manyTimesOnce},
		{"streams behave as a list with a version", asModel},
		{"follow starts anywhere, has no gap and goes on live", follow},
		{"follow has batches of at most 1,000", followBatches},
		{"follow ends with apply's error", followApplyError},
		{"follow ends with its context", followCancelled},
		{"follow from beyond the end is an error", followBeyond},
		{"at finds the last commit up to a time", at},
		{"a context that has ended ends everything", cancelled},
	}
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), contractTime)
			defer cancel()
			r.rule(t, &contract{ctx: ctx, log: open(t), tenant: es.NewTenant()})
		})
	}
}

// contract is what a rule works with.
type contract struct {
	ctx    context.Context // of one rule
	log    es.Log
	tenant es.Tenant
}

func (c *contract) stream(t failer) es.Stream {
	s, err := es.NewStream("strategy", c.tenant, "epic", string(es.NewID[es.Person]()))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// failer is what testing.T and rapid.T share.
type failer interface {
	Fatal(...any)
	Fatalf(string, ...any)
}

func newCommit(s es.Stream, text string) es.Commit {
	data, err := json.Marshal(map[string]string{"text": text})
	if err != nil {
		panic(err) // a map of strings always marshals
	}
	return es.Commit{
		Stream: s,
		Meta:   es.Meta{Tenant: s.Tenant(), ID: string(es.NewID[es.Person]()), ActingAs: "system"},
		Events: []es.Record{{Name: "strategy.epic.noted.v1", Data: data}},
	}
}

// append appends and expects success; the commit comes back with its position.
func (c *contract) append(t failer, commit es.Commit, expected uint64) es.Commit {
	position, err := c.log.Append(c.ctx, commit, expected)
	if err != nil {
		t.Fatalf("append at %d: %v", expected, err)
	}
	commit.Position = position
	return commit
}

// fill appends n commits to a stream.
func (c *contract) fill(t failer, s es.Stream, n int) []es.Commit {
	var commits []es.Commit
	var version uint64
	for i := range n {
		commits = append(commits, c.append(t, newCommit(s, fmt.Sprint(i)), version))
		version = commits[i].Position
	}
	return commits
}

func (c *contract) load(t failer, s es.Stream, after uint64) []es.Commit {
	commits, err := c.log.Load(c.ctx, s, after)
	if err != nil {
		t.Fatalf("load after %d: %v", after, err)
	}
	return commits
}

var streamByValue = cmp.Comparer(func(a, b es.Stream) bool { return a == b })
var tenantByValue = cmp.Comparer(func(a, b es.Tenant) bool { return a == b })

// same compares commits but for the time of recording, which the log sets.
func same(t failer, want, got []es.Commit) {
	untimed := func(commits []es.Commit) []es.Commit {
		out := []es.Commit{}
		for _, c := range commits {
			c.Meta.Time = time.Time{}
			out = append(out, c)
		}
		return out
	}
	if diff := cmp.Diff(untimed(want), untimed(got), streamByValue, tenantByValue); diff != "" {
		t.Fatalf("commits differ (-want +got):\n%s", diff)
	}
}

func emptyLog(t *testing.T, c *contract) {
	head, err := c.log.Head(c.ctx)
	if err != nil || head.Last != 0 || head.Epoch == "" {
		t.Fatalf("head is %+v, %v", head, err)
	}
	if found := c.load(t, c.stream(t), 0); len(found) != 0 {
		t.Errorf("loaded %v", found)
	}
	if n, err := c.log.At(c.ctx, time.Now()); n != 0 || err != nil {
		t.Errorf("at now is %d, %v", n, err)
	}
}

func roundTrip(t *testing.T, c *contract) {
	s := c.stream(t)
	nasty := "a b%41\r\nce-id: x\tüñ\"€ " + strings.Repeat("~", 200)
	full := es.Commit{Stream: s, Meta: es.Meta{
		Tenant: c.tenant, Actor: es.NewID[es.Person](), ActingAs: "policy:" + nasty, Command: nasty, Fingerprint: "fp" + nasty,
		ID: "commit" + nasty, Correlation: "corr" + nasty, Causation: "cause" + nasty, Proposal: "prop" + nasty, Rights: 1<<63 + 5,
		Time:     time.Now().Add(-time.Hour),
		Occurred: time.Date(1999, 12, 31, 23, 59, 59, 999999999, time.FixedZone("", 5400)).UTC(),
		Key:      "E-12",
	}, Events: []es.Record{
		{Name: "strategy.epic.submitted.v2", Data: json.RawMessage(`{"name":"<b>&amp; \u2028 \"x\" ü","n":12345678901234567890,"f":1e-7,"z":null}`)},
		{Name: "strategy.epic.reviewed.v1", Data: json.RawMessage(`[1,{"a":[]}]`)},
		{Name: "strategy.epic.closed.v1", Data: json.RawMessage(`{}`)},
	}}
	bare := newCommit(s, "")
	before := time.Now().Add(-time.Second)
	first := c.append(t, full, 0)
	second := c.append(t, bare, first.Position)
	first.Meta.Key = "" // is not stored
	got := c.load(t, s, 0)
	same(t, []es.Commit{first, second}, got)
	for i, g := range got {
		if g.Meta.Time.Before(before) || g.Meta.Time.After(time.Now().Add(time.Second)) || g.Meta.Time.Location() != time.UTC {
			t.Errorf("commit %d was recorded at %v, that is not now in UTC", i, g.Meta.Time)
		}
	}
	followed := c.collect(t, 0, 2)
	if diff := cmp.Diff(got, followed, streamByValue, tenantByValue); diff != "" {
		t.Errorf("followed differs from loaded (-loaded +followed):\n%s", diff)
	}
}

func loadAfter(t *testing.T, c *contract) {
	a, b := c.stream(t), c.stream(t)
	var of [2][]es.Commit
	for i := range 20 {
		s, n := a, 0
		if i%3 == 0 {
			s, n = b, 1
		}
		var version uint64
		if len(of[n]) > 0 {
			version = of[n][len(of[n])-1].Position
		}
		commit := c.append(t, newCommit(s, fmt.Sprint(i)), version)
		if commit.Position != uint64(i+1) {
			t.Fatalf("commit %d has position %d", i+1, commit.Position)
		}
		of[n] = append(of[n], commit)
	}
	for after := range uint64(23) {
		for n, s := range []es.Stream{a, b} {
			var want []es.Commit
			for _, commit := range of[n] {
				if commit.Position > after {
					want = append(want, commit)
				}
			}
			same(t, want, c.load(t, s, after))
		}
	}
	head, err := c.log.Head(c.ctx)
	if err != nil || head.Last != 20 {
		t.Errorf("head is %+v, %v", head, err)
	}
}

func loadLong(t *testing.T, c *contract) {
	s, other := c.stream(t), c.stream(t)
	c.fill(t, other, 3)
	want := c.fill(t, s, 777)
	c.fill(t, c.stream(t), 3)
	same(t, want, c.load(t, s, 0))
	for _, n := range []int{1, 255, 256, 257, 511, 512, 513, 776, 777} {
		same(t, want[n:], c.load(t, s, want[n-1].Position))
	}
}

func largeCommits(t *testing.T, c *contract) {
	s := c.stream(t)
	large := func(size int) es.Commit {
		commit := newCommit(s, "")
		commit.Events[0].Data = json.RawMessage(`"` + strings.Repeat("x", size) + `"`)
		return commit
	}
	var want []es.Commit
	var version uint64
	for range 40 { // 10 MiB: more than any page and any buffer
		want = append(want, c.append(t, large(256<<10-100), version))
		version = want[len(want)-1].Position
	}
	got := c.load(t, s, 0)
	if len(got) != len(want) {
		t.Fatalf("loaded %d of %d", len(got), len(want))
	}
	followed := c.collect(t, 0, len(want))
	for i := range want {
		for _, have := range []es.Commit{got[i], followed[i]} {
			if have.Meta.ID != want[i].Meta.ID || !bytes.Equal(have.Events[0].Data, want[i].Events[0].Data) {
				t.Fatalf("commit %d differs", i)
			}
		}
	}
	_, err := c.log.Append(c.ctx, large(256<<10), version)
	if f, ok := fail.As(err); !ok || f.Kind != fail.KindInvalid {
		t.Errorf("a commit of more than 256 KiB: %v, want invalid", err)
	}
	if n := len(c.load(t, s, version)); n != 0 {
		t.Error("the refused commit is there")
	}
}

func badCommits(t *testing.T, c *contract) {
	s := c.stream(t)
	noID, noEvents, foreign := newCommit(s, ""), newCommit(s, ""), newCommit(s, "")
	noID.Meta.ID = ""
	noEvents.Events = nil
	foreign.Meta.Tenant = es.NewTenant()
	for i, bad := range []es.Commit{noID, noEvents, foreign} {
		if _, err := c.log.Append(c.ctx, bad, 0); err == nil || errors.Is(err, es.ErrConflict) {
			t.Errorf("bad commit %d: %v", i, err)
		}
	}
	if head, err := c.log.Head(c.ctx); err != nil || head.Last != 0 {
		t.Errorf("head is %+v, %v", head, err)
	}
}

func conflicts(t *testing.T, c *contract) {
	s := c.stream(t)
	other := c.fill(t, c.stream(t), 2)
	commits := c.fill(t, s, 2)
	last := commits[1].Position
	for _, expected := range []uint64{0, commits[0].Position, other[0].Position, other[1].Position, last + 1, last + 1000} {
		if _, err := c.log.Append(c.ctx, newCommit(s, "late"), expected); !errors.Is(err, es.ErrConflict) {
			t.Errorf("append at %d while the stream is at %d: %v", expected, last, err)
		}
	}
	if _, err := c.log.Append(c.ctx, newCommit(c.stream(t), "new"), last); !errors.Is(err, es.ErrConflict) {
		t.Errorf("append at %d to an empty stream: %v", last, err)
	}
	same(t, commits, c.load(t, s, 0))
	c.append(t, newCommit(s, "in time"), last)
}

func again(t *testing.T, c *contract) {
	s := c.stream(t)
	commits := c.fill(t, s, 3)
	var version uint64
	for i, commit := range commits {
		for range 2 {
			if got := c.append(t, commit, version); got.Position != commit.Position {
				t.Fatalf("commit %d again is at %d, was at %d", i, got.Position, commit.Position)
			}
		}
		version = commit.Position
	}
	if got := c.append(t, commits[2], version); got.Position != version {
		t.Fatalf("the last commit again, at its own version, is at %d, was at %d", got.Position, version)
	}
	same(t, commits, c.load(t, s, 0))
}

func sameIDElsewhere(t *testing.T, c *contract) {
	a, b := newCommit(c.stream(t), "a"), newCommit(c.stream(t), "b")
	b.Meta.ID, b.Meta.Command, a.Meta.Command = a.Meta.ID, "key", "key"
	a, b = c.append(t, a, 0), c.append(t, b, 0)
	same(t, []es.Commit{a}, c.load(t, a.Stream, 0))
	same(t, []es.Commit{b}, c.load(t, b.Stream, 0))
}

func oneWinner(t *testing.T, c *contract) {
	const writers, each = 8, 15
	s := c.stream(t)
	won := make([][]es.Commit, writers)
	errs := make([]error, writers)
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for len(won[w]) < each && errs[w] == nil {
				known, err := c.log.Load(c.ctx, s, 0)
				if err != nil {
					errs[w] = err
					return
				}
				var version uint64
				if len(known) > 0 {
					version = known[len(known)-1].Position
				}
				commit := newCommit(s, fmt.Sprint(w))
				commit.Position, err = c.log.Append(c.ctx, commit, version)
				if err == nil {
					won[w] = append(won[w], commit)
				} else if !errors.Is(err, es.ErrConflict) {
					errs[w] = err
				}
			}
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	stored := c.load(t, s, 0)
	if len(stored) != writers*each {
		t.Errorf("%d commits are stored, %d were acknowledged", len(stored), writers*each)
	}
	at := map[uint64]string{}
	for _, commit := range stored {
		at[commit.Position] = commit.Meta.ID
	}
	for w := range won {
		for _, commit := range won[w] {
			if at[commit.Position] != commit.Meta.ID {
				t.Errorf("position %d was acknowledged for %s and holds %q", commit.Position, commit.Meta.ID, at[commit.Position])
			}
		}
	}
}

func manyTimesOnce(t *testing.T, c *contract) {
	s := c.stream(t)
	var version uint64
	for range 20 {
		commit := newCommit(s, "once")
		positions := make([]uint64, 6)
		errs := make([]error, len(positions))
		var wg sync.WaitGroup
		for i := range positions {
			wg.Go(func() { positions[i], errs[i] = c.log.Append(c.ctx, commit, version) })
		}
		wg.Wait()
		for i := range positions {
			if errs[i] != nil || positions[i] != positions[0] {
				t.Fatalf("append %d gave %d, %v; the first gave %d", i, positions[i], errs[i], positions[0])
			}
		}
		if found := c.load(t, s, version); len(found) != 1 || found[0].Position != positions[0] {
			t.Fatalf("loaded %v, want one commit at %d", found, positions[0])
		}
		version = positions[0]
	}
}

// asModel compares any sequence of appends and loads with three lists.
func asModel(t *testing.T, c *contract) {
	rapid.Check(t, func(t *rapid.T) {
		var model [3][]es.Commit
		var streams [3]es.Stream
		for i := range streams {
			streams[i] = c.stream(t)
		}
		versions := []uint64{0}
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			n := rapid.IntRange(0, 2).Draw(t, "stream")
			known := model[n]
			var version uint64
			if len(known) > 0 {
				version = known[len(known)-1].Position
			}
			expected := version
			if rapid.IntRange(0, 3).Draw(t, "stale") == 0 {
				expected = rapid.SampledFrom(versions).Draw(t, "expected")
			}
			commit := newCommit(streams[n], "model")
			position, err := c.log.Append(c.ctx, commit, expected)
			switch {
			case expected != version && !errors.Is(err, es.ErrConflict):
				t.Fatalf("append at %d, the stream is at %d: %v", expected, version, err)
			case expected == version && err != nil:
				t.Fatalf("append at %d: %v", expected, err)
			case err == nil:
				commit.Position = position
				model[n] = append(model[n], commit)
				versions = append(versions, position)
			}
			after := rapid.SampledFrom(versions).Draw(t, "after")
			var want []es.Commit
			for _, m := range model[n] {
				if m.Position > after {
					want = append(want, m)
				}
			}
			same(t, want, c.load(t, streams[n], after))
		}
	})
}
