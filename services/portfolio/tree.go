package portfolio

import (
	"context"
	"slices"
	"strings"

	"throughline.dev/pkg/fail"
	"throughline.dev/pkg/view"
)

// Branch is one node of the strategy tree as it is shown.
type Branch struct {
	ID         string         `json:"id"`
	Type       string         `json:"type" doc:"vision, theme, objective, epic, capability, feature, story, bug, task, idea, insight or feedback"`
	Key        string         `json:"key,omitempty"`
	Title      string         `json:"title"`
	State      string         `json:"state"`
	Category   string         `json:"category" doc:"todo, active, wait, done or cancelled"`
	Progress   ProgressShown  `json:"progress"`
	Requesters int            `json:"requesters"`
	Kids       map[string]int `json:"kids,omitempty" doc:"How many nodes of each type are directly below."`
	Reason     string         `json:"reason,omitempty" doc:"Why nothing is above it, where somebody said so."`
}

// Tree is a part of the strategy tree: the top, or what is below one node.
type Tree struct {
	Position uint64     `json:"position"`
	Parent   *Branch    `json:"parent,omitempty"`
	Nodes    []Branch   `json:"nodes"`
	Next     string     `json:"next,omitempty"`
	Coverage []Coverage `json:"coverage,omitempty" doc:"Only at the top."`
	Orphans  []Counted  `json:"orphans,omitempty" doc:"How many nodes of each type hang on nothing. Only at the top."`
	Barren   []Counted  `json:"childless,omitempty" doc:"How many have nothing below them. Only at the top."`
}

// Coverage is which share of the nodes of a type holds what it should.
type Coverage struct {
	Name    string  `json:"name"`
	Text    string  `json:"text"`
	Have    int     `json:"have"`
	Of      int     `json:"of"`
	Percent float64 `json:"percent" doc:"100 when there are none."`
}

// Counted is how many nodes of a type there are.
type Counted struct {
	Type  string `json:"type"`
	Count int    `json:"count"`
}

func branchOf(ctx context.Context, r view.Reader, n Node) (Branch, error) {
	b := Branch{ID: n.ID, Type: n.Type, Key: n.Key, Title: n.Title, State: n.State, Category: n.Category,
		Requesters: n.Requesters(), Kids: n.Kids, Reason: n.Reason}
	p := n.Progress()
	if n.Type == "vision" || n.Type == "theme" || n.Type == "objective" {
		var err error
		if p, b.Requesters, err = sumBelow(ctx, r, n.ID); err != nil {
			return b, err
		}
	}
	b.Progress = p.Shown()
	return b, nil
}

// sumBelow adds up the epics below a node of the strategy, each once: an epic
// may serve several themes, and a theme beside the objectives that measure it,
// so what is above epics is summed when it is read.
func sumBelow(ctx context.Context, r view.Reader, id string) (Progress, int, error) {
	var total Progress
	asking := map[string]bool{}
	seen := map[string]bool{id: true} // ends the walk, too
	var down func(id string) error
	down = func(id string) error {
		return each(ctx, nodes, r, view.Range{Index: "child", Prefix: id + "/"}, func(row view.Row[Node]) error {
			n := row.Doc
			if seen[n.ID] || n.Category == "cancelled" {
				return nil
			}
			seen[n.ID] = true
			switch n.Type {
			case "epic":
				total = total.plus(n.Progress(), 1)
				for c := range n.Branch.Asking {
					asking[c] = true
				}
			case "theme", "objective":
				return down(n.ID)
			}
			return nil
		})
	}
	err := down(id)
	return total, len(asking), err
}

// Top returns the top of the strategy tree with its coverage: the visions, and
// the themes that hang on none.
func Top(ctx context.Context, r view.Reader) (Tree, error) {
	t := Tree{Position: r.Position(), Nodes: []Branch{}}
	for _, typ := range []string{"vision", "theme"} {
		err := each(ctx, nodes, r, view.Range{Index: "type", Prefix: typ + "/"}, func(row view.Row[Node]) error {
			if len(row.Doc.Parents) > 0 {
				return nil
			}
			b, err := branchOf(ctx, r, row.Doc)
			t.Nodes = append(t.Nodes, b)
			return err
		})
		if err != nil {
			return t, err
		}
	}
	for _, c := range covers {
		have, err := nodes.Count(ctx, r, "cover", c.Name+"/")
		if err != nil {
			return t, err
		}
		of, err := nodes.Count(ctx, r, "type", c.Type+"/")
		if err != nil {
			return t, err
		}
		share := 100.0
		if of > 0 {
			share = tidy(float64(have) / float64(of) * 100)
		}
		t.Coverage = append(t.Coverage, Coverage{c.Name, c.Text, have, of, share})
	}
	for _, typ := range levels {
		for _, list := range []struct {
			index string
			into  *[]Counted
		}{{"orphan", &t.Orphans}, {"childless", &t.Barren}} {
			n, err := nodes.Count(ctx, r, list.index, level(typ)+"/")
			if err != nil {
				return t, err
			}
			if n > 0 {
				*list.into = append(*list.into, Counted{typ, n})
			}
		}
	}
	return t, nil
}

// Below returns what hangs directly below a node, one page at a time.
func Below(ctx context.Context, r view.Reader, id, after string, limit int) (Tree, error) {
	n, ok, err := nodes.Find(ctx, r, id)
	if err != nil || !ok || n.Type == "" {
		return Tree{}, orMissing(err, "node of the strategy tree", id)
	}
	parent, err := branchOf(ctx, r, n)
	if err != nil {
		return Tree{}, err
	}
	t := Tree{Position: r.Position(), Parent: &parent, Nodes: []Branch{}}
	rows, next, err := nodes.List(ctx, r, view.Range{Index: "child", Prefix: id + "/", After: after, Limit: limit})
	if err != nil {
		return t, err
	}
	t.Next = next
	for _, row := range rows {
		b, err := branchOf(ctx, r, row.Doc)
		if err != nil {
			return t, err
		}
		t.Nodes = append(t.Nodes, b)
	}
	return t, nil
}

// Adrift lists the nodes that hang on nothing (list "orphans") or have nothing
// below them (list "childless"), of one type or of all.
func Adrift(ctx context.Context, r view.Reader, list, typ, after string, limit int) (Tree, error) {
	index, ok := map[string]string{"orphans": "orphan", "childless": "childless"}[list]
	if !ok {
		return Tree{}, fail.Invalid("list", "there are the lists orphans and childless, not %q", list)
	}
	q := view.Range{Index: index, After: after, Limit: limit}
	if typ != "" {
		q.Prefix = level(typ) + "/"
	}
	rows, next, err := nodes.List(ctx, r, q)
	t := Tree{Position: r.Position(), Nodes: []Branch{}, Next: next}
	if err != nil {
		return t, err
	}
	for _, row := range rows {
		b, err := branchOf(ctx, r, row.Doc)
		if err != nil {
			return t, err
		}
		t.Nodes = append(t.Nodes, b)
	}
	return t, nil
}

// Line is one thing with everything above it, up to the vision, and what is
// directly below it.
type Line struct {
	Position uint64     `json:"position"`
	Node     Branch     `json:"node"`
	Up       [][]Branch `json:"up" doc:"The ways up, each from the top to the thing's parent. A thing with several parents has several."`
	Down     []Branch   `json:"down" doc:"Directly below, at most 200."`
	More     bool       `json:"more,omitempty" doc:"There is more below than is shown."`
}

// maxLines is how many ways up are followed.
const maxLines = 20

// LineOf returns the line through a node.
func LineOf(ctx context.Context, r view.Reader, id string) (Line, error) {
	below, err := Below(ctx, r, id, "", 200)
	if err != nil {
		return Line{}, err
	}
	l := Line{Position: r.Position(), Node: *below.Parent, Down: below.Nodes, More: below.Next != "", Up: [][]Branch{}}
	var climb func(id string, below []Branch, depth int) error
	climb = func(id string, below []Branch, depth int) error {
		n, ok, err := nodes.Find(ctx, r, id)
		if err != nil {
			return err
		}
		var known []string
		if ok && depth < maxDepth {
			for _, p := range n.Parents {
				if above, there, err := nodes.Find(ctx, r, p); err != nil {
					return err
				} else if there && above.Type != "" {
					known = append(known, p)
				}
			}
		}
		if len(known) == 0 {
			if len(below) > 0 && len(l.Up) < maxLines {
				l.Up = append(l.Up, below)
			}
			return nil
		}
		for _, p := range known {
			above, _, err := nodes.Find(ctx, r, p)
			if err != nil {
				return err
			}
			b, err := branchOf(ctx, r, above)
			if err != nil {
				return err
			}
			if err := climb(p, append([]Branch{b}, below...), depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	return l, climb(id, nil, 0)
}

// Search returns up to limit nodes whose key or title has the words in it, of
// the types named, or of all.
func Search(ctx context.Context, r view.Reader, words string, types []string, limit int) ([]Branch, error) {
	words = strings.ToLower(strings.TrimSpace(words))
	found := []Branch{}
	if words == "" {
		return found, nil
	}
	// Whoever types a whole key means that one thing.
	exact, ok, err := ByKey(ctx, r, words)
	if err != nil {
		return nil, err
	}
	if ok {
		n, _, err := nodes.Find(ctx, r, exact)
		if err != nil {
			return nil, err
		}
		found = append(found, Branch{ID: n.ID, Type: n.Type, Key: n.Key, Title: n.Title, State: n.State, Category: n.Category})
	}
	for _, typ := range levels {
		if len(types) > 0 && !slices.Contains(types, typ) {
			continue
		}
		q := view.Range{Index: "type", Prefix: typ + "/", Limit: 500}
		for len(found) < limit {
			rows, next, err := nodes.List(ctx, r, q)
			if err != nil {
				return nil, err
			}
			for _, row := range rows {
				n := row.Doc
				if len(found) < limit && n.ID != exact && (strings.Contains(strings.ToLower(n.Title), words) || strings.HasPrefix(strings.ToLower(n.Key), words)) {
					found = append(found, Branch{ID: n.ID, Type: n.Type, Key: n.Key, Title: n.Title, State: n.State, Category: n.Category})
				}
			}
			if q.After = next; next == "" {
				break
			}
		}
	}
	return found, nil
}

// EachNode calls visit for the nodes at the top, or directly below one.
func EachNode(ctx context.Context, r view.Reader, parent string, visit func(Branch) error) error {
	if parent == "" {
		t, err := Top(ctx, r)
		for _, n := range t.Nodes {
			if err := visit(n); err != nil {
				return err
			}
		}
		return err
	}
	return each(ctx, nodes, r, view.Range{Index: "child", Prefix: parent + "/"}, func(row view.Row[Node]) error {
		b, err := branchOf(ctx, r, row.Doc)
		if err != nil {
			return err
		}
		return visit(b)
	})
}

// NodeOf returns a node as it is shown; nil when there is none.
func NodeOf(ctx context.Context, r view.Reader, id string) (*Branch, error) {
	n, ok, err := nodes.Find(ctx, r, id)
	if err != nil || !ok || n.Type == "" {
		return nil, err
	}
	b, err := branchOf(ctx, r, n)
	return &b, err
}

// ByKey returns the id of the thing in the tree with this human key.
func ByKey(ctx context.Context, r view.Reader, key string) (string, bool, error) {
	rows, _, err := nodes.List(ctx, r, view.Range{Index: "key", Prefix: sortKey(key), Limit: 20})
	if err != nil {
		return "", false, err
	}
	for _, row := range rows {
		if strings.EqualFold(row.Doc.Key, key) {
			return row.ID, true, nil
		}
	}
	return "", false, nil
}
