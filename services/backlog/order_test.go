package backlog

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/es/estest"
)

type orderPast = []es.Event[Order]

func TestOrder(t *testing.T) {
	owner := Owner{"team", teamA.String()}
	opened := orderPast{BacklogOpened{owner}}
	three := after(opened, ItemsPlaced{[]Ranked{{itemA, "a0"}, {itemB, "a1"}, {itemC, "a2"}}})
	frozen := after(three, TopFrozen{1, "a0"})
	open := func(ids ...ItemID) map[ItemID]ItemFact {
		m := map[ItemID]ItemFact{}
		for _, i := range ids {
			m[i] = ItemFact{Found: true}
		}
		return m
	}
	closed := map[ItemID]ItemFact{itemA: {true, true}}
	tell(t, OrderSchema, []sentence[Order]{
		{"a backlog is opened", nil, OpenBacklog{owner}, opened, nil},
		{"an open backlog is open", opened, OpenBacklog{owner}, nil, nil},
		{"a backlog is somebody's", nil, OpenBacklog{Owner{"person", teamA.String()}}, nil, invalid("kind")},
		{"whose it is has an id", nil, OpenBacklog{Owner{"team", "PAY"}}, nil, invalid("of")},

		{"items go to the bottom", opened, Place{Items: []ItemID{itemA, itemB}, Known: open(itemA, itemB)}, orderPast{ItemsPlaced{[]Ranked{{itemA, "a0"}, {itemB, "a1"}}}}, nil},
		{"items go before another one", after(opened, ItemsPlaced{[]Ranked{{itemA, "a0"}}}), Place{Items: []ItemID{itemB}, Before: itemA, Known: open(itemB)}, orderPast{ItemsPlaced{[]Ranked{{itemB, "9z"}}}}, nil},
		{"items go after another one", after(opened, ItemsPlaced{[]Ranked{{itemA, "a0"}, {itemB, "a1"}}}), Place{Items: []ItemID{itemC}, After: itemA, Known: open(itemC)}, orderPast{ItemsPlaced{[]Ranked{{itemC, "a0i"}}}}, nil},
		{"an unknown item has no place", opened, Place{Items: []ItemID{itemA}}, nil, ErrItemUnknown},
		{"a closed item has no place", opened, Place{Items: []ItemID{itemA}, Known: closed}, nil, ErrItemClosed},
		{"an item is placed once", three, Place{Items: []ItemID{itemA}, Known: open(itemA)}, nil, ErrAlreadyPlaced},
		{"an item is named once", opened, Place{Items: []ItemID{itemA, itemA}, Known: open(itemA)}, nil, invalid("items[1]")},
		{"something is placed", opened, Place{}, nil, invalid("items")},
		{"it goes before or after", three, Place{Items: []ItemID{id[Item](1)}, Before: itemA, After: itemB}, nil, invalid("before")},
		{"what it goes next to is in the backlog", opened, Place{Items: []ItemID{itemA}, Before: itemB, Known: open(itemA)}, nil, ErrAnchorMissing},
		{"nothing is placed into the frozen top", frozen, Place{Items: []ItemID{id[Item](1)}, Before: itemA, Known: open(id[Item](1))}, nil, ErrTopFrozen},
		{"something is placed right below the frozen top", frozen, Place{Items: []ItemID{id[Item](1)}, After: itemA, Known: open(id[Item](1))}, orderPast{ItemsPlaced{[]Ranked{{id[Item](1), "a0i"}}}}, nil},

		{"a move touches one rank", three, MoveBefore{itemC, itemB, open(itemC)}, orderPast{ItemRanked{itemC, "a0i", "a2"}}, nil},
		{"a move to the top", three, MoveBefore{itemC, itemA, open(itemC)}, orderPast{ItemRanked{itemC, "9z", "a2"}}, nil},
		{"a move to the bottom", three, MoveAfter{itemA, itemC, open(itemA)}, orderPast{ItemRanked{itemA, "a3", "a0"}}, nil},
		{"a move to where it is", three, MoveBefore{itemA, itemB, open(itemA)}, nil, nil},
		{"a move to after where it is", three, MoveAfter{itemB, itemA, open(itemB)}, nil, nil},
		{"what is not in the backlog does not move", opened, MoveBefore{itemA, itemB, open(itemA)}, nil, ErrNotPlaced},
		{"an unknown item does not move", three, MoveBefore{itemC, itemA, nil}, nil, ErrItemUnknown},
		{"a closed item does not move", three, MoveAfter{itemA, itemC, closed}, nil, ErrItemClosed},
		{"nothing goes next to what is not there", three, MoveAfter{itemA, id[Item](1), open(itemA)}, nil, ErrAnchorMissing},
		{"nothing goes next to itself", three, MoveAfter{itemA, itemA, open(itemA)}, nil, invalid("item")},
		{"what is frozen does not move", frozen, MoveAfter{itemA, itemC, open(itemA)}, nil, ErrTopFrozen},
		{"nothing moves into what is frozen", frozen, MoveBefore{itemC, itemA, open(itemC)}, nil, ErrTopFrozen},
		{"below what is frozen everything moves", frozen, MoveBefore{itemC, itemB, open(itemC)}, orderPast{ItemRanked{itemC, "a0i", "a2"}}, nil},

		{"an item leaves the backlog", three, Remove{itemB}, orderPast{ItemDropped{itemB}}, nil},
		{"what is not there does not leave", opened, Remove{itemB}, nil, nil},
		{"the top is frozen", three, FreezeTop{2}, orderPast{TopFrozen{2, "a1"}}, nil},
		{"it is frozen", frozen, FreezeTop{1}, nil, nil},
		{"the top is thawed", frozen, FreezeTop{0}, orderPast{TopThawed{}}, nil},
		{"nothing is frozen", three, FreezeTop{0}, nil, nil},
		{"more than there is cannot be frozen", three, FreezeTop{4}, nil, invalid("count")},

		{"imported items keep their order", after(opened, ItemsPlaced{[]Ranked{{itemB, "a0"}}}), PlaceImported{[]ItemID{itemA, itemB, itemC}}, orderPast{ItemsPlaced{[]Ranked{{itemA, "a1"}, {itemC, "a2"}}}}, nil},
		{"imported items that are there stay", three, PlaceImported{[]ItemID{itemC, itemA}}, nil, nil},
		{"imported items have ids", opened, PlaceImported{[]ItemID{""}}, nil, invalid("items[0]")},
		{"not all at once", opened, PlaceImported{make([]ItemID, maxPlaced+1)}, nil, invalid("items")},
	})
}

func TestTwoPeopleMoveDifferentItemsAndBothKeepTheirMove(t *testing.T) {
	log := estest.NewLog()
	one, two := es.NewRepository(Orders, log, 10), es.NewRepository(Orders, log, 10)
	owner := Owner{"team", teamA.String()}
	order := OrderOf(estest.Meta.Tenant, owner)
	known := map[ItemID]ItemFact{itemA: {Found: true}, itemB: {Found: true}, itemC: {Found: true}}
	do := func(r *es.Repository[Order], key string, c es.Command[Order]) {
		t.Helper()
		m := estest.Meta
		m.Command, m.ID = key, key
		if _, err := r.Do(t.Context(), es.Try[Order]{ID: order, Command: c, Meta: m}); err != nil {
			t.Fatal(err)
		}
	}
	do(one, "1", OpenBacklog{owner})
	do(one, "2", Place{Items: []ItemID{itemA, itemB, itemC}, Known: known})
	if _, _, err := two.State(t.Context(), estest.Meta.Tenant, order); err != nil {
		t.Fatal(err)
	}
	do(one, "3", MoveBefore{itemC, itemA, known})
	do(two, "4", MoveAfter{itemA, itemB, known}) // has not seen the other move when it decides first
	s, _, err := two.State(t.Context(), estest.Meta.Tenant, order)
	if err != nil {
		t.Fatal(err)
	}
	var got []ItemID
	for _, r := range s.Items {
		got = append(got, r.Item)
	}
	if want := []ItemID{itemC, itemB, itemA}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestBetweenAnyTwoRanksThereIsOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var ranks []string
		for range rapid.IntRange(1, 300).Draw(t, "items") {
			i := rapid.IntRange(0, len(ranks)).Draw(t, "at")
			if rapid.IntRange(0, 3).Draw(t, "end") == 0 {
				i = rapid.SampledFrom([]int{0, len(ranks)}).Draw(t, "which")
			}
			above, below := "", ""
			if i > 0 {
				above = ranks[i-1]
			}
			if i < len(ranks) {
				below = ranks[i]
			}
			r := rankBetween(above, below)
			if above != "" && r <= above || below != "" && r >= below {
				t.Fatalf("%q is not between %q and %q", r, above, below)
			}
			if len(r) > intLen(r) && strings.HasSuffix(r, "0") {
				t.Fatalf("%q ends in a 0: there would be nothing before it", r)
			}
			ranks = slices.Insert(ranks, i, r)
		}
	})
}

func TestRanksAtTheEndsStayShort(t *testing.T) {
	top, bottom := "", ""
	for range 100_000 {
		next := rankBetween(bottom, "")
		if next <= bottom {
			t.Fatalf("%q is not after %q", next, bottom)
		}
		bottom = next
		next = rankBetween("", top)
		if top != "" && next >= top {
			t.Fatalf("%q is not before %q", next, top)
		}
		top = next
	}
	if len(top) > 5 || len(bottom) > 5 {
		t.Errorf("after 100,000 items the ends are %q and %q", top, bottom)
	}
}

func TestAMoveChangesNoOtherRank(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 20).Draw(t, "items")
		known, s := map[ItemID]ItemFact{}, Order{Owner: Owner{"team", teamA.String()}}
		var ids []ItemID
		for i := range n {
			ids = append(ids, id[Item](i))
			known[id[Item](i)] = ItemFact{Found: true}
		}
		s = ItemsPlaced{spread(ids, "", "")}.Evolve(s)
		for range rapid.IntRange(1, 30).Draw(t, "moves") {
			item, anchor := rapid.SampledFrom(ids).Draw(t, "item"), rapid.SampledFrom(ids).Draw(t, "anchor")
			if item == anchor {
				continue
			}
			before := rapid.Bool().Draw(t, "before")
			events, err := s.move(item, anchor, before, known[item])
			if err != nil {
				t.Fatal(err)
			}
			was := s
			for _, e := range events {
				s = e.Evolve(s)
			}
			i, j := s.index(item), s.index(anchor)
			if before && i != j-1 || !before && i != j+1 {
				t.Fatalf("%s is at %d, %s at %d", item, i, anchor, j)
			}
			for _, r := range was.Items {
				if k := s.index(r.Item); r.Item != item && s.Items[k].Rank != r.Rank {
					t.Fatalf("the move of %s changed the rank of %s", item, r.Item)
				}
			}
		}
	})
}
