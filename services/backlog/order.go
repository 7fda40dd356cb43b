package backlog

import (
	"cmp"
	"slices"
	"sort"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
	"throughline.dev/pkg/rights"
)

// Orders are the total orders of backlogs, one for each team, ART, solution
// train, portfolio and product that has a backlog.
var Orders = &es.Aggregate[Order]{Context: "backlog", Name: "order", Plural: "orders", Schema: OrderSchema}

// OrderID names the order of one backlog. It is derived from whose it is.
type OrderID = es.ID[Order]

// OrderSchema has the stored names. Never change a stored name; add one.
var OrderSchema = es.NewSchema(
	es.On[BacklogOpened]("backlog.order.opened.v1"),
	es.On[ItemsPlaced]("backlog.order.placed.v1"),
	es.On[ItemRanked]("backlog.order.ranked.v1"),
	es.On[ItemDropped]("backlog.order.removed.v1"),
	es.On[TopFrozen]("backlog.order.top-frozen.v1"),
	es.On[TopThawed]("backlog.order.top-thawed.v1"),
)

// BacklogOpened: there is a backlog.
type BacklogOpened struct{ Owner }

func (e BacklogOpened) Evolve(s Order) Order { s.Owner = e.Owner; return s }

// ItemsPlaced: these items are in the backlog, each at its rank.
type ItemsPlaced struct {
	Items []Ranked `json:"items"`
}

func (e ItemsPlaced) Evolve(s Order) Order {
	// At the end, as most are: a backlog that grew one by one is read quickly.
	if n := len(s.Items); n > 0 && len(e.Items) == 1 && byRank(s.Items[n-1], e.Items[0]) < 0 {
		s.Items = es.Added(s.Items, e.Items...)
		return s
	}
	items := make([]Ranked, 0, len(s.Items)+len(e.Items))
	items = append(append(items, s.Items...), e.Items...)
	slices.SortFunc(items, byRank)
	s.Items = items
	return s
}

// ItemRanked: one item has another rank; no other item moved.
type ItemRanked struct {
	Item ItemID `json:"item"`
	Rank string `json:"rank"`
	Was  string `json:"was"`
}

func (e ItemRanked) Evolve(s Order) Order { return s.without(e.Item).with(Ranked{e.Item, e.Rank}) }

// ItemDropped: the item is not in the backlog any more.
type ItemDropped struct {
	Item ItemID `json:"item"`
}

func (e ItemDropped) Evolve(s Order) Order { return s.without(e.Item) }

// TopFrozen: what ranks up to Through stays where it is.
type TopFrozen struct {
	Count   int    `json:"count"`
	Through string `json:"through"`
}

func (e TopFrozen) Evolve(s Order) Order { s.Frozen = e.Through; return s }

// TopThawed: everything may move again.
type TopThawed struct{}

func (e TopThawed) Evolve(s Order) Order { s.Frozen = ""; return s }

// Order is the order of one backlog, from the top.
type Order struct {
	Owner
	Items  []Ranked `json:"items,omitempty"`
	Frozen string   `json:"frozen,omitempty"` // rank of the last item that stays where it is
}

// Owner is whose backlog it is.
type Owner struct {
	Kind string `json:"kind" enum:"team,art,train,portfolio,product"`
	Of   string `json:"of" minLength:"26" maxLength:"26" doc:"Its id."`
}

var ownerKinds = []string{"team", "art", "train", "portfolio", "product"}

// Ranked is an item at its rank; ranks sort as texts.
type Ranked struct {
	Item ItemID `json:"item"`
	Rank string `json:"rank"`
}

func byRank(a, b Ranked) int { return cmp.Or(cmp.Compare(a.Rank, b.Rank), cmp.Compare(a.Item, b.Item)) }

// Exists tells whether the backlog was ever opened.
func (s Order) Exists() bool { return s.Kind != "" }

// Scope implements rights.Scoped.
func (o Owner) Scope() rights.Scope {
	switch o.Kind {
	case "team":
		return rights.Scope{Team: o.Of}
	case "art":
		return rights.Scope{ART: o.Of}
	case "portfolio":
		return rights.Scope{Portfolio: o.Of}
	case "product":
		return rights.Scope{Product: o.Of}
	}
	return rights.Scope{}
}

// OrderOf is the id of the order of somebody's backlog.
func OrderOf(t es.Tenant, o Owner) OrderID {
	return es.DeriveID[Order](t.String(), "order", o.Kind, o.Of)
}

func (s Order) index(id ItemID) int {
	return slices.IndexFunc(s.Items, func(r Ranked) bool { return r.Item == id })
}

func (s Order) with(r Ranked) Order {
	i := sort.Search(len(s.Items), func(i int) bool { return byRank(s.Items[i], r) > 0 })
	s.Items = slices.Insert(slices.Clip(s.Items), i, r)
	return s
}

func (s Order) without(id ItemID) Order {
	if i := s.index(id); i >= 0 {
		s.Items = slices.Delete(slices.Clone(s.Items), i, i+1)
	}
	return s
}

// rank returns the rank at index i, or "" beyond an end.
func (s Order) rank(i int) string {
	if i < 0 || i >= len(s.Items) {
		return ""
	}
	return s.Items[i].Rank
}

var (
	ErrItemUnknown   = fail.Refused("order-item-unknown", "there is no such item; only existing items are in a backlog")
	ErrItemClosed    = fail.Refused("order-item-closed", "the item is done or cancelled; only open items are in a backlog")
	ErrAlreadyPlaced = fail.Refused("order-item-twice", "the item is in this backlog; move it instead")
	ErrNotPlaced     = fail.Refused("order-item-missing", "the item is not in this backlog; place it first")
	ErrAnchorMissing = fail.Refused("order-anchor-missing", "the item to go next to is not in this backlog; choose another one")
	ErrTopFrozen     = fail.Refused("order-top-frozen", "the top of the backlog is frozen; thaw it with freeze-top and a count of 0 first")
)

// OpenBacklog makes the order of somebody's backlog.
type OpenBacklog struct{ Owner }

func (c OpenBacklog) Decide(s Order, _ es.Meta) ([]es.Event[Order], error) {
	if s.Exists() {
		return nil, nil // the id is derived from the owner: it is the same backlog
	}
	if !slices.Contains(ownerKinds, c.Kind) {
		return nil, fail.Invalid("kind", "one of %s", words(ownerKinds))
	}
	if _, err := es.ParseID[Order](c.Of); err != nil {
		return nil, fail.Invalid("of", "the id of the %s whose backlog it is", c.Kind)
	}
	return es.Happened(BacklogOpened(c))
}

// ItemFact is what is known about an item that goes into a backlog.
type ItemFact struct{ Found, Closed bool }

// Place puts items into the backlog, in the order given: before or after
// another one, else at the bottom.
type Place struct {
	Items  []ItemID `json:"items" minItems:"1" maxItems:"200"`
	Before ItemID   `json:"before,omitempty"`
	After  ItemID   `json:"after,omitempty"`

	Known map[ItemID]ItemFact `json:"-"`
}

func (c Place) Decide(s Order, _ es.Meta) ([]es.Event[Order], error) {
	switch {
	case len(c.Items) == 0 || len(c.Items) > maxList:
		return nil, fail.Invalid("items", "1 to %d items, not %d", maxList, len(c.Items))
	case c.Before != "" && c.After != "":
		return nil, fail.Invalid("before", "name what it goes before or what it goes after, not both")
	}
	for i, id := range c.Items {
		fact := c.Known[id]
		switch {
		case slices.Contains(c.Items[:i], id):
			return nil, fail.Invalid(at("items", i), "this item is there twice")
		case s.index(id) >= 0:
			return nil, ErrAlreadyPlaced.With("%s", id)
		case !fact.Found:
			return nil, ErrItemUnknown.With("%s", id)
		case fact.Closed:
			return nil, ErrItemClosed.With("%s", id)
		}
	}
	above, below := s.rank(len(s.Items)-1), ""
	if anchor := cmp.Or(c.Before, c.After); anchor != "" {
		i := s.index(anchor)
		if i < 0 {
			return nil, ErrAnchorMissing
		}
		above, below = s.gap(i, c.Before != "")
	}
	if err := s.free(below); err != nil {
		return nil, err
	}
	return es.Happened(ItemsPlaced{spread(c.Items, above, below)})
}

// gap is the ranks before and after the place next to an item.
func (s Order) gap(i int, before bool) (above, below string) {
	if before {
		return s.rank(i - 1), s.rank(i)
	}
	return s.rank(i), s.rank(i + 1)
}

// free refuses a place above the end of what is frozen.
func (s Order) free(below string) error {
	if s.Frozen != "" && below != "" && below <= s.Frozen {
		return ErrTopFrozen
	}
	return nil
}

// spread ranks items in their order between two ranks.
func spread(items []ItemID, above, below string) []Ranked {
	var placed []Ranked
	for _, id := range items {
		above = rankBetween(above, below)
		placed = append(placed, Ranked{id, above})
	}
	return placed
}

// MoveBefore moves an item to before another one.
type MoveBefore struct {
	Item   ItemID `json:"item"`
	Before ItemID `json:"before"`

	Known map[ItemID]ItemFact `json:"-"`
}

func (c MoveBefore) Decide(s Order, _ es.Meta) ([]es.Event[Order], error) {
	return s.move(c.Item, c.Before, true, c.Known[c.Item])
}

// MoveAfter moves an item to after another one.
type MoveAfter struct {
	Item  ItemID `json:"item"`
	After ItemID `json:"after"`

	Known map[ItemID]ItemFact `json:"-"`
}

func (c MoveAfter) Decide(s Order, _ es.Meta) ([]es.Event[Order], error) {
	return s.move(c.Item, c.After, false, c.Known[c.Item])
}

// move decides on the order of the moment: two people who move different
// items both get what they wished, for each move changes one rank.
func (s Order) move(item, anchor ItemID, before bool, fact ItemFact) ([]es.Event[Order], error) {
	i := s.index(item)
	switch {
	case i < 0:
		return nil, ErrNotPlaced
	case !fact.Found:
		return nil, ErrItemUnknown
	case fact.Closed:
		return nil, ErrItemClosed
	case item == anchor:
		return nil, fail.Invalid("item", "an item does not go next to itself")
	case s.index(anchor) < 0:
		return nil, ErrAnchorMissing
	}
	rest := s.without(item)
	above, below := rest.gap(rest.index(anchor), before)
	was := s.Items[i].Rank
	if (above == "" || above < was) && (below == "" || was < below) {
		return nil, nil // it is there
	}
	if s.Frozen != "" && was <= s.Frozen {
		return nil, ErrTopFrozen
	}
	if err := s.free(below); err != nil {
		return nil, err
	}
	return es.Happened(ItemRanked{item, rankBetween(above, below), was})
}

// Remove takes an item out of the backlog.
type Remove struct {
	Item ItemID `json:"item"`
}

func (c Remove) Decide(s Order, _ es.Meta) ([]es.Event[Order], error) {
	if s.index(c.Item) < 0 {
		return nil, nil
	}
	return es.Happened(ItemDropped(c))
}

// FreezeTop keeps the first items where they are; a count of 0 thaws them.
type FreezeTop struct {
	Count int `json:"count" minimum:"0"`
}

func (c FreezeTop) Decide(s Order, _ es.Meta) ([]es.Event[Order], error) {
	switch {
	case c.Count < 0 || c.Count > len(s.Items):
		return nil, fail.Invalid("count", "0 to %d, the number of items in the backlog", len(s.Items))
	case c.Count == 0 && s.Frozen == "":
		return nil, nil
	case c.Count == 0:
		return es.Happened(TopThawed{})
	case s.Frozen == s.rank(c.Count-1):
		return nil, nil
	}
	return es.Happened(TopFrozen{c.Count, s.rank(c.Count - 1)})
}

// PlaceImported puts imported items at the bottom in the order of their
// source. Items that are there already stay where people put them.
type PlaceImported struct {
	Items []ItemID `json:"items"`
}

// maxPlaced is how many items one command places: the event stays below maxCommit.
const maxPlaced = 2000

func (c PlaceImported) Decide(s Order, _ es.Meta) ([]es.Event[Order], error) {
	if len(c.Items) > maxPlaced {
		return nil, fail.Invalid("items", "at most %d at a time; these are %d", maxPlaced, len(c.Items))
	}
	there := make(map[ItemID]bool, len(s.Items)+len(c.Items))
	for _, r := range s.Items {
		there[r.Item] = true
	}
	var fresh []ItemID
	for i, id := range c.Items {
		if id == "" {
			return nil, fail.Invalid(at("items", i), "the id of an item")
		}
		if !there[id] {
			there[id] = true
			fresh = append(fresh, id)
		}
	}
	if len(fresh) == 0 {
		return nil, nil
	}
	return fitting[Order](ItemsPlaced{spread(fresh, s.rank(len(s.Items)-1), "")})
}
