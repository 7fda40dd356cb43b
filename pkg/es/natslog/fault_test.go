package natslog_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"throughline.dev/pkg/boot/boottest"
	"throughline.dev/pkg/es"
	"throughline.dev/pkg/es/natslog"
)

func newStream(t testing.TB) es.Stream {
	t.Helper()
	s, err := es.NewStream("strategy", es.NewTenant(), "epic", string(es.NewID[es.Person]()))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func newCommit(s es.Stream, size int) es.Commit {
	return es.Commit{
		Stream: s,
		Meta: es.Meta{Tenant: s.Tenant(), ID: string(es.NewID[es.Person]()), Command: string(es.NewID[es.Person]()),
			Actor: es.NewID[es.Person](), ActingAs: "product-manager", Time: time.Now()},
		Events: []es.Record{{Name: "strategy.epic.noted.v1", Data: json.RawMessage(`{"text":"` + strings.Repeat("x", size) + `"}`)}},
	}
}

func open(t testing.TB, nc *nats.Conn) *natslog.Log {
	t.Helper()
	log, err := natslog.Open(t.Context(), nc, natslog.Options{Create: true})
	if err != nil {
		t.Fatal(err)
	}
	return log
}

// must appends and expects success.
func must(t testing.TB, log es.Log, c es.Commit, expected uint64) uint64 {
	t.Helper()
	position, err := log.Append(t.Context(), c, expected)
	if err != nil {
		t.Fatal(err)
	}
	return position
}

func isAck(line, payload string) bool {
	return strings.HasPrefix(line, "MSG") && strings.HasPrefix(payload, `{"stream":"PLAN"`)
}

func isCommit(line string) bool { return strings.HasPrefix(line, "HPUB ev.") }

// What was written and whose acknowledgement was lost is acknowledged once,
// what was not written is written once.
func TestAppendWithLostMessages(t *testing.T) {
	for name, lost := range map[string]func(line, payload string) bool{
		"acknowledgement": isAck,
		"commit":          func(line, _ string) bool { return isCommit(line) },
	} {
		t.Run(name, func(t *testing.T) {
			var seen atomic.Int64
			w := &wire{lose: func(line, payload string) bool {
				return lost(line, payload) && seen.Add(1)%3 != 0 // two of three
			}}
			w.srv.Store(serve(t, t.TempDir()))
			log := open(t, w.connect(t)).WithTimeout(150 * time.Millisecond)
			s := newStream(t)
			var version uint64
			for n := range 12 {
				if version = must(t, log, newCommit(s, 10), version); version != uint64(n+1) {
					t.Fatalf("commit %d is at %d", n+1, version)
				}
			}
			if seen.Load() < 12 {
				t.Fatalf("the wire saw only %d", seen.Load())
			}
			if commits, err := log.Load(t.Context(), s, 0); err != nil || len(commits) != 12 {
				t.Errorf("%d commits, %v", len(commits), err)
			}
		})
	}
}

// Somebody else took the place while our own commit was lost on the way.
func TestAppendLosesAgainstAnother(t *testing.T) {
	var dead atomic.Bool
	w := &wire{lose: func(line, payload string) bool { return dead.Load() && (isCommit(line) || isAck(line, payload)) }}
	w.srv.Store(serve(t, t.TempDir()))
	log := open(t, w.connect(t)).WithTimeout(150 * time.Millisecond)
	s := newStream(t)
	must(t, log, newCommit(s, 1), 0)
	dead.Store(true)
	if _, err := log.Append(t.Context(), newCommit(s, 1), 0); !errors.Is(err, es.ErrConflict) {
		t.Errorf("append: %v, want a conflict", err)
	}
}

func TestAppendGivesUp(t *testing.T) {
	var dead atomic.Bool
	var tries atomic.Int64
	w := &wire{lose: func(line, _ string) bool {
		if isCommit(line) && dead.Load() {
			tries.Add(1)
			return true
		}
		return false
	}}
	w.srv.Store(serve(t, t.TempDir()))
	log := open(t, w.connect(t)).WithTimeout(50 * time.Millisecond)
	dead.Store(true)
	_, err := log.Append(t.Context(), newCommit(newStream(t), 1), 0)
	if !errors.Is(err, natslog.ErrUnavailable) || tries.Load() != 4 {
		t.Errorf("append: %v after %d tries, want unavailable after 4", err, tries.Load())
	}
}

func TestFullLogSaysSo(t *testing.T) {
	nc := boottest.NATS(t)
	log, err := natslog.Open(t.Context(), nc, natslog.Options{Create: true, MaxBytes: 100 << 10})
	if err != nil {
		t.Fatal(err)
	}
	s := newStream(t)
	var version uint64
	for err == nil {
		var p uint64
		if p, err = log.Append(t.Context(), newCommit(s, 20<<10), version); err == nil {
			version = p
		}
	}
	if !errors.Is(err, natslog.ErrFull) || !errors.Is(err, natslog.ErrUnavailable) {
		t.Fatalf("append to a full log: %v", err)
	}
	if log, err = natslog.Open(t.Context(), nc, natslog.Options{Create: true, MaxBytes: 1 << 20}); err != nil {
		t.Fatal(err)
	}
	must(t, log, newCommit(s, 20<<10), version)
}

func TestOpenRefusesOtherSettings(t *testing.T) {
	nc := boottest.NATS(t)
	if _, err := natslog.Open(t.Context(), nc, natslog.Options{}); !errors.Is(err, jetstream.ErrStreamNotFound) {
		t.Errorf("open without Create: %v", err)
	}
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	_, err = js.CreateStream(t.Context(), jetstream.StreamConfig{Name: natslog.StreamName, Subjects: []string{"ev.>"},
		MaxAge: time.Hour, Discard: jetstream.DiscardNew, DenyDelete: true, AllowDirect: true})
	if err != nil {
		t.Fatal(err)
	}
	_, err = natslog.Open(t.Context(), nc, natslog.Options{Create: true})
	if err == nil || !strings.Contains(err.Error(), "max_age is 1h0m0s") || !strings.Contains(err.Error(), "deny_purge is false") ||
		strings.Contains(err.Error(), "deny_delete") {
		t.Errorf("open: %v", err)
	}
}

// A message that is no commit of its subject stops readers; it is never shown
// and never skipped.
func TestForeignMessages(t *testing.T) {
	s, other := newStream(t), newStream(t)
	good := nats.Header{"ce-id": {"1"}, "tl-tenant": {s.Tenant().String()}}
	body := `[{"type":"strategy.epic.noted.v1","data":{}}]`
	for name, m := range map[string]*nats.Msg{
		"tenant of another":  {Subject: s.Subject(), Header: nats.Header{"ce-id": {"1"}, "tl-tenant": {other.Tenant().String()}}, Data: []byte(body)},
		"no header":          {Subject: s.Subject(), Data: []byte(body)},
		"no id":              {Subject: s.Subject(), Header: nats.Header{"tl-tenant": {s.Tenant().String()}}, Data: []byte(body)},
		"actor is no id":     {Subject: s.Subject(), Header: nats.Header{"ce-id": {"1"}, "tl-tenant": {s.Tenant().String()}, "tl-actor": {"*"}}, Data: []byte(body)},
		"time is none":       {Subject: s.Subject(), Header: nats.Header{"ce-id": {"1"}, "tl-tenant": {s.Tenant().String()}, "tl-occurred": {"x"}}, Data: []byte(body)},
		"broken escape":      {Subject: s.Subject(), Header: nats.Header{"ce-id": {"%zz"}, "tl-tenant": {s.Tenant().String()}}, Data: []byte(body)},
		"not JSON":           {Subject: s.Subject(), Header: good, Data: []byte(body[:20])},
		"no events":          {Subject: s.Subject(), Header: good, Data: []byte(`[]`)},
		"event without name": {Subject: s.Subject(), Header: good, Data: []byte(`[{"data":{}}]`)},
		"strange subject":    {Subject: "ev.x", Header: good, Data: []byte(body)},
	} {
		t.Run(name, func(t *testing.T) {
			nc := boottest.NATS(t)
			log := boottest.LogOn(t, nc)
			must(t, log, newCommit(other, 1), 0)
			if _, err := nc.RequestMsg(m, 5*time.Second); err != nil {
				t.Fatal(err)
			}
			if m.Subject == s.Subject() {
				if _, err := log.Load(t.Context(), s, 0); !errors.Is(err, natslog.ErrUnreadable) {
					t.Errorf("load: %v", err)
				}
			}
			var got int
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			err := log.Follow(ctx, 0, func(batch []es.Commit) error { got += len(batch); return nil })
			if !errors.Is(err, natslog.ErrUnreadable) || !strings.Contains(err.Error(), "position 2 ") || got != 1 {
				t.Errorf("follow: %v after %d commits, want 1", err, got)
			}
		})
	}
}

// The server acknowledges a message id that it knows from another subject, and
// stores nothing: that must not pass for success.
func TestDuplicateThatIsNotThere(t *testing.T) {
	nc := boottest.NATS(t)
	log := boottest.LogOn(t, nc)
	s, c := newStream(t), newCommit(newStream(t), 1)
	must(t, log, newCommit(s, 1), 0)
	id := strings.Join([]string{c.Stream.Tenant().String(), "strategy.epic", c.Stream.ID(), c.Meta.ID}, ".")
	if _, err := nc.RequestMsg(&nats.Msg{Subject: s.Subject(), Header: nats.Header{"Nats-Msg-Id": {id}}}, 5*time.Second); err != nil {
		t.Fatal(err)
	}
	if position, err := log.Append(t.Context(), c, 0); !errors.Is(err, natslog.ErrUnavailable) {
		t.Errorf("append: %d, %v, want unavailable", position, err)
	}
}

// A commit that has vanished from the middle stops a follower before the next one.
func TestFollowNoticesAGap(t *testing.T) {
	nc := boottest.NATS(t)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	// Damage can only be done while the stream still allows it.
	config := jetstream.StreamConfig{Name: natslog.StreamName, Subjects: []string{"ev.>"}, Discard: jetstream.DiscardNew,
		AllowDirect: true, DenyPurge: true, MaxMsgSize: 512 << 10}
	stream, err := js.CreateStream(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	s := newStream(t)
	for n := range 5 {
		m := &nats.Msg{Subject: s.Subject(), Data: []byte(`[{"type":"strategy.epic.noted.v1","data":{}}]`),
			Header: nats.Header{"ce-id": {fmt.Sprint(n)}, "tl-tenant": {s.Tenant().String()}}}
		if _, err := js.PublishMsg(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	if err := stream.DeleteMsg(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	config.DenyDelete = true
	if _, err := js.UpdateStream(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	log, err := natslog.Open(t.Context(), nc, natslog.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for after, want := range map[uint64]int{0: 2, 2: 0, 3: 0} {
		got := 0
		err = log.Follow(ctx, after, func(batch []es.Commit) error { got += len(batch); return nil })
		if !errors.Is(err, natslog.ErrGap) || !strings.Contains(err.Error(), "position 3 is missing") || got != want {
			t.Errorf("follow after %d: %v after %d commits, want %d", after, err, got, want)
		}
	}
}

var errEnough = errors.New("enough")

// A follower lives through a server that stops and comes back, and through a
// consumer that is taken from it, without a commit lost or repeated.
func TestFollowThroughTrouble(t *testing.T) {
	dir := t.TempDir()
	w := &wire{}
	w.srv.Store(serve(t, dir))
	nc := w.connect(t)
	log := open(t, nc)
	s := newStream(t)
	got := make(chan uint64, 1000)
	ended := make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		ended <- log.Follow(ctx, 0, func(batch []es.Commit) error {
			for _, c := range batch {
				got <- c.Position
			}
			return nil
		})
	}()
	next := func(want uint64) {
		t.Helper()
		select {
		case p := <-got:
			if p != want {
				t.Fatalf("got position %d, want %d", p, want)
			}
		case err := <-ended:
			t.Fatalf("follow ended with %v before %d", err, want)
		case <-time.After(60 * time.Second):
			t.Fatalf("position %d did not come", want)
		}
	}
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	var version uint64
	for n := uint64(1); n <= 40; n++ {
		switch n {
		case 11: // the server stops and another one comes up on its store
			halt(w.srv.Load())
			w.srv.Store(serve(t, dir))
			nc = w.connect(t)
			log = open(t, nc) // the follower has its own connection, which comes back by itself
		case 21: // the consumer is taken away
			if js, err = jetstream.New(nc); err != nil {
				t.Fatal(err)
			}
			for name := range names(t, js) {
				if err := js.DeleteConsumer(t.Context(), natslog.StreamName, name); err != nil {
					t.Fatal(err)
				}
			}
		}
		version = must(t, log, newCommit(s, 10), version)
		next(n)
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	for name := range names(t, js) {
		t.Errorf("consumer %s was left behind", name)
	}
}

func names(t testing.TB, js jetstream.JetStream) map[string]bool {
	t.Helper()
	stream, err := js.Stream(t.Context(), natslog.StreamName)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]bool{}
	list := stream.ConsumerNames(t.Context())
	for n := range list.Name() {
		all[n] = true
	}
	if err := list.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// A server comes back with an older store: a live follower says so instead of
// waiting for positions that now mean something else.
func TestFollowNoticesARollback(t *testing.T) {
	for _, length := range []int{2, 5, 7} {
		t.Run(fmt.Sprint("to a log of ", length), func(t *testing.T) { rollBack(t, length) })
	}
}

// rollBack follows a log of five commits, of which another one of so many takes the place.
func rollBack(t *testing.T, length int) {
	w := &wire{}
	w.srv.Store(serve(t, t.TempDir()))
	log := open(t, w.connect(t))
	s := newStream(t)
	var version uint64
	for range 5 {
		version = must(t, log, newCommit(s, 1), version)
	}
	old := serve(t, t.TempDir()) // as restored from a backup and written to again
	ow := &wire{}
	ow.srv.Store(old)
	restored := open(t, ow.connect(t))
	version = 0
	for range length {
		version = must(t, restored, newCommit(s, 1), version)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	var got []uint64
	err := log.Follow(ctx, 0, func(batch []es.Commit) error {
		for _, c := range batch {
			if got = append(got, c.Position); c.Position == 5 {
				go func() {
					first := w.srv.Swap(old)
					halt(first)
				}()
			}
		}
		return nil
	})
	if !errors.Is(err, natslog.ErrRolledBack) || len(got) != 5 {
		t.Errorf("follow ended with %v after %v", err, got)
	}
}

func TestEpochOfANewLogIsNew(t *testing.T) {
	seen := map[string]bool{}
	for range 3 {
		head, err := boottest.Log(t).Head(t.Context())
		if err != nil || seen[head.Epoch] {
			t.Fatalf("epoch %q again, or %v", head.Epoch, err)
		}
		seen[head.Epoch] = true
	}
}

func TestLogSurvivesARestart(t *testing.T) {
	dir := t.TempDir()
	srv := serve(t, dir)
	w := &wire{}
	w.srv.Store(srv)
	log := open(t, w.connect(t))
	s := newStream(t)
	must(t, log, newCommit(s, 1), 0)
	before, err := log.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	halt(srv)
	w = &wire{}
	w.srv.Store(serve(t, dir))
	log = open(t, w.connect(t))
	after, err := log.Head(t.Context())
	if err != nil || before != after {
		t.Errorf("head was %+v and is %+v, %v", before, after, err)
	}
	if commits, err := log.Load(t.Context(), s, 0); err != nil || len(commits) != 1 {
		t.Errorf("%s, %v", fmt.Sprint(commits), err)
	}
}
