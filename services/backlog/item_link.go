package backlog

import (
	"slices"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
)

// LinkKind says how one item stands to another.
type LinkKind string

const (
	Blocks     LinkKind = "blocks"  // the other one waits for this one
	Depends    LinkKind = "depends" // this one waits for the other one
	Duplicates LinkKind = "duplicates"
	Relates    LinkKind = "relates"
	Clones     LinkKind = "clones"
)

var linkKinds = []LinkKind{Blocks, Depends, Duplicates, Relates, Clones}

// Link goes from an item to another one, or to something outside. It is kept
// at one end; views show it at both.
type Link struct {
	Kind     LinkKind `json:"kind" enum:"blocks,depends,duplicates,relates,clones"`
	To       ItemID   `json:"to,omitempty" doc:"The other item."`
	External string   `json:"external,omitempty" maxLength:"2048" doc:"A key or an address of something that is not here, instead of an item."`
	Inward   bool     `json:"inward,omitempty" doc:"Read it from the other end; only for what is outside."`
	Source   string   `json:"source,omitempty" maxLength:"300" doc:"What an imported link was called in its source."`
}

// same tells whether two links say the same, whatever they were called.
func (l Link) same(o Link) bool { l.Source, o.Source = "", ""; return l == o }

func (l Link) in(list []Link) bool { return slices.ContainsFunc(list, l.same) }

// waits returns which item must be done before which, if the link says so.
func (l Link) waits(self ItemID) (before, after ItemID, ok bool) {
	switch {
	case l.To == "":
		return "", "", false
	case l.Kind == Blocks:
		return self, l.To, true
	case l.Kind == Depends:
		return l.To, self, true
	}
	return "", "", false
}

// ItemLinked: the item stands in a relation to another one.
type ItemLinked struct{ Link }

func (e ItemLinked) Evolve(s Item) Item { s.Links = es.Added(s.Links, e.Link); return s }

// ItemUnlinked: it does not any more.
type ItemUnlinked struct{ Link }

func (e ItemUnlinked) Evolve(s Item) Item {
	s.Links = slices.DeleteFunc(slices.Clone(s.Links), e.Link.same)
	return s
}

// LinkItem links the item to another one or to something outside.
type LinkItem struct {
	Link

	Itself bool `json:"-"` // the other one is this item
	Found  bool `json:"-"` // the other one exists
	Cycle  bool `json:"-"` // the other way round one waits for the other already
}

func (c LinkItem) Decide(s Item, _ es.Meta) ([]es.Event[Item], error) {
	switch {
	case !slices.Contains(linkKinds, c.Kind):
		return nil, fail.Invalid("kind", "one of %s", words(linkKinds))
	case (c.To == "") == (c.External == ""):
		return nil, fail.Invalid("to", "name the other item, or something external, and not both")
	case c.Inward && c.To != "":
		return nil, fail.Invalid("inward", "link the other item to this one instead")
	case c.Link.in(s.Links):
		return nil, nil
	case c.Itself:
		return nil, ErrSelfLink
	case c.To != "" && !c.Found:
		return nil, ErrLinkUnknown
	case c.Cycle:
		return nil, ErrLinkCycle
	case len(s.Links) >= 1000:
		return nil, fail.Invalid("to", "an item has at most 1000 links")
	}
	if err := first(checkText("external", c.External, 0, 2048), checkText("source", c.Source, 0, maxTitle)); err != nil {
		return nil, err
	}
	return es.Happened(ItemLinked{c.Link})
}

// UnlinkItem takes a link away.
type UnlinkItem struct{ Link }

func (c UnlinkItem) Decide(s Item, _ es.Meta) ([]es.Event[Item], error) {
	if !c.Link.in(s.Links) {
		return nil, nil
	}
	return es.Happened(ItemUnlinked{c.Link})
}
