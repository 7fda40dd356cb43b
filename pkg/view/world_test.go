package view_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"pgregory.net/rapid"

	"throughline.dev/pkg/boot/boottest"
	"throughline.dev/pkg/es"
	"throughline.dev/pkg/es/estest"
	"throughline.dev/pkg/view"
)

// forEachStore runs a test on every implementation of view.Store. open returns
// a store: the same one, as another process would see it, for the same name.
func forEachStore(t *testing.T, test func(t *testing.T, open func(name string) view.Store)) {
	t.Run("memory", func(t *testing.T) {
		var mu sync.Mutex
		made := map[string]view.Store{}
		test(t, func(name string) view.Store {
			mu.Lock()
			defer mu.Unlock()
			if made[name] == nil {
				made[name] = view.NewMemory()
			}
			return made[name]
		})
	})
	t.Run("redis", func(t *testing.T) {
		url := boottest.Redis(t)
		test(t, func(name string) view.Store { return view.NewRedis(client(t, url), name+":") })
	})
}

func client(t testing.TB, url string) *redis.Client {
	t.Helper()
	opts, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	opts.MaxRetries = -1
	c := redis.NewClient(opts)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// tape is a log whose delivery can be disturbed and which can be replaced.
type tape struct {
	mu    sync.Mutex
	log   *estest.Log
	epoch string
	skip  uint64             // a commit that is never delivered
	chop  func(most int) int // how many commits come at once; nil: all
	again bool               // every batch comes twice
	reads map[uint64]int     // how often the commit at a position was delivered
}

func newTape() *tape { return &tape{log: estest.NewLog(), epoch: "one", reads: map[uint64]int{}} }

// replace makes it another log, as a restore from a backup does.
func (l *tape) replace(epoch string, log *estest.Log) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.log, l.epoch = log, epoch
}

func (l *tape) now() *estest.Log {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.log
}

func (l *tape) Append(ctx context.Context, c es.Commit, expected uint64) (uint64, error) {
	return l.now().Append(ctx, c, expected)
}

func (l *tape) Load(ctx context.Context, s es.Stream, after uint64) ([]es.Commit, error) {
	return l.now().Load(ctx, s, after)
}

func (l *tape) Head(ctx context.Context) (es.Head, error) {
	h, err := l.now().Head(ctx)
	l.mu.Lock()
	defer l.mu.Unlock()
	h.Epoch = l.epoch
	return h, err
}

func (l *tape) At(ctx context.Context, t time.Time) (uint64, error) { return l.now().At(ctx, t) }

func (l *tape) Follow(ctx context.Context, after uint64, apply func([]es.Commit) error) error {
	return l.now().Follow(ctx, after, func(commits []es.Commit) error {
		for len(commits) > 0 {
			n := len(commits)
			if l.chop != nil {
				l.mu.Lock()
				n = l.chop(n)
				l.mu.Unlock()
			}
			part := commits[:n]
			commits = commits[n:]
			l.mu.Lock()
			var through []es.Commit
			for _, c := range part {
				if c.Position != l.skip {
					l.reads[c.Position]++
					through = append(through, c)
				}
			}
			l.mu.Unlock()
			if len(through) == 0 {
				continue
			}
			if err := apply(through); err != nil {
				return err
			}
			if l.again {
				if err := apply(through); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// add appends events of one card and returns the position.
func (l *tape) add(t testing.TB, n int, events ...es.Event[card]) uint64 {
	t.Helper()
	return l.addCommit(t, commit(t, n, events...))
}

func (l *tape) addCommit(t testing.TB, c es.Commit) uint64 {
	t.Helper()
	head, err := l.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if c.Meta.ID == "" {
		c.Meta.ID = fmt.Sprintf("commit-%s-%d", head.Epoch, head.Last+1)
	}
	c.Meta.Tenant = c.Stream.Tenant()
	before, err := l.Load(t.Context(), c.Stream, 0)
	if err != nil {
		t.Fatal(err)
	}
	var last uint64
	if len(before) > 0 {
		last = before[len(before)-1].Position
	}
	at, err := l.Append(t.Context(), c, last)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// all returns every commit up to a position.
func (l *tape) all(t testing.TB, to uint64) []es.Commit {
	t.Helper()
	if to == 0 {
		return nil
	}
	var found []es.Commit
	enough := errors.New("enough")
	err := l.now().Follow(t.Context(), 0, func(commits []es.Commit) error {
		for _, c := range commits {
			if found = append(found, c); c.Position == to {
				return enough
			}
		}
		return nil
	})
	if !errors.Is(err, enough) {
		t.Fatal(err)
	}
	return found
}

// folded is what the view must be at a position.
func (l *tape) folded(t testing.TB, v *view.View, to uint64) view.Snapshot {
	t.Helper()
	s, err := view.NewSnapshot(v).Fold(catalog, l.all(t, to)...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// run runs models until the test, or what it returns, ends it.
func run(t testing.TB, m *view.Models) (stop func()) {
	t.Helper()
	m.Beat = 5 * time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := m.Run(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("Run ended with %v", err)
		}
	}()
	stop = func() { cancel(); <-done }
	t.Cleanup(stop)
	return stop
}

// eventually waits for what no Wait can be asked for.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	late := time.After(20 * time.Second)
	for !ok() {
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("it never came: %s", what)
		}
	}
}

func soon(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func wait(t testing.TB, m *view.Models, v *view.View, position uint64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := m.Wait(ctx, v.Name, position); err != nil {
		all, _ := m.Status(t.Context())
		t.Fatalf("%v; status %+v", err, all)
	}
}

func live(t testing.TB, m *view.Models, v *view.View) view.Reader {
	t.Helper()
	r, err := m.Live(t.Context(), tenant, v.Name)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func status(t testing.TB, m *view.Models, v *view.View) view.Status {
	t.Helper()
	all, err := m.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		if s.Name == v.Name {
			return s
		}
	}
	t.Fatalf("no status of %s", v.Name)
	return view.Status{}
}

// same checks that the live view is, byte for byte, the fold of the log.
func same(t testing.TB, m *view.Models, l *tape, v *view.View) {
	t.Helper()
	got, at, err := m.Dump(t.Context(), v.Name)
	if err != nil {
		t.Fatal(err)
	}
	want, err := l.folded(t, v, at).Dump()
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Fatalf("at %d %s holds\n%s\nbut the log folds to\n%s", at, v.Name, got, want)
	}
}

// contents is all that queries can see of the board.
func contents(t testing.TB, r view.Reader) string {
	t.Helper()
	ctx, out := t.Context(), &strings.Builder{}
	for _, q := range []view.Range{{}, {Index: "column"}, {Index: "title", Desc: true}, {Index: "label"}, {Index: "column", Prefix: "b/", Limit: 2}} {
		rows, next, err := cardTable.List(ctx, r, q)
		if err != nil {
			t.Fatal(err)
		}
		n, err := cardTable.Count(ctx, r, q.Index, q.Prefix)
		if err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(rows)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(out, "%v %d %s %s\n", q, n, next, b)
	}
	rows, _, err := columnTable.List(ctx, r, view.Range{})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(out, "%v\n", rows)
	return out.String()
}

var others = []es.Tenant{tenant, mustTenant("1tenant0000000000000000000")}

func mustTenant(s string) es.Tenant {
	t, err := es.ParseTenant(s)
	if err != nil {
		panic(err)
	}
	return t
}

// anything draws a commit: any event, of few cards, of two organisations.
func anything(t testing.TB) *rapid.Generator[es.Commit] {
	return rapid.Custom(func(r *rapid.T) es.Commit {
		column := rapid.SampledFrom([]string{"a", "b", "c"})
		title := rapid.SampledFrom([]string{"", "x", "x\x00", "xy", "\xf0", "ä"})
		events := rapid.SliceOfN(rapid.Custom(func(r *rapid.T) es.Event[card] {
			switch rapid.IntRange(0, 9).Draw(r, "event") {
			case 0, 1, 2:
				return cardAdded{strings.ToValidUTF8(title.Draw(r, "title"), "~"), column.Draw(r, "column")}
			case 3, 4, 5:
				return cardMoved{column.Draw(r, "column")}
			case 6, 7:
				return cardLabeled{rapid.SampledFrom([]string{"red", "blue"}).Draw(r, "label")}
			case 8:
				return cardDropped{}
			default:
				return boardWiped{column.Draw(r, "column")}
			}
		}), 1, 3).Draw(r, "events")
		c := commit(t, rapid.IntRange(0, 5).Draw(r, "card"), events...)
		stream, err := es.NewStream("test", rapid.SampledFrom(others).Draw(r, "tenant"), "card", c.Stream.ID())
		if err != nil {
			t.Fatal(err)
		}
		c.Stream = stream
		return c
	})
}
