package portfolio

import (
	"math"
	"slices"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/view"
)

// Progress is how far the work below something is, counted over its leaves:
// stories, bugs, and features or capabilities that nothing lies below yet. What
// was cancelled does not count (domain.md §6.2).
type Progress struct {
	Items       int     `json:"items" doc:"Leaves that are not cancelled."`
	Done        int     `json:"done"`
	Points      float64 `json:"points" doc:"Sum of their story points."`
	DonePoints  float64 `json:"donePoints"`
	Unestimated int     `json:"unestimated" doc:"Leaves without points."`
}

func (p Progress) plus(q Progress, sign int) Progress {
	f := float64(sign)
	return Progress{p.Items + sign*q.Items, p.Done + sign*q.Done, tidy(p.Points + f*q.Points),
		tidy(p.DonePoints + f*q.DonePoints), p.Unestimated + sign*q.Unestimated}
}

// tidy keeps sums of points free of what floating-point subtraction leaves.
func tidy(x float64) float64 { return math.Round(x*100) / 100 }

// ByPoints tells whether Percent is of points: it is when every leaf has them.
func (p Progress) ByPoints() bool { return p.Items > 0 && p.Unestimated == 0 && p.Points > 0 }

// Percent is done ÷ all in points where all leaves are estimated, else in
// numbers of leaves; 0 to 100.
func (p Progress) Percent() float64 {
	switch {
	case p.Items == 0:
		return 0
	case p.ByPoints():
		return math.Round(p.DonePoints/p.Points*1000) / 10
	default:
		return math.Round(float64(p.Done)/float64(p.Items)*1000) / 10
	}
}

// branch is the part of a node that rolls up: what it counts itself, what lies
// below it, and who asked for it.
type branch struct {
	Up       string         `json:"up,omitempty"`       // the node it rolls up into
	Own      Progress       `json:"own"`                // counts when nothing lies below
	Below    Progress       `json:"below"`              // sum over the nodes that roll up into it
	Children int            `json:"children,omitempty"` // of them, not cancelled
	Asking   map[string]int `json:"asking,omitempty"`   // customer to how many requests at and below it
}

// total is what the node contributes to the one above.
func (b branch) total() Progress {
	if b.Children > 0 {
		return b.Below
	}
	return b.Own
}

// Node is one thing in the strategy tree, from the vision to the feedback.
type Node struct {
	ID       string   `json:"id"`
	Type     string   `json:"type" doc:"vision, theme, objective, epic, capability, feature, story, bug, task, idea, insight or feedback"`
	Key      string   `json:"key,omitempty"`
	Title    string   `json:"title"`
	State    string   `json:"state"`
	Category string   `json:"category" doc:"todo, active, wait, done or cancelled"`
	Parents  []string `json:"parents,omitempty" doc:"Ids of the nodes directly above it."`
	Reason   string   `json:"reason,omitempty" doc:"Why nothing is above it, where somebody said so."`
	Since    string   `json:"since,omitempty" doc:"When it came to be, RFC 3339."`

	Kids   map[string]int `json:"kids,omitempty" doc:"How many nodes of each type are directly below it."`
	Branch branch         `json:"branch"`
}

// Progress is of the work at and below the node.
func (n Node) Progress() Progress { return n.Branch.total() }

// Requesters is how many distinct customers asked for it or what is below.
func (n Node) Requesters() int { return len(n.Branch.Asking) }

// change writes a node and carries what it means up the line.
func change(tx *view.Tx, id string, f func(Node) Node) {
	old, _ := nodes.Get(tx, id)
	now := f(old)
	now.ID = id
	adopt(tx, old, now)
	if old.Branch.Up != now.Branch.Up {
		lift(tx, old.Branch.Up, old, -1)
		nodes.Put(tx, id, now)
		lift(tx, now.Branch.Up, now, +1)
		return
	}
	nodes.Put(tx, id, now)
	carry(tx, now.Branch.Up, contribution(old), contribution(now))
}

// adopt tells the nodes above what is directly below them now.
func adopt(tx *view.Tx, old, now Node) {
	if old.Type == now.Type && slices.Equal(old.Parents, now.Parents) {
		return
	}
	tell := func(n Node, by int) {
		for _, p := range n.Parents {
			if n.Type == "" || p == n.ID {
				continue
			}
			above, _ := nodes.Get(tx, p)
			above.ID = p
			above.Kids = es.Plus(above.Kids, n.Type, above.Kids[n.Type]+by)
			if above.Kids[n.Type] <= 0 {
				above.Kids = es.Minus(above.Kids, n.Type)
			}
			nodes.Put(tx, p, above)
		}
	}
	tell(old, -1)
	tell(now, +1)
}

// given is what a node hands to the node above.
type given struct {
	progress Progress
	counts   bool // as a child
}

func contribution(n Node) given {
	return given{n.Branch.total(), isWork(n.Type) && n.Category != "cancelled"}
}

// weight is the progress that a contribution adds above.
func (g given) weight() Progress {
	if !g.counts {
		return Progress{}
	}
	return g.progress
}

// carry replaces one contribution by another in the node above, and goes on
// upward as long as something changes.
func carry(tx *view.Tx, up string, was, now given) {
	for hops := 0; up != "" && was != now && hops < maxDepth; hops++ {
		n, _ := nodes.Get(tx, up)
		before := contribution(n)
		n.ID = up
		n.Branch.Below = n.Branch.Below.plus(was.weight(), -1).plus(now.weight(), +1)
		n.Branch.Children += count(now.counts) - count(was.counts)
		nodes.Put(tx, up, n)
		was, now, up = before, contribution(n), n.Branch.Up
	}
}

// lift adds a whole node to those above it, or takes it away.
func lift(tx *view.Tx, up string, n Node, sign int) {
	whole := contribution(n)
	if sign > 0 {
		carry(tx, up, given{}, whole)
	} else {
		carry(tx, up, whole, given{})
	}
	for c, times := range n.Branch.Asking {
		ask(tx, up, c, sign*times)
	}
}

// ask counts the requests of a customer at a node and at all above it.
func ask(tx *view.Tx, id, customer string, times int) {
	for hops := 0; id != "" && hops < maxDepth; hops++ {
		n, _ := nodes.Get(tx, id)
		n.ID = id
		m := make(map[string]int, len(n.Branch.Asking)+1)
		for k, v := range n.Branch.Asking {
			m[k] = v
		}
		if m[customer] += times; m[customer] <= 0 {
			delete(m, customer)
		}
		n.Branch.Asking = m
		nodes.Put(tx, id, n)
		id = n.Branch.Up
	}
}

// maxDepth ends a walk upward: no line has more levels, only a cycle would.
const maxDepth = 32

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

// isWork tells whether nodes of a type are work that progress is counted over.
func isWork(typ string) bool {
	switch typ {
	case "capability", "feature", "story", "bug":
		return true
	}
	return false
}
