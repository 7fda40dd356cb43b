package backlog

import "testing"

var (
	ofTeamA   = &Owner{"team", teamA.String()}
	ofTeamB   = &Owner{"team", teamB.String()}
	ofProduct = &Owner{"product", product.String()}
)

const product = ProductID("0product000000000000000000")

// An open item is in the backlog of its team, a feature without a team in that
// of its product.
func TestWhoseBacklogHasAnItem(t *testing.T) {
	create := func(c CreateItem) CreateItem { c.Title = "Pay"; return c }
	made := func(e ItemCreated, in *Owner) itemPast {
		if e.Key, e.Title = "X-1", "Pay"; in == nil {
			return itemPast{e}
		}
		return itemPast{e, BacklogSet{Backlog: in}}
	}
	story := made(ItemCreated{Kind: Story, Team: teamA}, ofTeamA)
	feature := made(ItemCreated{Kind: Feature, Product: product}, ofProduct)
	theirs := made(ItemCreated{Kind: Feature, Product: product, Team: teamA}, ofTeamA)
	byTeam := issueWith(func(c *ImportItem) { c.State, c.Team = Draft, teamA })
	done := issueWith(func(c *ImportItem) { c.State, c.Team = Done, teamA })
	there := itemPast{imported(byTeam)[0].(ItemImported).of(teamA), BacklogSet{Backlog: ofTeamA}}
	tell(t, ItemSchema, []sentence[Item]{
		{"a story of a team", nil, create(CreateItem{Kind: Story, Team: teamA}), story, nil},
		{"a feature of a product", nil, create(CreateItem{Kind: Feature, Product: product}), feature, nil},
		{"a feature of a team and a product", nil, create(CreateItem{Kind: Feature, Product: product, Team: teamA}), theirs, nil},
		{"a story of a product is in no backlog until a team has it", nil, create(CreateItem{Kind: Story, Product: product}), made(ItemCreated{Kind: Story, Product: product}, nil), nil},
		{"a task is where its story is", nil, create(CreateItem{Kind: Task, Team: teamA, Parent: byItem, Above: ParentFact{Found: true, Kind: Story, State: Draft}}),
			made(ItemCreated{Kind: Task, Team: teamA, Parent: byItem}, nil), nil},
		{"to another team", story, SetTeam{Team: teamB}, itemPast{TeamSet{teamB, teamA}, BacklogSet{ofTeamB, ofTeamA}}, nil},
		{"to no team", story, SetTeam{}, itemPast{TeamSet{"", teamA}, BacklogSet{Was: ofTeamA}}, nil},
		{"a feature of no team is its product's", theirs, SetTeam{}, itemPast{TeamSet{"", teamA}, BacklogSet{ofProduct, ofTeamA}}, nil},
		{"a feature that a team takes leaves its product's", feature, SetTeam{Team: teamA}, itemPast{TeamSet{Team: teamA}, BacklogSet{ofTeamA, ofProduct}}, nil},
		{"another product of what a team has", theirs, SetProduct{}, itemPast{ProductSet{"", product}}, nil},
		{"no product", feature, SetProduct{}, itemPast{ProductSet{"", product}, BacklogSet{Was: ofProduct}}, nil},
		{"what is cancelled leaves", story, Cancel{Reason: "x"}, itemPast{ItemCancelled{Draft, "x", "wont-do"}, BacklogSet{Was: ofTeamA}}, nil},
		{"what is done leaves", after(story, ItemMoved{From: Draft, To: Review}), Accept{}, itemPast{ItemAccepted{From: Review}, BacklogSet{Was: ofTeamA}}, nil},
		{"what is reopened comes back", after(story, ItemAccepted{From: Review}, BacklogSet{Was: ofTeamA}), Reopen{Reason: "x"},
			itemPast{ItemReopened{From: Done, To: InProgress, Reason: "x"}, BacklogSet{Backlog: ofTeamA}}, nil},
		{"an imported one", nil, byTeam, there, nil},
		{"an imported one that is done there", nil, done, itemPast{imported(done)[0].(ItemImported).of(teamA)}, nil},
		{"one that was done there since", there, done, itemPast{ItemMoved{From: Draft, To: Done, Source: "Closed"}, synced(done, "state"), BacklogSet{Was: ofTeamA}}, nil},
	})
}

func (e ItemImported) of(t TeamID) ItemImported { e.Team = t; return e }
