package gateway

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// Comparison says what is different between two moments.
type Comparison struct {
	From    uint64    `json:"from" doc:"Position of the earlier moment named by compareTo."`
	To      uint64    `json:"to" doc:"Position that the answer shows."`
	Entered []Named   `json:"entered" doc:"There now, not then."`
	Left    []Named   `json:"left" doc:"There then, not now."`
	Changed []Changed `json:"changed"`
}

// Named is one thing that a comparison speaks of.
type Named struct {
	ID    string `json:"id"`
	Key   string `json:"key,omitempty"`
	Title string `json:"title,omitempty"`
}

// Changed is one thing that is there at both moments and differs.
type Changed struct {
	Named
	Changes []Change `json:"changes"`
}

// Change is one field that differs.
type Change struct {
	Field string `json:"field"`
	Old   any    `json:"old,omitempty"`
	New   any    `json:"new,omitempty"`
}

// passing are fields that change by themselves: time goes by, and so does the
// version that follows from the change of another field.
var passing = map[string]bool{"version": true, "updatedAt": true, "updatedBy": true, "days": true, "old": true, "position": true, "averageAge": true, "since": true}

// moments collects documents at two moments by id.
type moments struct{ then, now map[string]map[string]any }

func newMoments() moments {
	return moments{map[string]map[string]any{}, map[string]map[string]any{}}
}

// fields is a document as its JSON says it.
func fields(doc any) (map[string]any, error) {
	b, err := json.Marshal(doc)
	if err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	var m map[string]any
	return m, json.Unmarshal(b, &m)
}

func (m moments) add(to map[string]map[string]any, id string, doc any) error {
	f, err := fields(doc)
	to[id] = f
	return err
}

// compare returns the differences in the order of keys.
func (m moments) compare(from, to uint64) *Comparison {
	c := &Comparison{From: from, To: to, Entered: []Named{}, Left: []Named{}, Changed: []Changed{}}
	for id, now := range m.now {
		then, ok := m.then[id]
		if !ok {
			c.Entered = append(c.Entered, named(id, now))
		} else if changes := differences(then, now); len(changes) > 0 {
			c.Changed = append(c.Changed, Changed{named(id, now), changes})
		}
	}
	for id, then := range m.then {
		if _, ok := m.now[id]; !ok {
			c.Left = append(c.Left, named(id, then))
		}
	}
	byKey := func(a, b Named) int { return compareText(a.Key+a.ID, b.Key+b.ID) }
	slices.SortFunc(c.Entered, byKey)
	slices.SortFunc(c.Left, byKey)
	slices.SortFunc(c.Changed, func(a, b Changed) int { return byKey(a.Named, b.Named) })
	return c
}

func differences(then, now map[string]any) []Change {
	keys := map[string]bool{}
	for k := range then {
		keys[k] = true
	}
	for k := range now {
		keys[k] = true
	}
	var out []Change
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		if !passing[k] && !reflect.DeepEqual(then[k], now[k]) {
			out = append(out, Change{k, then[k], now[k]})
		}
	}
	return out
}

func named(id string, f map[string]any) Named {
	text := func(names ...string) string {
		for _, n := range names {
			if s, ok := f[n].(string); ok && s != "" {
				return s
			}
		}
		return ""
	}
	return Named{id, text("key"), text("title", "name", "text")}
}

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
