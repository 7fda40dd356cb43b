package backlog

import (
	"maps"
	"slices"
	"time"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
)

// ParentImported: what the item is part of in its source; none: nothing.
type ParentImported struct {
	Parent *Parent `json:"parent,omitempty"`
	Was    *Parent `json:"was,omitempty"`
}

func (e ParentImported) Evolve(s Item) Item {
	s.Parent = e.Parent
	return s.synced(func(i *Imported) { i.Parent = e.Parent })
}

// LinksImported: how the links of the source changed.
type LinksImported struct {
	Added   []Link `json:"added,omitempty"`
	Removed []Link `json:"removed,omitempty"`
	All     []Link `json:"all"` // of the source, as they are now
}

func (e LinksImported) Evolve(s Item) Item {
	s.Links = slices.DeleteFunc(slices.Clone(s.Links), func(l Link) bool { return l.in(e.Removed) })
	for _, l := range e.Added {
		if !l.in(s.Links) {
			s.Links = append(s.Links, l)
		}
	}
	return s.synced(func(i *Imported) { i.Links = e.All })
}

// IterationsImported: the iterations that the item was in, the current one of
// them if it is in one, and the one it was in here before.
type IterationsImported struct {
	Iterations []IterationID `json:"iterations"`
	Current    IterationID   `json:"current,omitempty"`
	Was        IterationID   `json:"was,omitempty"`
}

func (e IterationsImported) Evolve(s Item) Item {
	s.Iteration = e.Current
	return s.synced(func(i *Imported) { i.Iterations, i.Current = e.Iterations, e.Current })
}

// CommentsImported: what was said in the source.
type CommentsImported struct {
	Comments []ImportedComment `json:"comments"`
}

func (e CommentsImported) Evolve(s Item) Item {
	return s.synced(func(i *Imported) {
		i.Comments = maps.Clone(i.Comments)
		if i.Comments == nil {
			i.Comments = map[string]string{}
		}
		for _, c := range e.Comments {
			i.Comments[c.ID] = c.hash()
		}
	})
}

// HistoryImported: what changed in the source before the item came here.
type HistoryImported struct {
	Changes []Change `json:"changes"`
}

func (e HistoryImported) Evolve(s Item) Item {
	return s.synced(func(i *Imported) {
		i.Changes = maps.Clone(i.Changes)
		if i.Changes == nil {
			i.Changes = map[string]bool{}
		}
		for _, c := range e.Changes {
			i.Changes[c.hash()] = true
		}
	})
}

func (s Item) synced(change func(*Imported)) Item {
	if s.Imported == nil {
		return s
	}
	i := *s.Imported
	change(&i)
	s.Imported = &i
	return s
}

// ImportedComment is a comment of the source. ID names it there, so that it
// comes once; one that was edited there comes again.
type ImportedComment struct {
	ID     string      `json:"id" minLength:"1" maxLength:"300"`
	Author es.PersonID `json:"author,omitempty"`
	At     time.Time   `json:"at"`
	Text   string      `json:"text"`
}

func (c ImportedComment) hash() string {
	return hash(string(c.Author), c.At.UTC().Format(time.RFC3339Nano), c.Text)
}

// Change is one entry of the source's history: a field and its values before
// and after, as the source shows them.
type Change struct {
	At     time.Time   `json:"at"`
	Author es.PersonID `json:"author,omitempty"`
	Field  string      `json:"field" minLength:"1" maxLength:"300"`
	From   string      `json:"from,omitempty"`
	To     string      `json:"to,omitempty"`
}

func (c Change) hash() string {
	return hash(string(c.Author), c.At.UTC().Format(time.RFC3339Nano), c.Field, c.From, c.To)
}

// ImportLinks is the second pass: what the item is part of, its links and its
// iterations, once all items of the source are here. What did not change in
// the source since the last time is left as it is here. The kinds of parent
// and child are the source's; a cycle is refused all the same.
type ImportLinks struct {
	Parent     *Parent       `json:"parent,omitempty" doc:"An item or an epic."`
	Links      []Link        `json:"links,omitempty" maxItems:"1000"`
	Iterations []IterationID `json:"iterations,omitempty" maxItems:"1000" doc:"All it was in, oldest first."`
	Current    IterationID   `json:"current,omitempty" doc:"The one it is in."`

	Above ParentFact `json:"-"`
	Self  ItemID     `json:"-"`
}

func (c ImportLinks) Decide(s Item, _ es.Meta) ([]es.Event[Item], error) {
	switch {
	case s.Imported == nil:
		return nil, ErrNotImported
	case c.Parent != nil && (c.Parent.Item == "") == (c.Parent.Epic == "") || c.Parent != nil && c.Parent.None != "":
		return nil, fail.Invalid("parent", "name an item or an epic")
	case len(c.Links) > 1000:
		return nil, fail.Invalid("links", "at most 1000")
	case len(c.Iterations) > 1000:
		return nil, fail.Invalid("iterations", "at most 1000")
	case c.Current != "" && !slices.Contains(c.Iterations, c.Current):
		return nil, fail.Invalid("current", "one of the iterations")
	}
	for i, l := range c.Links {
		switch {
		case !slices.Contains(linkKinds, l.Kind):
			return nil, fail.Invalid(at("links", i)+".kind", "one of %s", words(linkKinds))
		case (l.To == "") == (l.External == ""):
			return nil, fail.Invalid(at("links", i)+".to", "name the other item, or something external, and not both")
		case l.To != "" && l.To == c.Self:
			return nil, ErrSelfLink
		}
		if err := first(checkText(at("links", i)+".external", l.External, 0, 2048), checkText(at("links", i)+".source", l.Source, 0, maxTitle)); err != nil {
			return nil, err
		}
	}
	var events []es.Event[Item]
	if last := s.Imported.Parent; !sameParent(last, c.Parent) {
		switch {
		case c.Parent != nil && c.Parent.Item != "" && c.Above.Cycle:
			return nil, ErrParentCycle
		case c.Parent != nil && c.Parent.Item != "" && !c.Above.Found:
			return nil, ErrParentUnknown
		}
		events = append(events, ParentImported{c.Parent, s.Parent})
	}
	links := LinksImported{All: unique(c.Links)}
	for _, l := range links.All {
		if !l.in(s.Imported.Links) {
			links.Added = append(links.Added, l)
		}
	}
	for _, l := range s.Imported.Links {
		if !l.in(links.All) {
			links.Removed = append(links.Removed, l)
		}
	}
	if len(links.Added)+len(links.Removed) > 0 {
		events = append(events, links)
	}
	if !slices.Equal(s.Imported.Iterations, c.Iterations) || s.Imported.Current != c.Current {
		events = append(events, IterationsImported{c.Iterations, c.Current, s.Iteration})
	}
	if len(events) == 0 {
		return nil, nil
	}
	return fitting(events...)
}

func sameParent(a, b *Parent) bool { return a == nil && b == nil || a != nil && b != nil && *a == *b }

func unique(links []Link) []Link {
	var out []Link
	for _, l := range links {
		if !l.in(out) {
			out = append(out, l)
		}
	}
	return out
}

// ImportComments brings a batch of comments of the source; those that are
// here already are left out.
type ImportComments struct {
	Comments []ImportedComment `json:"comments" minItems:"1" doc:"At most 128 KiB of JSON."`
}

func (c ImportComments) Decide(s Item, _ es.Meta) ([]es.Event[Item], error) {
	if s.Imported == nil {
		return nil, ErrNotImported
	}
	if err := checkBatch("comments", c.Comments); err != nil {
		return nil, err
	}
	var e CommentsImported
	seen := map[string]bool{}
	for i, one := range c.Comments {
		switch {
		case checkText(at("comments", i)+".id", one.ID, 1, maxTitle) != nil:
			return nil, checkText(at("comments", i)+".id", one.ID, 1, maxTitle)
		case one.At.IsZero():
			return nil, fail.Invalid(at("comments", i)+".at", "when it was said")
		case seen[one.ID], s.Imported.Comments[one.ID] == one.hash():
			continue
		}
		seen[one.ID] = true
		e.Comments = append(e.Comments, one)
	}
	if len(e.Comments) == 0 {
		return nil, nil
	}
	return fitting[Item](e)
}

// ImportHistory brings a batch of the source's history, so that the item's
// own history shows it; entries that are here already are left out.
type ImportHistory struct {
	Changes []Change `json:"changes" minItems:"1" doc:"At most 128 KiB of JSON, oldest first."`
}

func (c ImportHistory) Decide(s Item, _ es.Meta) ([]es.Event[Item], error) {
	if s.Imported == nil {
		return nil, ErrNotImported
	}
	if err := checkBatch("changes", c.Changes); err != nil {
		return nil, err
	}
	var e HistoryImported
	seen := map[string]bool{}
	for i, one := range c.Changes {
		switch h := one.hash(); {
		case checkText(at("changes", i)+".field", one.Field, 1, maxTitle) != nil:
			return nil, checkText(at("changes", i)+".field", one.Field, 1, maxTitle)
		case one.At.IsZero():
			return nil, fail.Invalid(at("changes", i)+".at", "when it changed")
		case seen[h], s.Imported.Changes[h]:
			continue
		default:
			seen[h] = true
			e.Changes = append(e.Changes, one)
		}
	}
	if len(e.Changes) == 0 {
		return nil, nil
	}
	return fitting[Item](e)
}
