package backlog

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"throughline.dev/pkg/es"
)

// ItemImported: the item as it is in its source, whole. It may be in any
// state: what happened there is a fact, not a wish.
type ItemImported struct {
	ItemKey     string              `json:"itemKey"` // the source's, if it has the form of a key
	Source      Origin              `json:"source"`
	Kind        Kind                `json:"kind"`
	Title       string              `json:"title"`
	Description string              `json:"description,omitempty"`
	State       State               `json:"state"`
	Points      *float64            `json:"points,omitempty"`
	Assignees   []es.PersonID       `json:"assignees,omitempty"`
	Labels      []string            `json:"labels,omitempty"`
	Custom      map[string][]string `json:"custom,omitempty"`
	Team        TeamID              `json:"team,omitempty"`
	Product     ProductID           `json:"product,omitempty"`
	ART         ARTID               `json:"art,omitempty"`
	Facts       SourceFacts         `json:"facts"`
	Hashes      map[string]string   `json:"hashes"`
}

func (e ItemImported) Evolve(Item) Item {
	return Item{Key: e.ItemKey, Kind: e.Kind, State: e.State, Title: e.Title, Description: e.Description, Points: e.Points,
		People: e.Assignees, Labels: e.Labels, Custom: e.Custom, Team: e.Team, Product: e.Product, ART: e.ART,
		Imported: &Imported{Origin: e.Source, Facts: e.Facts, Hashes: e.Hashes}}
}

// Step implements Stepped: it comes from nowhere.
func (e ItemImported) Step() (State, State) { return "", e.State }

// ItemSynced: the item changed in its source. What that changes here are the
// events before it; Changed are the names of all the fields that differ there.
type ItemSynced struct {
	Source  Origin            `json:"source"`
	Facts   SourceFacts       `json:"facts"`
	Changed []string          `json:"changed"`
	Hashes  map[string]string `json:"hashes,omitempty"` // of what changed; a name without one is empty now
}

func (e ItemSynced) Evolve(s Item) Item {
	if s.Imported == nil {
		return s
	}
	i := *s.Imported
	i.Origin, i.Facts, i.Hashes = e.Source, e.Facts, maps.Clone(i.Hashes)
	if i.Hashes == nil { // a reader of the log need not keep them
		i.Hashes = map[string]string{}
	}
	for _, name := range e.Changed {
		if h, there := e.Hashes[name]; there {
			i.Hashes[name] = h
		} else {
			delete(i.Hashes, name)
		}
	}
	s.Imported = &i
	return s
}

// ItemRetyped: the source made another kind of item of it. Its key stays.
type ItemRetyped struct {
	Kind Kind  `json:"kind"`
	Was  Kind  `json:"was"`
	From State `json:"from"`
	To   State `json:"to"`
}

func (e ItemRetyped) Evolve(s Item) Item { s.Kind, s.State, s.Column = e.Kind, e.To, ""; return s }

// Step implements Stepped.
func (e ItemRetyped) Step() (State, State) { return e.From, e.To }

// ImportItem carries an item as it is in its source.
type ImportItem struct {
	Source      Origin              `json:"source"`
	Kind        Kind                `json:"kind" enum:"capability,feature,story,task,bug"`
	Title       string              `json:"title" minLength:"1" maxLength:"300"`
	Description string              `json:"description,omitempty" maxLength:"131072"`
	State       State               `json:"state" doc:"The source's state, mapped to our workflow."`
	Points      *float64            `json:"points,omitempty" minimum:"0" doc:"Any value; it need not be on our scale."`
	Assignees   []es.PersonID       `json:"assignees,omitempty"`
	Labels      []string            `json:"labels,omitempty"`
	Custom      map[string][]string `json:"custom,omitempty"`
	Team        TeamID              `json:"team,omitempty"`
	Product     ProductID           `json:"product,omitempty"`
	ART         ARTID               `json:"art,omitempty"`
	Facts       SourceFacts         `json:"facts"`
}

// sourceKey is what trackers call their items, such as PAY-1.
var sourceKey = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,29}-[0-9]{1,9}$`)

// named tells whether the source's key can be the item's own: it has the form
// of one, and not that of the numbers that are given here.
func (c ImportItem) named() bool {
	prefix, _, _ := strings.Cut(strings.ToUpper(c.Source.Key), "-")
	for _, ours := range prefixes {
		if prefix == ours {
			return false
		}
	}
	return sourceKey.MatchString(c.Source.Key)
}

// Prefix is how a new item's human key starts: an item goes on under the key
// that its source gave it, and only one without such a key gets one of ours.
func (c ImportItem) Prefix() string {
	if c.named() {
		return ""
	}
	return c.Kind.Prefix()
}

func (c ImportItem) key(m es.Meta) string {
	if c.named() {
		return c.Source.Key
	}
	return m.Key
}

func (c ImportItem) Decide(s Item, m es.Meta) ([]es.Event[Item], error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	now := hashes(c.fields())
	switch {
	case !s.Exists():
		return fitting(s.queued(ItemImported{ItemKey: c.key(m), Source: c.Source, Kind: c.Kind, Title: c.Title, Description: c.Description,
			State: c.State, Points: c.Points, Assignees: distinct(c.Assignees), Labels: distinct(c.Labels), Custom: filled(c.Custom),
			Team: c.Team, Product: c.Product, ART: c.ART, Facts: c.Facts, Hashes: now})...)
	case s.Imported == nil:
		return nil, ErrItemExists
	}
	changed := moved(s.Imported.Hashes, now)
	if len(changed) == 0 {
		return nil, nil
	}
	if last := s.Imported.Facts.Updated; last != nil && c.Facts.Updated != nil && c.Facts.Updated.Before(*last) {
		return nil, ErrImportOlder.With("%s, updated %s", c.Source.Key, last.Format(dayForm))
	}
	events := c.differences(s, changed)
	synced := ItemSynced{Source: c.Source, Facts: c.Facts, Changed: changed, Hashes: map[string]string{}}
	for _, name := range changed {
		if h, there := now[name]; there {
			synced.Hashes[name] = h
		}
	}
	return fitting(s.queued(append(events, synced)...)...)
}

// differences are what the source's changes do to the item as it is here: the
// same events that people's commands make, so that every reader knows them.
func (c ImportItem) differences(s Item, changed []string) []es.Event[Item] {
	var events []es.Event[Item]
	did := func(name string) bool { return slices.Contains(changed, name) }
	switch {
	case did("kind") && s.Kind != c.Kind:
		events = append(events, ItemRetyped{Kind: c.Kind, Was: s.Kind, From: s.State, To: c.State})
	case did("state") && s.State != c.State && (c.State == Cancelled || s.Flow().index(c.State) >= 0):
		events = append(events, ItemMoved{From: s.State, To: c.State, Source: c.Facts.Status})
	}
	described := ItemDescribed{s.Title, s.Description, s.Definition}
	if did("title") {
		described.Title = c.Title
	}
	if did("description") {
		described.Description = c.Description
	}
	if described.Title != s.Title || described.Description != s.Description {
		events = append(events, described)
	}
	if did("points") && !samePoints(s.Points, c.Points) {
		events = append(events, ItemEstimated{c.Points, s.Points})
	}
	if people := distinct(c.Assignees); did("assignees") && !slices.Equal(people, s.People) {
		events = append(events, ItemAssigned{people, s.People})
	}
	if did("labels") {
		if e := relabel(s.Labels, distinct(c.Labels)); len(e.Added)+len(e.Removed) > 0 {
			events = append(events, e)
		}
	}
	if did("team") && s.Team != c.Team {
		events = append(events, TeamSet{c.Team, s.Team})
	}
	if did("product") && s.Product != c.Product {
		events = append(events, ProductSet{c.Product, s.Product})
	}
	if did("art") && s.ART != c.ART {
		events = append(events, ARTSet{c.ART, s.ART})
	}
	for _, name := range changed {
		f, is := strings.CutPrefix(name, customPrefix)
		if is && !slices.Equal(s.Custom[f], c.Custom[f]) {
			events = append(events, CustomSet{f, c.Custom[f]})
		}
	}
	return events
}

// filled leaves out the custom fields without a value.
func filled(custom map[string][]string) map[string][]string {
	out := map[string][]string{}
	for f, v := range custom {
		if len(v) > 0 {
			out[f] = v
		}
	}
	return out
}

func samePoints(a, b *float64) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}

func relabel(old, now []string) ItemLabelled {
	var e ItemLabelled
	for _, l := range now {
		if !slices.Contains(old, l) {
			e.Added = append(e.Added, l)
		}
	}
	for _, l := range old {
		if !slices.Contains(now, l) {
			e.Removed = append(e.Removed, l)
		}
	}
	return e
}
