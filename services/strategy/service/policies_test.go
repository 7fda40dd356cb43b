package service

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"throughline.dev/pkg/command"
	"throughline.dev/pkg/es"
	"throughline.dev/pkg/es/estest"
	"throughline.dev/pkg/react"
	"throughline.dev/pkg/react/reacttest"
	"throughline.dev/pkg/rights"
	"throughline.dev/services/backlog"
	"throughline.dev/services/strategy"
)

type body map[string]any

var ours = reacttest.Context{Name: "strategy", Schemas: strategy.Schemas, Commands: append(strategy.Commands[:len(strategy.Commands):len(strategy.Commands)], command.Rights...),
	Siblings: strategy.Siblings, Policies: Policies}

func TestPoliciesReadWhatIsWritten(t *testing.T) {
	const sample, here = "0sample0000000000000000000", "0here000000000000000000000"
	level := react.Wish{Command: "strategy.portfolio.use-level", ID: sample, Body: strategy.UseLevel{Level: strategy.SolutionLevel}}
	for _, c := range []struct {
		policy, dir, event string
		want               react.Wish
	}{
		{"capability-uses-level", "../../backlog/testdata/events", "backlog.item.created.v1", level},
		{"capability-uses-level", "../../backlog/testdata/events", "backlog.item.parent-set.v1", level},
		{"activated-policy-supersedes", "../../../pkg/rights/testdata/events", "strategy.rights-policy.activated.v1",
			react.Wish{Command: "strategy.rights-policy.supersede", ID: sample, Body: rights.SupersedePolicy{By: here}}},
	} {
		got := reacttest.Golden(t, Policies, c.policy, c.dir, c.event, here)
		if d := cmp.Diff([]react.Wish{c.want}, got); d != "" {
			t.Errorf("%s after %s: %s", c.policy, c.event, d)
		}
	}
}

// An epic that is to be pivoted, with a theme.
func implemented(p *reacttest.Plan) (epic, theme string) {
	portfolio := p.Do("strategy.portfolio.define", "", body{"name": "Retail", "currency": "EUR"})
	theme = p.Do("strategy.theme.propose", "", body{"portfolio": portfolio, "title": "Mobile first", "owner": reacttest.Actor})
	p.Do("strategy.theme.adopt", theme, body{})
	epic = p.Do("strategy.epic.import", "", body{"portfolio": portfolio, "title": "Pocket Shop", "kind": "enabler", "owner": reacttest.Actor, "themes": []string{theme}, "state": "mvp",
		"source": body{"system": "jira", "key": "E-1"}})
	p.Do("strategy.epic.record-indicator", epic, body{"indicator": "orders", "value": 1})
	return epic, theme
}

func TestAnEpicThatPivotsOpensTheNext(t *testing.T) {
	p := reacttest.Run(t, ours)
	epic, theme := implemented(p)
	p.Do("strategy.epic.decide-outcome", epic, body{"outcome": "pivot", "reason": "wrong users", "title": "Till Shop"})
	p.Settle()
	old := reacttest.State(p, strategy.Epics, epic)
	next := reacttest.State(p, strategy.Epics, old.PivotedInto.String())
	if next.State != strategy.Funnel || next.Title != "Till Shop" || next.PivotOf.String() != epic || next.Portfolio != old.Portfolio || next.Kind != strategy.EnablerEpic ||
		next.Owner != reacttest.Actor || len(next.Themes) != 1 || next.Themes[0].String() != theme || next.Key != "E-2" {
		t.Errorf("it opened %+v", next)
	}
	p.Again()
}

func TestTheNextEpicBeginsWithoutARetiredTheme(t *testing.T) {
	p := reacttest.Run(t, ours)
	epic, theme := implemented(p)
	p.Do("strategy.theme.retire", theme, body{"reason": "done"})
	p.Do("strategy.epic.decide-outcome", epic, body{"outcome": "pivot", "reason": "wrong users"})
	p.Settle()
	next := reacttest.State(p, strategy.Epics, reacttest.State(p, strategy.Epics, epic).PivotedInto.String())
	if next.State != strategy.Funnel || next.Title != "Pocket Shop" || len(next.Themes) > 0 {
		t.Errorf("it opened %+v", next)
	}
	p.Again()
}

func TestAPolicySupersedesTheOneBeforeIt(t *testing.T) {
	p := reacttest.Run(t, ours)
	p.Do("strategy.role-assignment.assign", "", body{"person": reacttest.Actor, "role": rights.Administrator})
	p.Settle()
	var ids []string
	for _, preset := range []string{"safe", "po-led", "blended"} {
		id := p.Do("strategy.rights-policy.draft", "", body{"name": preset, "preset": preset})
		p.Do("strategy.rights-policy.activate", id, body{})
		ids = append(ids, id)
	}
	elsewhere := p.Do("strategy.rights-policy.draft", "", body{"name": "Shop", "preset": "safe", "scope": rights.Scope{Product: es.DeriveID[strategy.Product]("shop").String()}})
	p.Do("strategy.rights-policy.activate", elsewhere, body{})
	p.Settle()
	for i, id := range ids[:2] {
		if s := reacttest.State(p, rights.Policies, id); s.State != rights.PolicyIsSuperseded || s.SupersededBy.String() != ids[i+1] {
			t.Errorf("policy %d is %s by %q", i, s.State, s.SupersededBy)
		}
	}
	for _, id := range []string{ids[2], elsewhere} {
		if s := reacttest.State(p, rights.Policies, id); s.State != rights.PolicyActive {
			t.Errorf("the policy in force is %s", s.State)
		}
	}
	p.Again()
}

func TestACapabilityShowsTheSolutionLevel(t *testing.T) {
	p := reacttest.Run(t, ours, reacttest.Context{Name: "backlog", Schemas: backlog.Schemas, Commands: backlog.Commands, Siblings: backlog.Siblings})
	epic, _ := implemented(p)
	portfolio := reacttest.State(p, strategy.Epics, epic).Portfolio.String()
	p.Settle()
	p.Do("backlog.item.create", "", body{"kind": "feature", "title": "Cards", "parent": body{"epic": epic}})
	p.Settle()
	if s := reacttest.State(p, strategy.Portfolios, portfolio); len(s.Levels) > 0 {
		t.Errorf("a feature uses %v", s.Levels)
	}
	p.Do("backlog.item.create", "", body{"kind": "capability", "title": "Pay", "parent": body{"epic": epic}})
	p.Settle()
	if s := reacttest.State(p, strategy.Portfolios, portfolio); len(s.Levels) != 1 || s.Levels[0] != strategy.SolutionLevel {
		t.Errorf("a capability uses %v", s.Levels)
	}
	p.Again()
	if w := useLevel(capability{}, react.Happening{Commit: es.Commit{Meta: estest.Meta}}); len(w) > 0 {
		t.Errorf("what names no portfolio uses %+v", w)
	}
}
