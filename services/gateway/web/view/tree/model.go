// Package tree is the page of the strategy tree: from the vision down to the
// feedback that a story answers, with progress rolled up, what hangs on
// nothing, and how much of the plan is connected.
package tree

import (
	"fmt"
	"net/url"
	"strconv"

	"throughline.dev/services/gateway/web/part"
)

// Model is the tree as it is shown.
type Model struct {
	Live     part.Live
	Path     string
	Query    url.Values
	Roots    []Node
	Coverage []Coverage
	Orphans  []Orphans
	NextURL  string // more of a list that is too long for a page
}

// Node is one thing in the tree.
type Node struct {
	ID, Kind, Key, Title, URL string
	At                        string // where it stands: what may hang on several things stands in several places
	State, Phase              string // Phase is "todo", "active", "wait" or "done"
	Progress                  part.Progress
	Requesters                int
	Count                     int    // children; 0 is a leaf
	Open                      bool   // its children are shown
	Children                  []Node // if it is open
	ChildrenURL               string // where they are fetched when it is opened
	MoreURL                   string // where the rest of them is fetched
	Note                      string // why it stands out, such as "no theme"
	Change                    string // "Entered", "Left" or "Changed" in a comparison
	Diffs                     []part.Diff
}

// place tells this node from the same thing elsewhere in the tree.
func (n Node) place() string {
	if n.At == "" {
		return n.ID
	}
	return n.At
}

func (n Node) expanded() string { return strconv.FormatBool(n.Open) }

// Coverage is how much of one level hangs on the next.
type Coverage struct {
	Label    string // such as "features with an epic"
	Have, Of int
	URL      string // those that have not
}

func (c Coverage) percent() int {
	if c.Of == 0 {
		return 100
	}
	return c.Have * 100 / c.Of
}

func (c Coverage) words() string { return fmt.Sprintf("%d of %d %s", c.Have, c.Of, c.Label) }

// Orphans are things that hang on nothing above, or have nothing below.
type Orphans struct {
	Title string
	Items []part.Ref
	Total int
	URL   string // all of them
}
