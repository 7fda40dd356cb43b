package view

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/redis/go-redis/v9"

	"throughline.dev/pkg/es"
)

// redisWriter folds into Redis: reads go through a cache of documents that
// holds only while every write is ours, so a fold does not pay a round trip
// per document. The cache goes with the writer when a commit is refused.
type redisWriter struct {
	redisRows
	now   Checkpoint
	cache *lru.Cache[docKey, any]
	whole bool // the cache holds every document: what it lacks is not there
}

type docKey struct {
	tenant    es.Tenant
	table, id string
}

// cached is how many documents a writer keeps, some 100 MB of small ones.
const cached = 100_000

func (s *redisStore) writer(ctx context.Context, e Edition) (writer, error) {
	at, err := s.checkpoint(ctx, e)
	if err != nil {
		return nil, err
	}
	w := &redisWriter{redisRows: redisRows{s, e}, now: at, whole: at.Position == 0}
	w.cache, err = lru.NewWithEvict(cached, func(docKey, any) { w.whole = false })
	return w, err
}

func (w *redisWriter) base() Checkpoint { return w.now }
func (w *redisWriter) root() *root      { return nil }

func (w *redisWriter) draft() draft {
	return &redisDraft{w, emptyRoot().draft(), map[string]TableDef{}}
}

// commit writes what the draft changed and the checkpoint in one MULTI, under
// WATCH of the checkpoint.
func (w *redisWriter) commit(ctx context.Context, d draft, at Checkpoint) error {
	changes, err := d.(*redisDraft).changes()
	if err != nil {
		return err
	}
	next, err := json.Marshal(at)
	if err != nil {
		return err
	}
	key := w.store.key(w.edition, "at")
	err = w.store.watch(ctx, func(tx *redis.Tx) error {
		var is Checkpoint
		if _, err := readJSON(ctx, tx, key, &is); err != nil {
			return err
		}
		if is != w.now {
			return errMoved
		}
		_, err := tx.TxPipelined(ctx, func(p redis.Pipeliner) error {
			changes.queue(ctx, p, func(rest string) string { return w.store.key(w.edition, rest) })
			p.Set(ctx, key, next, 0)
			return nil
		})
		return err
	}, key)
	if err != nil {
		// Whether it was written is not known after a broken connection; the
		// writer is given up and the checkpoint read again.
		return errors.Join(errMoved, err)
	}
	w.now = at
	for k, doc := range changes.docs {
		w.cache.Add(k, doc)
	}
	return nil
}

// redisDraft is the base in Redis under an overlay of what the batch changed.
// In the overlay a value of gone takes the base's away.
type redisDraft struct {
	w      *redisWriter
	over   *treeDraft
	tables map[string]TableDef // that the batch wrote to
}

type gone struct{}

func (d *redisDraft) docs(ctx context.Context, t TableDef, tenant es.Tenant, ids []string) ([]any, error) {
	docs := make([]any, len(ids))
	var miss []int
	prefix := stretch(tenant, t, "")
	for i, id := range ids {
		if v, ok := d.over.txn.Get([]byte(prefix + id)); ok {
			if _, away := v.(gone); !away {
				docs[i] = v
			}
		} else if v, ok := d.w.cache.Get(docKey{tenant, t.tableName(), id}); ok {
			docs[i] = v
		} else if !d.w.whole {
			miss = append(miss, i)
		}
	}
	if len(miss) == 0 {
		return docs, nil
	}
	asked := make([]string, len(miss))
	for n, i := range miss {
		asked[n] = ids[i]
	}
	got, at, err := d.w.docsAt(ctx, t, tenant, asked)
	if err != nil {
		return nil, err
	}
	if at != d.w.now {
		return nil, errMoved
	}
	for n, i := range miss {
		docs[i] = got[n]
		d.w.cache.Add(docKey{tenant, t.tableName(), ids[i]}, got[n])
	}
	return docs, nil
}

func (d *redisDraft) set(t TableDef, tenant es.Tenant, id string, doc any, less, more []Key) error {
	d.tables[t.tableName()] = t
	insert := func(k Key, v any) {
		d.over.txn.Insert([]byte(entries(tenant, t.tableName(), k.Index)+entry(k.Index, k.Sort, id)), v)
	}
	for _, k := range less {
		insert(k, gone{})
	}
	for _, k := range more {
		insert(k, id)
	}
	if doc == nil {
		doc = gone{}
	}
	d.over.txn.Insert([]byte(stretch(tenant, t, "")+id), doc)
	return nil
}

// list merges the base's entries with the overlay's.
func (d *redisDraft) list(ctx context.Context, t TableDef, tenant es.Tenant, sp span) ([]row, error) {
	over := map[string]any{}
	all := sp
	all.limit = 0
	d.over.each(entries(tenant, t.tableName(), sp.index), all, func(entry string, v any) { over[entry] = v })
	ask := sp
	if sp.limit > 0 {
		ask.limit += len(over) // as many may be taken away
	}
	base, at, err := d.w.entries(ctx, t, tenant, ask)
	if err != nil {
		return nil, err
	}
	if at != d.w.now {
		return nil, errMoved
	}
	var merged []string
	for _, e := range base {
		if _, touched := over[e]; !touched {
			merged = append(merged, e)
		}
	}
	for e, v := range over {
		if _, away := v.(gone); !away {
			merged = append(merged, e)
		}
	}
	slices.Sort(merged)
	if sp.desc {
		slices.Reverse(merged)
	}
	if sp.limit > 0 && len(merged) > sp.limit {
		merged = merged[:sp.limit]
	}
	found, ids := make([]row, len(merged)), make([]string, len(merged))
	for i, e := range merged {
		_, ids[i] = split(sp.index, e)
		found[i] = row{entry: e, id: ids[i]}
	}
	docs, err := d.docs(ctx, t, tenant, ids)
	if err != nil {
		return nil, err
	}
	for i := range found {
		found[i].doc = docs[i]
	}
	return found, nil
}

func (d *redisDraft) count(ctx context.Context, t TableDef, tenant es.Tenant, sp span) (int, error) {
	found, err := d.list(ctx, t, tenant, sp)
	return len(found), err
}

// redisChanges is what a batch comes to: one command per key.
type redisChanges struct {
	docs     map[docKey]any // nil: deleted; for the cache
	put, add map[string][]any
	cut, rem map[string][]any
	keys     map[string]struct{}
}

// changes reads the overlay; see root for the form of its keys.
func (d *redisDraft) changes() (redisChanges, error) {
	c := redisChanges{docs: map[docKey]any{}, put: map[string][]any{}, add: map[string][]any{},
		cut: map[string][]any{}, rem: map[string][]any{}, keys: map[string]struct{}{}}
	it := d.over.txn.Root().Iterator()
	for k, v, ok := it.Next(); ok; k, v, ok = it.Next() {
		tenant, err := es.ParseTenant(string(k[:26]))
		if err != nil {
			return c, err
		}
		table, rest, _ := strings.Cut(string(k[27:]), "\x00")
		_, away := v.(gone)
		if k[26] == 'x' {
			index, entry, _ := strings.Cut(rest, "\x00")
			key := indexKey(tenant, table, index)
			if away {
				c.rem[key] = append(c.rem[key], entry)
			} else {
				c.add[key] = append(c.add[key], entry)
				c.keys[key] = struct{}{}
			}
			continue
		}
		key, id := docsKey(tenant, table), docKey{tenant, table, rest}
		if away {
			c.docs[id] = nil
			c.cut[key] = append(c.cut[key], rest)
			continue
		}
		c.docs[id] = v
		b, err := d.tables[table].encode(v)
		if err != nil {
			return c, poison{err}
		}
		c.put[key] = append(c.put[key], rest, b)
		c.keys[key] = struct{}{}
	}
	return c, nil
}

func (c redisChanges) queue(ctx context.Context, p redis.Pipeliner, full func(string) string) {
	for key, fields := range c.put {
		p.HSet(ctx, full(key), fields...)
	}
	for key, ids := range c.cut {
		p.HDel(ctx, full(key), texts(ids)...)
	}
	for key, entries := range c.add {
		members := make([]redis.Z, len(entries))
		for i, e := range entries {
			members[i] = redis.Z{Member: e}
		}
		p.ZAdd(ctx, full(key), members...)
	}
	for key, entries := range c.rem {
		p.ZRem(ctx, full(key), entries...)
	}
	if len(c.keys) > 0 {
		keys := make([]any, 0, len(c.keys))
		for k := range c.keys {
			keys = append(keys, k)
		}
		p.SAdd(ctx, full("k"), keys...)
	}
}

func texts(vs []any) []string {
	out := make([]string, len(vs))
	for i, v := range vs {
		out[i] = v.(string)
	}
	return out
}
