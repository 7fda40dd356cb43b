package es

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"throughline.dev/pkg/fail"
)

// Aggregate is the definition of one kind of aggregate.
type Aggregate[S any] struct {
	Context string // "strategy"
	Name    string // "epic", the word in subjects and commands
	Plural  string // "epics", the word in addresses
	Schema  *Schema[S]
}

// Stream returns where the aggregate with this id lies.
func (a *Aggregate[S]) Stream(t Tenant, id ID[S]) (Stream, error) {
	return NewStream(a.Context, t, a.Name, string(id))
}

// Fold returns the state after the commits.
func (a *Aggregate[S]) Fold(s S, commits []Commit) (S, error) {
	for _, c := range commits {
		for _, r := range c.Events {
			e, err := a.Schema.Decode(r)
			if err != nil {
				return s, fmt.Errorf("fold %s at %d: %w", c.Stream.Subject(), c.Position, err)
			}
			s = e.Evolve(s)
		}
	}
	return s, nil
}

// Done is what became of a command.
type Done struct {
	Stream   Stream
	Position uint64 // of its commit; of the aggregate's last one if nothing had to happen
	Events   int    // 0: it already held
	Again    bool   // the command had been done before
}

// Try is one execution of a command.
type Try[S any] struct {
	ID      ID[S]
	Command Command[S]
	Meta    Meta
	Expect  *uint64                      // If-Match: refuse unless the aggregate is at this version
	Exists  bool                         // refuse with NotFound when nothing is there yet
	Allow   func(S, uint64, *Meta) error // asked before each Decide, with the version; may fill in Rights and ActingAs
}

// Repository runs commands on aggregates of one kind. It keeps folded states
// by version, which is sound because each append names the version it expects.
type Repository[S any] struct {
	agg   *Aggregate[S]
	log   Log
	cache *lru.Cache[Stream, *kept[S]]
	mu    sync.Mutex
}

// kept is one aggregate in memory. Its mutex puts the commands of this
// process in a row; those of other processes are caught by the log. Whoever
// only looks takes what is folded and never waits for a decision, which may
// itself be looking at a sibling.
type kept[S any] struct {
	folded atomic.Pointer[folded[S]]
	mu     sync.Mutex
	done   map[string]past
	loaded bool
}

type folded[S any] struct {
	state   S
	version uint64
}

func newKept[S any]() *kept[S] {
	k := &kept[S]{done: map[string]past{}}
	k.folded.Store(&folded[S]{})
	return k
}

type past struct {
	position    uint64
	fingerprint string
}

// attempts is how often a conflicting command decides again.
const attempts = 4

// NewRepository keeps up to size folded states.
func NewRepository[S any](agg *Aggregate[S], log Log, size int) *Repository[S] {
	cache, err := lru.New[Stream, *kept[S]](size)
	if err != nil {
		panic(err) // size is a constant of the program
	}
	return &Repository[S]{agg: agg, log: log, cache: cache}
}

// State returns the aggregate as it is now; version 0 means that it is not there.
func (r *Repository[S]) State(ctx context.Context, t Tenant, id ID[S]) (state S, version uint64, err error) {
	k, stream, err := r.keep(t, id)
	if err != nil {
		return state, 0, err
	}
	f := k.folded.Load()
	commits, err := r.log.Load(ctx, stream, f.version)
	if err != nil {
		return state, 0, fmt.Errorf("load %s: %w", stream.Subject(), err)
	}
	if state, err = r.agg.Fold(f.state, commits); err != nil || len(commits) == 0 {
		return state, f.version, err
	}
	if k.mu.TryLock() { // nobody decides right now: keep what was read
		defer k.mu.Unlock()
		if k.folded.Load() == f {
			k.keep(state, commits)
		}
	}
	return state, commits[len(commits)-1].Position, nil
}

// Do runs a command: decide on the state, append what happened, and decide
// again if somebody else was first. The same command done before is answered
// as then, without deciding.
func (r *Repository[S]) Do(ctx context.Context, try Try[S]) (Done, error) {
	k, stream, err := r.keep(try.Meta.Tenant, try.ID)
	if err != nil {
		return Done{}, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	fresh := false
	if !k.loaded {
		if _, err := r.refresh(ctx, k, stream); err != nil {
			return Done{}, err
		}
		fresh = true
	}
	for n := range attempts {
		if p, ok := k.done[try.Meta.Command]; ok && try.Meta.Command != "" {
			if p.fingerprint != try.Meta.Fingerprint {
				return Done{}, ErrKeyReused
			}
			return Done{Stream: stream, Position: p.position, Again: true}, nil
		}
		commit, err := r.decide(k, stream, try)
		if err != nil || len(commit.Events) == 0 {
			// A refusal must rest on the present, not on what was kept.
			if !fresh {
				moved, rerr := r.refresh(ctx, k, stream)
				if rerr != nil {
					return Done{}, rerr
				}
				if fresh = true; moved {
					continue
				}
			}
			return Done{Stream: stream, Position: k.folded.Load().version}, err
		}
		commit.Position, err = r.log.Append(ctx, commit, k.folded.Load().version)
		switch {
		case err == nil:
			if err := r.apply(k, []Commit{commit}); err != nil {
				return Done{}, err
			}
			return Done{Stream: stream, Position: commit.Position, Events: len(commit.Events)}, nil
		case !errors.Is(err, ErrConflict):
			k.loaded = false
			return Done{}, fmt.Errorf("append to %s: %w", stream.Subject(), err)
		}
		if n > 0 {
			select {
			case <-ctx.Done():
				return Done{}, ctx.Err()
			case <-time.After(time.Duration(rand.Int64N(int64(n) * int64(5*time.Millisecond)))):
			}
		}
		if _, err := r.refresh(ctx, k, stream); err != nil {
			return Done{}, err
		}
		fresh = true
	}
	return Done{}, fail.Stale(k.folded.Load().version)
}

// ErrKeyReused is a key that came a second time with another command or body.
var ErrKeyReused = fail.Refused("idempotency-key-reused",
	"this Idempotency-Key was used before with another command or another body; use a new key for a new wish")

func (r *Repository[S]) decide(k *kept[S], stream Stream, try Try[S]) (Commit, error) {
	f := k.folded.Load()
	if try.Exists && f.version == 0 {
		return Commit{}, fail.NotFound(r.agg.Name, stream.ID())
	}
	if try.Expect != nil && *try.Expect != f.version {
		return Commit{}, fail.Stale(f.version)
	}
	m := try.Meta
	if try.Allow != nil {
		if err := try.Allow(f.state, f.version, &m); err != nil {
			return Commit{}, err
		}
	}
	events, err := try.Command.Decide(f.state, m)
	if err != nil {
		return Commit{}, err
	}
	c := Commit{Stream: stream, Meta: m}
	for _, e := range events {
		rec, err := r.agg.Schema.Encode(e)
		if err != nil {
			return Commit{}, err
		}
		c.Events = append(c.Events, rec)
	}
	return c, nil
}

func (r *Repository[S]) keep(t Tenant, id ID[S]) (*kept[S], Stream, error) {
	stream, err := r.agg.Stream(t, id)
	if err != nil {
		return nil, stream, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	k, ok := r.cache.Get(stream)
	if !ok {
		k = newKept[S]()
		r.cache.Add(stream, k)
	}
	return k, stream, nil
}

// refresh folds what the log has beyond the kept version and tells whether
// there was anything.
func (r *Repository[S]) refresh(ctx context.Context, k *kept[S], stream Stream) (bool, error) {
	commits, err := r.log.Load(ctx, stream, k.folded.Load().version)
	if err != nil {
		return false, fmt.Errorf("load %s: %w", stream.Subject(), err)
	}
	k.loaded = true
	return len(commits) > 0, r.apply(k, commits)
}

func (r *Repository[S]) apply(k *kept[S], commits []Commit) error {
	state, err := r.agg.Fold(k.folded.Load().state, commits)
	if err == nil && len(commits) > 0 {
		k.keep(state, commits)
	}
	return err
}

// keep stores the state after the commits; the mutex is held.
func (k *kept[S]) keep(state S, commits []Commit) {
	for _, c := range commits {
		if c.Meta.Command != "" {
			k.done[c.Meta.Command] = past{c.Position, c.Meta.Fingerprint}
		}
	}
	k.folded.Store(&folded[S]{state, commits[len(commits)-1].Position})
}
