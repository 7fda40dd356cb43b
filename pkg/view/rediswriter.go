package view

import (
	"context"
	"encoding/json"
	"errors"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/redis/go-redis/v9"

	"throughline.dev/pkg/es"
)

// redisWriter folds into Redis: reads go through a cache of documents that
// holds only while every write is ours, so a fold does not pay a round trip
// per document. The cache goes with the writer when a commit is refused.
type redisWriter struct {
	rows  redisRows
	now   Checkpoint
	cache *lru.Cache[docKey, any]
	whole bool // the cache holds every document: what it lacks is not there
}

// cached is how many documents a writer keeps: some 3 MB of small ones, 20 MB
// of work items with long descriptions.
const cached = 3_000

func (s *redisStore) writer(ctx context.Context, e Edition) (writer, error) {
	at, err := s.checkpoint(ctx, e)
	if err != nil {
		return nil, err
	}
	w := &redisWriter{rows: redisRows{s, e}, now: at, whole: at.Position == 0}
	w.cache, err = lru.NewWithEvict(cached, func(docKey, any) { w.whole = false })
	return w, err
}

func (w *redisWriter) base() Checkpoint { return w.now }
func (w *redisWriter) root() *root      { return nil }

func (w *redisWriter) draft() *draft { return newDraft(w) }

// docs is the base of a draft: the documents as this writer left them.
func (w *redisWriter) docs(ctx context.Context, t TableDef, tenant es.Tenant, ids []string) ([]any, error) {
	docs := make([]any, len(ids))
	var miss []int
	for i, id := range ids {
		if doc, ok := w.cache.Get(docKey{tenant, t.tableName(), id}); ok {
			docs[i] = doc
		} else if !w.whole {
			miss = append(miss, i)
		}
	}
	if len(miss) == 0 {
		return docs, nil
	}
	ask := make([]string, len(miss))
	for n, i := range miss {
		ask[n] = ids[i]
	}
	got, at, err := w.rows.docsAt(ctx, t, tenant, ask)
	if err == nil && at != w.now {
		err = errMoved
	}
	if err != nil {
		return nil, err
	}
	for n, i := range miss {
		docs[i] = got[n]
		w.cache.Add(docKey{tenant, t.tableName(), ids[i]}, got[n])
	}
	return docs, nil
}

func (w *redisWriter) entries(ctx context.Context, t TableDef, tenant es.Tenant, sp span) ([]string, error) {
	found, at, err := w.rows.entriesAt(ctx, t, tenant, sp)
	if err == nil && at != w.now {
		err = errMoved
	}
	return found, err
}

// commit writes what the draft changed and the checkpoint in one MULTI, under
// WATCH of the checkpoint.
func (w *redisWriter) commit(ctx context.Context, d *draft, at Checkpoint) error {
	changes, err := w.changes(d)
	if err != nil {
		return err
	}
	next, err := json.Marshal(at)
	if err != nil {
		return err
	}
	key := w.key("at")
	err = w.rows.store.watch(ctx, func(tx *redis.Tx) error {
		var is Checkpoint
		if _, err := readJSON(ctx, tx, key, &is); err != nil {
			return err
		}
		if is != w.now {
			return errMoved
		}
		_, err := tx.TxPipelined(ctx, func(p redis.Pipeliner) error {
			changes.queue(ctx, p)
			p.Set(ctx, key, next, 0)
			return nil
		})
		return err
	}, key)
	if err != nil {
		// Whether it was written is not known after a broken connection: the
		// writer is given up and the checkpoint read again.
		return errors.Join(errMoved, err)
	}
	w.now = at
	for k, doc := range d.docs {
		w.cache.Add(k, doc)
	}
	return nil
}

func (w *redisWriter) key(rest string) string { return w.rows.store.key(w.rows.edition, rest) }

// redisChanges is what a batch comes to, by key: one command for each.
type redisChanges struct {
	put, cut map[string][]any // of hashes
	add, rem map[string][]any // of ZSETs
	keysKey  string
	keys     []any // that may be new
}

func (w *redisWriter) changes(d *draft) (redisChanges, error) {
	c := redisChanges{put: map[string][]any{}, cut: map[string][]any{}, add: map[string][]any{}, rem: map[string][]any{}, keysKey: w.key("k")}
	for k, doc := range d.docs {
		rest := hashOf(k.tenant, k.table)
		key := w.key(rest)
		if doc == nil {
			c.cut[key] = append(c.cut[key], k.id)
			continue
		}
		b, err := d.tables[k.table].encode(doc)
		if err != nil {
			return c, poison{err}
		}
		if c.put[key] == nil {
			c.keys = append(c.keys, rest)
		}
		c.put[key] = append(c.put[key], k.id, b)
	}
	for k, touched := range d.index {
		rest := zsetOf(k.tenant, k.table, k.index)
		key := w.key(rest)
		for entry, there := range touched {
			if there {
				c.add[key] = append(c.add[key], entry)
			} else {
				c.rem[key] = append(c.rem[key], entry)
			}
		}
		if c.add[key] != nil {
			c.keys = append(c.keys, rest)
		}
	}
	return c, nil
}

func (c redisChanges) queue(ctx context.Context, p redis.Pipeliner) {
	for key, fields := range c.put {
		p.HSet(ctx, key, fields...)
	}
	for key, ids := range c.cut {
		p.HDel(ctx, key, texts(ids)...)
	}
	for key, entries := range c.add {
		members := make([]redis.Z, len(entries))
		for i, e := range entries {
			members[i] = redis.Z{Member: e}
		}
		p.ZAdd(ctx, key, members...)
	}
	for key, entries := range c.rem {
		p.ZRem(ctx, key, entries...)
	}
	if len(c.keys) > 0 {
		p.SAdd(ctx, c.keysKey, c.keys...)
	}
}

func texts(vs []any) []string {
	out := make([]string, len(vs))
	for i, v := range vs {
		out[i] = v.(string)
	}
	return out
}
