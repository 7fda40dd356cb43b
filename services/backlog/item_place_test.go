package backlog

import (
	"testing"

	"throughline.dev/pkg/es"
)

func TestPlace(t *testing.T) {
	product, art := es.DeriveID[ProductRef]("p"), es.DeriveID[ARTRef]("a")
	mine := after(created(Story), TeamSet{Team: teamA})
	inSprint := after(mine, ItemReadied{From: Draft}, ItemPlanned{From: Ready, To: Planned, Iteration: sprint})
	labelled := after(created(Story), ItemLabelled{Added: []string{"ui"}})
	custom := after(created(Story), CustomSet{"Risk", []string{"low"}})
	tell(t, ItemSchema, []sentence[Item]{
		{"people do it", created(Story), Assign{[]es.PersonID{ann, ben, ann}}, itemPast{ItemAssigned{People: []es.PersonID{ann, ben}}}, nil},
		{"nobody does it", after(created(Story), ItemAssigned{People: []es.PersonID{ann}}), Assign{}, itemPast{ItemAssigned{Was: []es.PersonID{ann}}}, nil},
		{"the same people do it", after(created(Story), ItemAssigned{People: []es.PersonID{ann}}), Assign{[]es.PersonID{ann}}, nil, nil},
		{"nameless people", created(Story), Assign{[]es.PersonID{""}}, nil, invalid("people")},
		{"nobody does what is cancelled", standing(Story, Cancelled), Assign{[]es.PersonID{ann}}, nil, ErrCancelled},

		{"labels come and go", labelled, Label{[]string{"api", "ui"}, []string{"old"}}, itemPast{ItemLabelled{Added: []string{"api"}}}, nil},
		{"a label goes", labelled, Label{nil, []string{"ui"}}, itemPast{ItemLabelled{Removed: []string{"ui"}}}, nil},
		{"the labels are so", labelled, Label{[]string{"ui"}, []string{"old"}}, nil, nil},
		{"a label comes or goes", created(Story), Label{[]string{"ui"}, []string{"ui"}}, nil, invalid("remove")},
		{"an empty label", created(Story), Label{[]string{""}, nil}, nil, invalid("add[0]")},
		{"a field of one's own", created(Story), SetCustom{"Risk", []string{"low"}}, itemPast{CustomSet{"Risk", []string{"low"}}}, nil},
		{"it is so", custom, SetCustom{"Risk", []string{"low"}}, nil, nil},
		{"it is emptied", custom, SetCustom{"Risk", nil}, itemPast{CustomSet{Field: "Risk"}}, nil},
		{"a nameless field", created(Story), SetCustom{"", []string{"low"}}, nil, invalid("field")},
		{"a long value", created(Story), SetCustom{"Risk", []string{long(maxText + 1)}}, nil, invalid("values[0]")},

		{"a team gets it", created(Story), SetTeam{Team: teamA}, itemPast{TeamSet{Team: teamA}, BacklogSet{Backlog: ofTeamA}}, nil},
		{"the team has it", mine, SetTeam{Team: teamA}, nil, nil},
		{"an unknown team gets nothing", created(Story), SetTeam{teamA, true}, nil, ErrTeamUnknown},
		{"a planned item stays with its team", inSprint, SetTeam{Team: teamB}, nil, ErrStillPlanned},
		{"a done item stays with its team", standing(Story, Done), SetTeam{Team: teamB}, nil, ErrDone},
		{"a product", created(Story), SetProduct{product}, itemPast{ProductSet{Product: product}}, nil},
		{"it is for the product", after(created(Story), ProductSet{Product: product}), SetProduct{product}, nil, nil},
		{"a cancelled item is for no product", standing(Story, Cancelled), SetProduct{product}, nil, ErrCancelled},
		{"an ART", created(Feature), SetART{art}, itemPast{ARTSet{ART: art}}, nil},
		{"it is in the ART's backlog", after(created(Feature), ARTSet{ART: art}), SetART{art}, nil, nil},
		{"a done feature is in no backlog", standing(Feature, Done), SetART{art}, nil, ErrDone},

		{"a comment", created(Story), AddComment{"Why?", []es.PersonID{ann, ann}}, itemPast{ItemCommented{id[Comment](0), "Why?", []es.PersonID{ann}}}, nil},
		{"an empty comment", created(Story), AddComment{Text: " "}, nil, invalid("text")},
	})
}

func TestLinks(t *testing.T) {
	blocks := Link{Kind: Blocks, To: itemB}
	outside := Link{Kind: Relates, External: "OPS-7", Inward: true, Source: "is caused by"}
	linked := after(created(Story), ItemLinked{blocks})
	tell(t, ItemSchema, []sentence[Item]{
		{"an item blocks another", created(Story), LinkItem{Link: blocks, Found: true}, itemPast{ItemLinked{blocks}}, nil},
		{"it is linked", linked, LinkItem{Link: blocks, Found: true}, nil, nil},
		{"something outside", created(Story), LinkItem{Link: outside}, itemPast{ItemLinked{outside}}, nil},
		{"itself", created(Story), LinkItem{Link: blocks, Itself: true, Found: true}, nil, ErrSelfLink},
		{"nothing", created(Story), LinkItem{Link: blocks}, nil, ErrLinkUnknown},
		{"a cycle", created(Story), LinkItem{Link: blocks, Found: true, Cycle: true}, nil, ErrLinkCycle},
		{"no such kind", created(Story), LinkItem{Link: Link{Kind: "likes", To: itemB}, Found: true}, nil, invalid("kind")},
		{"two ends", created(Story), LinkItem{Link: Link{Kind: Blocks, To: itemB, External: "x"}, Found: true}, nil, invalid("to")},
		{"from the other end", created(Story), LinkItem{Link: Link{Kind: Blocks, To: itemB, Inward: true}, Found: true}, nil, invalid("inward")},
		{"a link is taken away", linked, UnlinkItem{blocks}, itemPast{ItemUnlinked{blocks}}, nil},
		{"it is not there", created(Story), UnlinkItem{blocks}, nil, nil},
	})
}

func TestWhichItemWaitsForWhich(t *testing.T) {
	for _, c := range []struct {
		link          Link
		before, after ItemID
		ok            bool
	}{
		{Link{Kind: Blocks, To: itemB}, itemA, itemB, true},
		{Link{Kind: Depends, To: itemB}, itemB, itemA, true},
		{Link{Kind: Relates, To: itemB}, "", "", false},
		{Link{Kind: Blocks, External: "x"}, "", "", false},
	} {
		if b, a, ok := c.link.waits(itemA); b != c.before || a != c.after || ok != c.ok {
			t.Errorf("%+v: %s before %s, %v", c.link, b, a, ok)
		}
	}
}
