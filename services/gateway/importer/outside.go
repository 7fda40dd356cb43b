package importer

import (
	"context"

	"throughline.dev/services/backlog"
	"throughline.dev/services/portfolio"
)

// outside finds what an export refers to but does not hold, among what was
// imported before.
type outside struct {
	r       *run
	keys    map[string]*portfolio.Item // nil: looked up, not there
	numbers map[string]string          // Jira's number to its key; nil: not yet read
}

func newOutside(r *run) *outside { return &outside{r: r, keys: map[string]*portfolio.Item{}} }

// item returns the item of an issue that is not in this export.
func (o *outside) item(ctx context.Context, key string) (*portfolio.Item, error) {
	if key == "" {
		return nil, nil
	}
	if have, looked := o.keys[key]; looked {
		return have, nil
	}
	d, there, err := portfolio.Items.Find(ctx, o.r.base, o.r.idOf(key).String())
	if err != nil {
		return nil, failed("look up", key, err)
	}
	if !there {
		o.keys[key] = nil
		return nil, nil
	}
	d.Description, d.Custom = "", nil
	o.keys[key] = &d
	return &d, nil
}

// key returns the key of an issue by Jira's own number. Items are not found by
// it, so all that were imported are read once, if it comes to that.
func (o *outside) key(ctx context.Context, number string) (string, error) {
	if number == "" {
		return "", nil
	}
	if o.numbers == nil {
		o.numbers = map[string]string{}
		err := portfolio.Items.All(ctx, o.r.base, func(_ string, d portfolio.Item) error {
			if d.Imported != nil && d.Imported.System == o.r.source && d.Imported.ID != "" {
				o.numbers[d.Imported.ID] = d.Imported.Key
			}
			return nil
		})
		if err != nil {
			return "", failed("look up", number, err)
		}
	}
	return o.numbers[number], nil
}

// aboveSub returns the parent of a sub-task, from the export or else from what
// was imported before; nil when it is nowhere.
func (r *run) aboveSub(ctx context.Context, e *entry) (*entry, error) {
	if p := r.parentSeen(e); p != nil {
		return p, nil
	}
	key := e.parentKey
	if key == "" {
		var err error
		if key, err = r.outside.key(ctx, e.parentID); err != nil {
			return nil, err
		}
	}
	have, err := r.outside.item(ctx, key)
	if err != nil || have == nil {
		return nil, err
	}
	return &entry{key: key, kind: have.Kind, sub: have.Kind == backlog.Task}, nil
}
