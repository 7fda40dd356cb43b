package portfolio

import (
	"slices"
	"strings"

	"throughline.dev/pkg/view"
)

// The levels of the line, from the top, in the order in which a tree shows them.
var levels = []string{"vision", "theme", "objective", "epic", "capability", "feature", "story", "bug", "task", "idea", "insight", "feedback"}

func level(typ string) string { return string(rune('a' + slices.Index(levels, typ) + 1)) }

// sortKey makes human keys compare as people expect: S-9 before S-10.
func sortKey(key string) string {
	prefix, number, ok := strings.Cut(strings.ToLower(key), "-")
	if !ok || number == "" || strings.Trim(number, "0123456789") != "" || len(number) > 9 {
		return strings.ToLower(key)
	}
	return prefix + "-" + strings.Repeat("0", 9-len(number)) + number
}

// covers are the questions that coverage asks of a node; each that holds is
// an entry of the index "cover" (domain.md §6.7).
var covers = []Cover{
	{"theme-objective", "theme", "themes with an objective", func(n Node) bool { return n.Kids["objective"] > 0 }},
	{"objective-epic", "objective", "objectives with an epic", func(n Node) bool { return n.Kids["epic"] > 0 }},
	{"epic-theme", "epic", "epics with a theme or an objective", func(n Node) bool { return len(n.Parents) > 0 }},
	{"feature-epic", "feature", "features with an epic or a stated reason", func(n Node) bool { return len(n.Parents) > 0 || n.Reason != "" }},
	{"story-feature", "story", "stories with a feature", func(n Node) bool { return len(n.Parents) > 0 }},
	{"feature-insight", "feature", "features that a customer asked for", func(n Node) bool { return n.Requesters() > 0 }},
	{"insight-linked", "insight", "insights that lead somewhere", func(n Node) bool { return len(n.Parents) > 0 }},
}

// Cover is one question of coverage: which share of the nodes of a type holds it.
type Cover struct {
	Name, Type, Text string
	holds            func(Node) bool
}

// open leaves out what coverage and orphans do not ask about.
func (n Node) open() bool { return n.Type != "" && n.Category != "cancelled" }

// orphan tells whether a node lacks something above it: work without strategy,
// feedback without a decision. What stands at the top by nature is none.
func (n Node) orphan() bool {
	return n.open() && len(n.Parents) == 0 && n.Type != "vision" && n.Type != "theme" && n.Type != "task" && n.Type != "feedback"
}

// childless tells whether strategy has no work below it.
func (n Node) childless() bool {
	return n.open() && n.Category != "done" && len(n.Kids) == 0 && (n.Type == "theme" || n.Type == "objective" || n.Type == "epic" || n.Type == "capability")
}

var nodes = view.NewTable("node", func(id string, n Node) []view.Key {
	if n.Type == "" {
		return nil // something refers to it, but it is not there
	}
	sort := level(n.Type) + "/" + sortKey(n.Key)
	var keys []view.Key
	for _, p := range n.Parents {
		keys = append(keys, view.Key{Index: "child", Sort: p + "/" + sort})
	}
	if n.Key != "" {
		keys = append(keys, view.Key{Index: "key", Sort: sortKey(n.Key)})
	}
	if n.open() {
		keys = append(keys, view.Key{Index: "type", Sort: n.Type + "/" + sortKey(n.Key)})
	}
	if n.orphan() {
		keys = append(keys, view.Key{Index: "orphan", Sort: sort})
	}
	if n.childless() {
		keys = append(keys, view.Key{Index: "childless", Sort: sort})
	}
	for _, c := range covers {
		if n.Type == c.Type && n.open() && c.holds(n) {
			keys = append(keys, view.Key{Index: "cover", Sort: c.Name + "/" + sortKey(n.Key)})
		}
	}
	return keys
})
