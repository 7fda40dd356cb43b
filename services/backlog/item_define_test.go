package backlog

import (
	"strings"
	"testing"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/es/estest"
	"throughline.dev/pkg/rights"
)

type itemPast = []es.Event[Item]

// created is an item of a kind in its first state.
func created(k Kind) itemPast {
	return itemPast{ItemCreated{Key: "X-1", Kind: k, Title: "Pay by card"}}
}

// standing is an item of a kind in a state, by an import: in any state.
func standing(k Kind, s State) itemPast {
	return itemPast{ItemImported{ItemKey: "PAY-1", Source: Origin{System: "jira", Key: "PAY-1"}, Kind: k, Title: "Pay by card", State: s, Hashes: map[string]string{"title": "1"}}}
}

var (
	folio         = PortfolioID("0folio00000000000000000000")
	epicReadyFact = ParentFact{Found: true, Epic: EpicReady}
	byEpic        = &Parent{Epic: epic}
	byItem        = &Parent{Item: itemA}
)

func TestCreateItem(t *testing.T) {
	story := ParentFact{Found: true, Kind: Story, State: Draft}
	defect := &Defect{Severity: "major", FoundIn: "2.1", Steps: "Pay twice."}
	tell(t, ItemSchema, []sentence[Item]{
		{"a story is a draft", nil, CreateItem{Kind: Story, Title: "Pay by card", Criteria: []string{"It is paid"}},
			itemPast{ItemCreated{Key: "X-1", Kind: Story, Title: "Pay by card", Criteria: []Criterion{{ID: id[Criterion](0), Text: "It is paid"}}}}, nil},
		{"a feature of a ready epic", nil, CreateItem{Kind: Feature, Title: "Cards", Parent: byEpic, Above: epicReadyFact}, itemPast{ItemCreated{Key: "X-1", Kind: Feature, Title: "Cards", Parent: byEpic}}, nil},
		{"a capability of an epic, whose portfolio it names", nil, CreateItem{Kind: Capability, Title: "Cards", Parent: byEpic, Above: ParentFact{Found: true, Epic: EpicReady, Portfolio: folio}},
			itemPast{ItemCreated{Key: "X-1", Kind: Capability, Title: "Cards", Parent: byEpic, Portfolio: folio}}, nil},
		{"a task of a story", nil, CreateItem{Kind: Task, Title: "Test", Parent: byItem, Above: story}, itemPast{ItemCreated{Key: "X-1", Kind: Task, Title: "Test", Parent: byItem}}, nil},
		{"a bug with what makes it workable", nil, CreateItem{Kind: Bug, Title: "Paid twice", Defect: defect}, itemPast{ItemCreated{Key: "X-1", Kind: Bug, Title: "Paid twice", Defect: defect}}, nil},
		{"a category makes it an enabler", nil, CreateItem{Kind: Feature, Title: "Ledger", Category: "architecture"}, itemPast{ItemCreated{Key: "X-1", Kind: Feature, Title: "Ledger", Enabler: true, Category: "architecture"}}, nil},
		{"a spike has a time box", nil, CreateItem{Kind: Story, Title: "Which bank?", Spike: true, TimeBox: 8}, itemPast{ItemCreated{Key: "X-1", Kind: Story, Title: "Which bank?", Spike: true, TimeBox: 8}}, nil},
		{"the same item again", created(Story), CreateItem{Kind: Story, Title: "Pay by card"}, nil, nil},
		{"another item under the same id", created(Story), CreateItem{Kind: Story, Title: "Pay by cheque"}, nil, ErrItemExists},
		{"no such kind", nil, CreateItem{Kind: "saga", Title: "x"}, nil, invalid("kind")},
		{"no title", nil, CreateItem{Kind: Story, Title: "  "}, nil, invalid("title")},
		{"a long title", nil, CreateItem{Kind: Story, Title: long(301)}, nil, invalid("title")},
		{"a long description", nil, CreateItem{Kind: Story, Title: "x", Description: long(maxText + 1)}, nil, invalid("description")},
		{"an empty criterion", nil, CreateItem{Kind: Story, Title: "x", Criteria: []string{""}}, nil, invalid("criteria[0]")},
		{"an empty label", nil, CreateItem{Kind: Story, Title: "x", Labels: []string{""}}, nil, invalid("labels[0]")},
		{"a task without a parent", nil, CreateItem{Kind: Task, Title: "Test"}, nil, invalid("parent.item")},
		{"a feature spike", nil, CreateItem{Kind: Feature, Title: "x", Spike: true}, nil, ErrNotASpike},
		{"a time box of no spike", nil, CreateItem{Kind: Story, Title: "x", TimeBox: 3}, nil, invalid("timeBox")},
		{"an enabler bug", nil, CreateItem{Kind: Bug, Title: "x", Enabler: true}, nil, ErrEnablerKind},
		{"no such category", nil, CreateItem{Kind: Story, Title: "x", Category: "fun"}, nil, invalid("enablerCategory")},
		{"a story with a defect", nil, CreateItem{Kind: Story, Title: "x", Defect: defect}, nil, ErrNotABug},
		{"a defect without steps", nil, CreateItem{Kind: Bug, Title: "x", Defect: &Defect{Severity: "major", FoundIn: "2.1"}}, nil, invalid("defect.steps")},
		{"an unknown team", nil, CreateItem{Kind: Story, Title: "x", Team: teamA, TeamGone: true}, nil, ErrTeamUnknown},
		{"too much for one commit names the field", nil, CreateItem{Kind: Story, Title: "x", Description: strings.Repeat("<", maxText)}, nil, invalid("description")},
	})
}

func TestParents(t *testing.T) {
	item := func(k Kind, s State) ParentFact { return ParentFact{Found: true, Kind: k, State: s} }
	of := func(s EpicState) ParentFact { return ParentFact{Found: true, Epic: s} }
	none := Parent{None: "regulator asks for it"}
	set := func(p Parent) itemPast { return itemPast{ParentSet{Parent: p}} }
	tell(t, ItemSchema, []sentence[Item]{
		{"a capability of an epic", created(Capability), SetParent{*byEpic, of(EpicMVP)}, set(*byEpic), nil},
		{"a feature of an epic", created(Feature), SetParent{*byEpic, of(EpicPersevere)}, set(*byEpic), nil},
		{"a feature of a capability", created(Feature), SetParent{*byItem, item(Capability, Funnel)}, set(*byItem), nil},
		{"a feature of nothing, with a reason", created(Feature), SetParent{none, ParentFact{}}, set(none), nil},
		{"a story of a feature", created(Story), SetParent{*byItem, item(Feature, Ready)}, set(*byItem), nil},
		{"a bug of a feature", created(Bug), SetParent{*byItem, item(Feature, Ready)}, set(*byItem), nil},
		{"a bug of nothing, with a reason", created(Bug), SetParent{none, ParentFact{}}, set(none), nil},
		{"a task of a bug", created(Task), SetParent{*byItem, item(Bug, Ready)}, set(*byItem), nil},
		{"the same parent", after(created(Story), ParentSet{Parent: *byItem}), SetParent{*byItem, item(Feature, Done)}, nil, nil},
		{"another parent tells which it was", after(created(Story), ParentSet{Parent: none}), SetParent{*byItem, item(Feature, Ready)}, itemPast{ParentSet{Parent: *byItem, Was: &none}}, nil},
		{"a capability names the portfolio of its epic", created(Capability), SetParent{*byEpic, ParentFact{Found: true, Epic: EpicReady, Portfolio: folio}}, itemPast{ParentSet{Parent: *byEpic, Portfolio: folio}}, nil},
		{"a feature does not", created(Feature), SetParent{*byEpic, ParentFact{Found: true, Epic: EpicReady, Portfolio: folio}}, itemPast{ParentSet{Parent: *byEpic}}, nil},
		{"a capability of nothing", created(Capability), SetParent{none, ParentFact{}}, nil, ErrParentKind},
		{"a capability of a feature", created(Capability), SetParent{*byItem, item(Feature, Ready)}, nil, ErrParentKind},
		{"a feature of a feature", created(Feature), SetParent{*byItem, item(Feature, Ready)}, nil, ErrParentKind},
		{"a story of an epic", created(Story), SetParent{*byEpic, of(EpicReady)}, nil, ErrParentKind},
		{"a story of a story", created(Story), SetParent{*byItem, item(Story, Ready)}, nil, ErrParentKind},
		{"a task of a feature", created(Task), SetParent{*byItem, item(Feature, Ready)}, nil, ErrParentKind},
		{"a task of nothing", created(Task), SetParent{none, ParentFact{}}, nil, ErrParentKind},
		{"an unknown item", created(Story), SetParent{*byItem, ParentFact{}}, nil, ErrParentUnknown},
		{"an unknown epic", created(Feature), SetParent{*byEpic, ParentFact{}}, nil, ErrParentUnknown},
		{"a closed item", created(Story), SetParent{*byItem, item(Feature, Done)}, nil, ErrParentClosed},
		{"a cycle", created(Story), SetParent{*byItem, ParentFact{Found: true, Kind: Feature, State: Ready, Cycle: true}}, nil, ErrParentCycle},
		{"a feature in the funnel of an epic that is analyzed", created(Feature), SetParent{*byEpic, of(EpicAnalyzing)}, set(*byEpic), nil},
		{"a ready feature of an epic that is analyzed", standing(Feature, Ready), SetParent{*byEpic, of(EpicAnalyzing)}, nil, ErrEpicState},
		{"an epic in the funnel", created(Feature), SetParent{*byEpic, of(EpicFunnel)}, nil, ErrEpicState},
		{"an epic under review", created(Feature), SetParent{*byEpic, of(EpicReviewing)}, nil, ErrEpicState},
		{"an epic that is done", created(Feature), SetParent{*byEpic, of(EpicDone)}, nil, ErrEpicState},
		{"two parents", created(Feature), SetParent{Parent{Item: itemA, Epic: epic}, of(EpicReady)}, nil, invalid("parent")},
		{"no parent and no reason", created(Feature), SetParent{}, nil, invalid("parent")},
		{"a cancelled item", standing(Story, Cancelled), SetParent{*byItem, item(Feature, Ready)}, nil, ErrCancelled},
	})
}

func TestTexts(t *testing.T) {
	defect := Defect{Severity: "major", FoundIn: "2.1", Steps: "Pay twice."}
	spike := itemPast{ItemCreated{Key: "X-1", Kind: Story, Title: "Which bank?", Spike: true, TimeBox: 8}}
	imported := itemPast{ItemImported{Kind: Story, Title: "x", State: Done, Description: long(maxText + 10)}}
	tell(t, ItemSchema, []sentence[Item]{
		{"an item is described", created(Feature), Describe{Title: "Cards", Definition: Definition{Hypothesis: "More buy", NFRs: []string{"fast"}}},
			itemPast{ItemDescribed{Title: "Cards", Definition: Definition{Hypothesis: "More buy", NFRs: []string{"fast"}}}}, nil},
		{"the same texts", created(Feature), Describe{Title: "Pay by card"}, nil, nil},
		{"a cancelled item keeps its texts", standing(Story, Cancelled), Describe{Title: "x"}, nil, ErrCancelled},
		{"an imported description may stay too long", imported, Describe{Title: "y", Description: long(maxText + 10)}, itemPast{ItemDescribed{Title: "y", Description: long(maxText + 10)}}, nil},
		{"a written one may not be", imported, Describe{Title: "y", Description: long(maxText + 11)}, nil, invalid("description")},
		{"a requirement says something", created(Feature), Describe{Title: "x", Definition: Definition{NFRs: []string{""}}}, nil, invalid("nfrs[0]")},
		{"a long hypothesis", created(Feature), Describe{Title: "x", Definition: Definition{Hypothesis: long(maxText + 1)}}, nil, invalid("hypothesis")},

		{"an enabler", created(Story), SetEnabler{true, "infrastructure"}, itemPast{EnablerSet{true, "infrastructure"}}, nil},
		{"an enabler may lack its category for now", created(Story), SetEnabler{Enabler: true}, itemPast{EnablerSet{Enabler: true}}, nil},
		{"no enabler any more", after(created(Story), EnablerSet{true, "infrastructure"}), SetEnabler{}, itemPast{EnablerSet{}}, nil},
		{"it is none", created(Story), SetEnabler{}, nil, nil},
		{"a task is no enabler", created(Task), SetEnabler{Enabler: true}, nil, ErrEnablerKind},
		{"no such category", created(Story), SetEnabler{true, "fun"}, nil, invalid("enablerCategory")},
		{"a category without an enabler", created(Story), SetEnabler{false, "architecture"}, nil, invalid("category")},
		{"a done item is no other", standing(Story, Done), SetEnabler{Enabler: true}, nil, ErrDone},

		{"a spike", created(Story), SetSpike{8}, itemPast{SpikeSet{8}}, nil},
		{"no spike any more", spike, SetSpike{0}, itemPast{SpikeSet{0}}, nil},
		{"the same time box", spike, SetSpike{8}, nil, nil},
		{"a bug is no spike", created(Bug), SetSpike{8}, nil, ErrNotASpike},
		{"a negative time box", created(Story), SetSpike{-1}, nil, invalid("timeBox")},
		{"a story in review becomes no spike", standing(Story, Review), SetSpike{8}, nil, ErrNoSuchStep},
		{"a finding", spike, WriteFinding{"The second one."}, itemPast{FindingWritten{"The second one."}}, nil},
		{"a finding of no spike", created(Story), WriteFinding{"x"}, nil, ErrNotASpike},
		{"an empty finding", spike, WriteFinding{""}, nil, invalid("finding")},

		{"a bug is described", created(Bug), DescribeDefect{defect}, itemPast{DefectDescribed{defect}}, nil},
		{"described the same", after(created(Bug), DefectDescribed{defect}), DescribeDefect{defect}, nil, nil},
		{"a story has no severity", created(Story), DescribeDefect{defect}, nil, ErrNotABug},
		{"no such severity", created(Bug), DescribeDefect{Defect{Severity: "bad", FoundIn: "1", Steps: "x"}}, nil, invalid("severity")},
		{"found nowhere", created(Bug), DescribeDefect{Defect{Severity: "major", Steps: "x"}}, nil, invalid("foundIn")},
	})
}

func TestCriteriaAndChecks(t *testing.T) {
	c0 := id[Criterion](0)
	one := after(created(Story), CriterionAdded{c0, "It is paid"})
	ticked := after(one, CriterionTicked{c0})
	check := Check{id[Check](0), "tested"}
	team := Team{State: TeamActive, DoD: []Check{check}}
	checked := after(created(Story), CheckTicked{check.ID})
	done := itemPast{ItemImported{Kind: Story, State: Done}, CriterionAdded{c0, "It is paid"}}
	tell(t, ItemSchema, []sentence[Item]{
		{"a criterion", created(Story), AddCriterion{"It is paid"}, itemPast{CriterionAdded{c0, "It is paid"}}, nil},
		{"it is there", one, AddCriterion{"It is paid"}, nil, nil},
		{"an empty criterion", created(Story), AddCriterion{" "}, nil, invalid("text")},
		{"a done item gets none", standing(Story, Done), AddCriterion{"x"}, nil, ErrDone},
		{"a criterion is ticked", one, TickCriterion{c0}, itemPast{CriterionTicked{c0}}, nil},
		{"it is ticked", ticked, TickCriterion{c0}, nil, nil},
		{"an unknown one is not ticked", created(Story), TickCriterion{c0}, nil, ErrCriterionUnknown},
		{"of a done item nothing is ticked", done, TickCriterion{c0}, nil, ErrDone},
		{"a criterion is unticked", ticked, UntickCriterion{c0}, itemPast{CriterionUnticked{c0}}, nil},
		{"it is not ticked", one, UntickCriterion{c0}, nil, nil},
		{"an unknown one is not unticked", created(Story), UntickCriterion{c0}, nil, ErrCriterionUnknown},
		{"a criterion is removed", one, RemoveCriterion{c0}, itemPast{CriterionRemoved{c0}}, nil},
		{"it is not there", created(Story), RemoveCriterion{c0}, nil, nil},
		{"from a done item nothing is removed", done, RemoveCriterion{c0}, nil, ErrDone},
		{"a check is ticked", created(Story), TickCheck{check.ID, team}, itemPast{CheckTicked{check.ID}}, nil},
		{"the check is ticked", checked, TickCheck{check.ID, team}, nil, nil},
		{"the team has no such check", created(Story), TickCheck{check.ID, Team{}}, nil, ErrCheckUnknown},
		{"a done item keeps its checks", standing(Story, Done), TickCheck{check.ID, team}, nil, ErrDone},
		{"a check is unticked", checked, UntickCheck{check.ID}, itemPast{CheckUnticked{check.ID}}, nil},
		{"the check is not ticked", created(Story), UntickCheck{check.ID}, nil, nil},
	})
}

func TestTheRightDependsOnTheKind(t *testing.T) {
	of := func(k Kind) Item { return Item{Kind: k, State: FlowOf(k, false).First()} }
	for _, c := range []struct {
		name string
		got  rights.Decision
		want rights.Decision
	}{
		{"create a feature", CreateItem{Kind: Feature}.Right(Item{}), "feature.define"},
		{"create a story", CreateItem{Kind: Story}.Right(Item{}), "story.define"},
		{"create an enabler", CreateItem{Kind: Story, Enabler: true}.Right(Item{}), "enabler.define"},
		{"create one by its category", CreateItem{Kind: Feature, Category: "architecture"}.Right(Item{}), "enabler.define"},
		{"describe a capability", Describe{}.Right(of(Capability)), "feature.define"},
		{"accept a feature", Accept{}.Right(of(Feature)), "feature.accept"},
		{"accept a bug", Accept{}.Right(of(Bug)), "story.accept"},
		{"finish a task", Accept{}.Right(of(Task)), ""},
		{"drag a story to done", MoveTo{To: Done}.Right(of(Story)), "story.accept"},
		{"drag a feature to analyzing", MoveTo{To: Analyzing}.Right(of(Feature)), "feature.prioritise"},
		{"drag a story to ready", MoveTo{To: Ready}.Right(of(Story)), "story.define"},
		{"drag a story to review", MoveTo{To: Review}.Right(of(Story)), ""},
		{"plan a story", PlanInto{Iteration: sprint}.Right(of(Story)), "iteration.items.select"},
		{"plan what breaks the goal", PlanInto{Iteration: sprint, Impact: GoalBreaks}.Right(of(Story)), "iteration.scope.change"},
		{"unplan what breaks the goal", Unplan{Impact: GoalBreaks}.Right(of(Story)), "iteration.scope.change"},
		{"plan a feature", PlanInto{PI: pi}.Right(of(Feature)), "feature.prioritise"},
		{"change a scope", ChangeScope{}.Right(Iteration{}), "iteration.items.select"},
		{"break a goal", ChangeScope{Impact: GoalBreaks}.Right(Iteration{}), "iteration.scope.change"},
		{"score RICE of a story", ScoreRICE{}.Right(of(Story)), "story.define"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", c.name, c.got, c.want)
		}
	}
	for k, want := range map[Kind]string{Capability: "C", Feature: "F", Story: "S", Bug: "B", Task: "T"} {
		if got := (CreateItem{Kind: k}).Prefix(); got != want {
			t.Errorf("%s has the prefix %q", k, got)
		}
	}
	s := estest.Given(ItemSchema, itemPast{ItemCreated{Kind: Story, Team: teamA}}...).State(t)
	if got := s.Scope(); got != (rights.Scope{Team: teamA.String()}) {
		t.Errorf("scope %+v", got)
	}
}
