package view

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"throughline.dev/pkg/es"
)

// redisStore is a Store that processes share.
//
//	<prefix>view:<view>:shelf                   the shelf
//	<prefix>view:<view>:status                  what its runner says, for a while
//	<prefix>{<view>.<version>.<generation>}:at  checkpoint
//	  …:d:<tenant>:<table>                      hash: id → document as JSON
//	  …:x:<tenant>:<table>:<index>              ZSET of score 0: entries ("": ids)
//	  …:k                                       set: the keys of the two lines above
//
// All keys of an edition share a hash tag, so that documents, indexes and the
// one checkpoint change in one MULTI; a view therefore fits one node of a
// cluster. Taking over (swap) watches two editions at once and needs them, and
// the shelf, on one node: run it on Redis without cluster mode.
type redisStore struct {
	client redis.UniversalClient
	prefix string
}

// NewRedis returns a store in Redis 7 or later, or Valkey. prefix sets several
// installations on one server apart; it may be "".
func NewRedis(client redis.UniversalClient, prefix string) Store {
	return &redisStore{client: client, prefix: prefix}
}

// reportFor is how long a runner's word counts when it is not renewed.
const reportFor = 10 * time.Second

func (s *redisStore) shared() bool { return true }

func (s *redisStore) shelfKey(view string) string  { return s.prefix + "view:" + view + ":shelf" }
func (s *redisStore) statusKey(view string) string { return s.prefix + "view:" + view + ":status" }

func (s *redisStore) key(e Edition, rest string) string {
	return fmt.Sprintf("%s{%s.%d.%d}:%s", s.prefix, e.View, e.Version, e.Generation, rest)
}

func hashOf(tenant es.Tenant, table string) string { return "d:" + tenant.String() + ":" + table }
func zsetOf(tenant es.Tenant, table, index string) string {
	return "x:" + tenant.String() + ":" + table + ":" + index
}

// readJSON reads a key into v; false: it is not there.
func readJSON(ctx context.Context, c redis.Cmdable, key string, v any) (bool, error) {
	b, err := c.Get(ctx, key).Bytes()
	if errors.Is(err, redis.Nil) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("get %s: %w", key, err)
	}
	if err := json.Unmarshal(b, v); err != nil {
		return false, fmt.Errorf("get %s: %w", key, err)
	}
	return true, nil
}

func (s *redisStore) shelf(ctx context.Context, view string) (sh shelf, err error) {
	_, err = readJSON(ctx, s.client, s.shelfKey(view), &sh)
	return sh, err
}

func (s *redisStore) swap(ctx context.Context, view string, old, now shelf) error {
	value, err := json.Marshal(now)
	if err != nil {
		return err
	}
	key, watch := s.shelfKey(view), []string{s.shelfKey(view)}
	takesOver := now.Live != old.Live && now.Live == old.Next
	if takesOver {
		watch = append(watch, s.key(old.Live, "at"), s.key(now.Live, "at"))
	}
	return s.watch(ctx, func(tx *redis.Tx) error {
		var is shelf
		if _, err := readJSON(ctx, tx, key, &is); err != nil {
			return err
		}
		if !is.same(old) {
			return errMoved
		}
		if takesOver {
			var live, next Checkpoint
			if _, err := readJSON(ctx, tx, s.key(old.Live, "at"), &live); err != nil {
				return err
			}
			if there, err := readJSON(ctx, tx, s.key(now.Live, "at"), &next); err != nil {
				return err
			} else if !there {
				return errGone
			}
			if next.Position < live.Position {
				return errBehind
			}
		}
		_, err := tx.TxPipelined(ctx, func(p redis.Pipeliner) error {
			p.Set(ctx, key, value, 0)
			for _, e := range old.ends(now) {
				p.Del(ctx, s.key(e, "at"))
			}
			return nil
		})
		return err
	}, watch...)
}

// watch runs fn under WATCH; a change of a watched key is errMoved.
func (s *redisStore) watch(ctx context.Context, fn func(*redis.Tx) error, keys ...string) error {
	err := s.client.Watch(ctx, fn, keys...)
	if errors.Is(err, redis.TxFailedErr) {
		return errMoved
	}
	return err
}

func (s *redisStore) create(ctx context.Context, e Edition, at Checkpoint) error {
	b, err := json.Marshal(at)
	if err != nil {
		return err
	}
	return s.client.SetNX(ctx, s.key(e, "at"), b, 0).Err()
}

func (s *redisStore) checkpoint(ctx context.Context, e Edition) (at Checkpoint, err error) {
	there, err := readJSON(ctx, s.client, s.key(e, "at"), &at)
	if err == nil && !there {
		err = errGone
	}
	return at, err
}

func (s *redisStore) state(e Edition) (state, error) { return redisRows{s, e}, nil }

// drop takes the checkpoint away first, if it is still there. What a crash
// leaves behind, the shelf's Old remembers.
func (s *redisStore) drop(ctx context.Context, e Edition) error {
	if err := s.client.Del(ctx, s.key(e, "at")).Err(); err != nil {
		return err
	}
	keys, err := s.client.SMembers(ctx, s.key(e, "k")).Result()
	if err != nil {
		return err
	}
	for _, k := range keys {
		if err := s.client.Unlink(ctx, s.key(e, k)).Err(); err != nil {
			return err
		}
	}
	return s.client.Unlink(ctx, s.key(e, "k")).Err()
}

func (s *redisStore) report(ctx context.Context, all []Status) error {
	_, err := s.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, st := range all {
			b, err := json.Marshal(st)
			if err != nil {
				return err
			}
			p.Set(ctx, s.statusKey(st.Name), b, reportFor)
		}
		return nil
	})
	return err
}

func (s *redisStore) reports(ctx context.Context, views []string) (map[string]Status, error) {
	found := map[string]Status{}
	for _, v := range views {
		var st Status
		there, err := readJSON(ctx, s.client, s.statusKey(v), &st)
		if err != nil {
			return nil, err
		}
		if there {
			found[v] = st
		}
	}
	return found, nil
}

// redisRows reads one edition. Every read brings the checkpoint along in the
// same MULTI: an edition that was dropped must not look like an empty one.
type redisRows struct {
	store   *redisStore
	edition Edition
}

func (r redisRows) at(ctx context.Context) (Checkpoint, error) {
	return r.store.checkpoint(ctx, r.edition)
}

// read runs commands and returns the checkpoint at which they ran.
func (r redisRows) read(ctx context.Context, queue func(redis.Pipeliner)) (at Checkpoint, err error) {
	var get *redis.StringCmd
	_, err = r.store.client.TxPipelined(ctx, func(p redis.Pipeliner) error {
		get = p.Get(ctx, r.store.key(r.edition, "at"))
		queue(p)
		return nil
	})
	b, gerr := get.Bytes()
	switch {
	case errors.Is(gerr, redis.Nil):
		return at, errGone
	case err != nil && !errors.Is(err, redis.Nil):
		return at, err
	}
	return at, json.Unmarshal(b, &at)
}

// mget is how many documents one HMGET asks for: more would hold up others.
const mget = 1000

func (r redisRows) docsAt(ctx context.Context, t TableDef, tenant es.Tenant, ids []string) ([]any, Checkpoint, error) {
	docs := make([]any, 0, len(ids))
	var at Checkpoint
	for part := range slices.Chunk(ids, mget) {
		var got *redis.SliceCmd
		var err error
		if at, err = r.read(ctx, func(p redis.Pipeliner) {
			got = p.HMGet(ctx, r.store.key(r.edition, hashOf(tenant, t.tableName())), part...)
		}); err != nil {
			return nil, at, err
		}
		for _, v := range got.Val() {
			text, ok := v.(string)
			if !ok {
				docs = append(docs, nil)
				continue
			}
			doc, err := t.decode([]byte(text))
			if err != nil {
				return nil, at, err
			}
			docs = append(docs, doc)
		}
	}
	return docs, at, nil
}

func (r redisRows) docs(ctx context.Context, t TableDef, tenant es.Tenant, ids []string) ([]any, error) {
	docs, _, err := r.docsAt(ctx, t, tenant, ids)
	return docs, err
}

// entriesAt returns the entries of a span without their documents.
func (r redisRows) entriesAt(ctx context.Context, t TableDef, tenant es.Tenant, sp span) ([]string, Checkpoint, error) {
	by := &redis.ZRangeBy{Min: "-", Max: "+", Count: int64(sp.limit)}
	if sp.lo != "" {
		by.Min = "[" + sp.lo
	}
	if sp.hi != "" {
		by.Max = "(" + sp.hi
	}
	var got *redis.StringSliceCmd
	at, err := r.read(ctx, func(p redis.Pipeliner) {
		key := r.store.key(r.edition, zsetOf(tenant, t.tableName(), sp.index))
		if sp.desc {
			got = p.ZRevRangeByLex(ctx, key, by)
		} else {
			got = p.ZRangeByLex(ctx, key, by)
		}
	})
	if err != nil {
		return nil, at, err
	}
	return got.Val(), at, nil
}

func (r redisRows) list(ctx context.Context, t TableDef, tenant es.Tenant, sp span) ([]row, error) {
	found, _, err := r.listAt(ctx, t, tenant, sp)
	return found, err
}

// listAt reads entries, then documents. When a batch came between the two, it
// leaves out the documents that no longer have the entry.
func (r redisRows) listAt(ctx context.Context, t TableDef, tenant es.Tenant, sp span) ([]row, Checkpoint, error) {
	entries, at, err := r.entriesAt(ctx, t, tenant, sp)
	if err != nil || len(entries) == 0 {
		return nil, at, err
	}
	found, ids := make([]row, len(entries)), make([]string, len(entries))
	for i, e := range entries {
		_, ids[i] = split(sp.index, e)
		found[i] = row{entry: e, id: ids[i]}
	}
	docs, then, err := r.docsAt(ctx, t, tenant, ids)
	if err != nil {
		return nil, then, err
	}
	for i := range found {
		if docs[i] != nil && (then == at || has(t, sp.index, found[i], docs[i])) {
			found[i].doc = docs[i]
		}
	}
	return found, then, nil
}

func has(t TableDef, index string, r row, doc any) bool {
	return index == "" || slices.ContainsFunc(t.keys(r.id, doc), func(k Key) bool {
		return k.Index == index && entry(k.Index, k.Sort, r.id) == r.entry
	})
}

func (r redisRows) count(ctx context.Context, t TableDef, tenant es.Tenant, sp span) (int, error) {
	n, _, err := r.countAt(ctx, t, tenant, sp)
	return n, err
}

func (r redisRows) countAt(ctx context.Context, t TableDef, tenant es.Tenant, sp span) (int, Checkpoint, error) {
	lo, hi := "-", "+"
	if sp.lo != "" {
		lo = "[" + sp.lo
	}
	if sp.hi != "" {
		hi = "(" + sp.hi
	}
	var got *redis.IntCmd
	at, err := r.read(ctx, func(p redis.Pipeliner) {
		got = p.ZLexCount(ctx, r.store.key(r.edition, zsetOf(tenant, t.tableName(), sp.index)), lo, hi)
	})
	if err != nil {
		return 0, at, err
	}
	return int(got.Val()), at, nil
}

func (r redisRows) indexes(ctx context.Context, t TableDef, tenant es.Tenant) ([]string, error) {
	keys, err := r.store.client.SMembers(ctx, r.store.key(r.edition, "k")).Result()
	if err != nil {
		return nil, err
	}
	var all []string
	for _, k := range keys {
		if index, ok := strings.CutPrefix(k, zsetOf(tenant, t.tableName(), "")); ok && index != "" {
			all = append(all, index)
		}
	}
	slices.Sort(all)
	return all, nil
}

func (r redisRows) tenants(ctx context.Context) ([]es.Tenant, error) {
	keys, err := r.store.client.SMembers(ctx, r.store.key(r.edition, "k")).Result()
	if err != nil {
		return nil, err
	}
	var all []es.Tenant
	for _, k := range keys {
		tenant, err := es.ParseTenant(strings.Split(k, ":")[1])
		if err != nil {
			return nil, fmt.Errorf("key %s of %v: %w", k, r.edition, err)
		}
		all = append(all, tenant)
	}
	slices.SortFunc(all, func(a, b es.Tenant) int { return strings.Compare(a.String(), b.String()) })
	return slices.Compact(all), nil
}
