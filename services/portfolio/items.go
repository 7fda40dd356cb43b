package portfolio

import (
	"fmt"
	"time"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/view"
	"throughline.dev/services/backlog"
)

// Item is a work item as it is read.
type Item struct {
	Head
	ItemState
}

// ItemState lets Head's fields win over those of the same name in the state.
type ItemState struct{ backlog.Item }

// items are found by key, type, team, state and the time of their last change.
var items = view.NewTable("item", func(id string, d Item) []view.Key {
	n := sortKey(d.Key)
	keys := []view.Key{
		{Index: "key", Sort: n},
		{Index: "type", Sort: string(d.Kind) + "/" + n},
		{Index: "state", Sort: string(d.State) + "/" + n},
		{Index: "updated", Sort: d.Updated.UTC().Format(sortTime)},
	}
	if d.Team != "" {
		keys = append(keys, view.Key{Index: "team", Sort: string(d.Team) + "/" + n})
	}
	if p := d.Parent; p != nil && (p.Item != "" || p.Epic != "") {
		keys = append(keys, view.Key{Index: "parent", Sort: string(p.Item) + string(p.Epic) + "/" + n})
	}
	if d.Iteration != "" {
		keys = append(keys, view.Key{Index: "iteration", Sort: string(d.Iteration) + "/" + n})
	}
	return keys
})

// sortTime is RFC 3339 with a fixed width, so that it sorts as text.
const sortTime = "2006-01-02T15:04:05.000000000Z"

func onItem(tx *view.Tx, e es.Event[backlog.Item]) {
	d, _ := items.Get(tx, tx.ID())
	before := d.State
	d.Item = shown(e.Evolve(d.Item))
	d.Head = d.Head.touched(tx, d.State != before)
	items.Put(tx, tx.ID(), d)
	change(tx, tx.ID(), func(n Node) Node {
		n.Type, n.Key, n.Title, n.State = string(d.Kind), d.Key, d.Title, string(d.State)
		n.Category = string(d.State.Category())
		n.Since = d.Created.UTC().Format(time.RFC3339)
		n.Parents, n.Reason, n.Branch.Up = nil, "", ""
		if p := d.Parent; p != nil {
			n.Reason = p.None
			if up := string(p.Item) + string(p.Epic); up != "" {
				n.Parents, n.Branch.Up = []string{up}, up
			}
		}
		n.Branch.Own = own(d.Item)
		return n
	})
}

// shown leaves out what only a later import needs to know.
func shown(i backlog.Item) backlog.Item {
	if i.Imported != nil {
		imported := *i.Imported
		imported.Hashes, imported.Comments = nil, nil
		i.Imported = &imported
	}
	return i
}

// own is what an item counts when nothing lies below it.
func own(i backlog.Item) Progress {
	if i.Kind == backlog.Task || i.State == backlog.Cancelled {
		return Progress{}
	}
	p := Progress{Items: 1}
	if i.Points == nil {
		p.Unestimated = 1
	} else {
		p.Points = *i.Points
	}
	if i.State == backlog.Done {
		p.Done, p.DonePoints = 1, p.Points
	}
	return p
}

// Team is a team as it is read.
type Team struct {
	Head
	TeamState
}

// TeamState lets Head's fields win over those of the same name in the state.
type TeamState struct{ backlog.Team }

var teams = view.NewTable[Team]("team", nil)

var onTeam = folded(backlog.Teams, teams, func(d *Team) (*Head, *backlog.Team) { return &d.Head, &d.Team },
	func(s backlog.Team) string { return fmt.Sprint(s.State) })
