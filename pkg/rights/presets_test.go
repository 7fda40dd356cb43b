package rights_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/rights"
)

// table is domain.md §5.2: decisions | SAFe | PM-led | PO-led | Scrum-only | Blended.
const table = `
portfolio.strategy.set portfolio.theme.set portfolio.okr.set | D PL, C BO EA | D PL, C BO EA | D PL, C BO EA | n/a | D owner
product.vision.publish product.strategy.publish | D PM, C PO SA BO | D PM, C PO | D PO, C PM | D PO | D owner
roadmap.item.commit roadmap.publish | D PM, C PO BO | D PM, C PO | D PO, C PM | D PO | D owner
market.publish persona.publish competitor.publish | D PM, C PO | D PM | D PM, C PO | D PO | D owner
epic.go_nogo epic.outcome | D PL, A BO, C EO EA | D sponsor, C PM | D sponsor, C PO | n/a | D owner
budget.allocate budget.adjust guardrail.set | D PL, C BO | D PL, C PM | D PL, C PO | D sponsor | D owner
project.budget.change project.scope.change project.timeline.change | D PM, A BO, C PO | D PM, C PO | D PO, A stakeholder | D PO | D owner
capacityAllocation.set | D PM SA all, A BO | D PM | D PO | D PO | D owner
feature.define feature.prioritise feature.accept | D PM, C PO SA | D PM, C PO | D PO, C PM | D PO | D owner
enabler.define NFR.set | D SA, C PM | D SA | D SA | D team | D team
story.define story.accept backlog.order iteration.goal | D PO, C team | D PO | D PO | D PO | D owner
item.estimate iteration.items.select | D team | D team | D team | D team | D team
iteration.scope.change iteration.cancel | D PO, C team | D PO | D PO | D PO | D owner
pi.plan.accept objective.value.set | D BO, C PM | D BO sponsor any | D PO | n/a | D owner
risk.roam | D risk-owner RTE any, C team BO | D project-lead | D PO | D SM | D owner
release.approve | D PM, A sign-off-party | D PM | D PO, A stakeholder | D PO | D owner
feedback.triage insight.link idea.status | D PM PO any | D PM | D PO | D PO | D owner
survey.send stakeholder.update | D PM, C PO | D PM | D PM | D PO | D owner
policy.change | D PL | D head-of-product | D head-of-product | D administrator | D owner
`

var short = map[string]rights.Role{
	"PL": rights.PortfolioLeadership, "PM": rights.ProductManagement, "PO": rights.ProductOwner, "BO": rights.BusinessOwner,
	"SA": rights.SystemArchitect, "EA": rights.EnterpriseArchitect, "EO": rights.EpicOwner, "SM": rights.ScrumMaster,
	"RTE": rights.ReleaseTrainEngineer,
}

var columns = []rights.Preset{rights.SAFe, rights.PMLed, rights.POLed, rights.ScrumOnly, rights.Blended}

// line is one cell of the table: the letter of each role, and how they decide together.
type line struct {
	letters map[rights.Role]rights.Part
	joint   string
}

func parseTable(t *testing.T) map[rights.Preset]map[rights.Decision]line {
	t.Helper()
	all := map[rights.Preset]map[rights.Decision]line{}
	for row := range strings.Lines(strings.TrimSpace(table)) {
		cells := strings.Split(strings.TrimSpace(row), " | ")
		if len(cells) != 6 {
			t.Fatalf("%q has %d cells", row, len(cells))
		}
		for i, cell := range cells[1:] {
			if all[columns[i]] == nil {
				all[columns[i]] = map[rights.Decision]line{}
			}
			if cell == "n/a" {
				continue
			}
			l := line{letters: map[rights.Role]rights.Part{}}
			for group := range strings.SplitSeq(cell, ", ") {
				words := strings.Fields(group)
				part := map[string]rights.Part{"D": rights.Decides, "A": rights.Agrees, "C": rights.Consulted}[words[0]]
				for _, w := range words[1:] {
					if w == "any" || w == "all" {
						l.joint = w
						continue
					}
					r, ok := short[w]
					if !ok {
						r = rights.Role(w)
					}
					if !r.Known() || part == "" {
						t.Fatalf("%q in %q is no role", w, row)
					}
					l.letters[r] = part
				}
			}
			for d := range strings.FieldsSeq(cells[0]) {
				all[columns[i]][rights.Decision(d)] = l
			}
		}
	}
	return all
}

func TestEveryDecisionHasItsPlace(t *testing.T) {
	want := parseTable(t)[rights.SAFe]
	for _, d := range rights.Decisions {
		if _, ok := want[d.Name]; !ok {
			t.Errorf("%s is not in the table", d.Name)
		}
		delete(want, d.Name)
		if d.Label == "" || d.Doc == "" {
			t.Errorf("%s has no label or no sentence", d.Name)
		}
	}
	for d := range want {
		t.Errorf("%s of the table is not in Decisions", d)
	}
}

func TestRolesAndPresetsAreDescribedOnce(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range rights.Roles {
		if r.Label == "" || r.Doc == "" || seen[string(r.Name)] {
			t.Errorf("role %+v", r)
		}
		seen[string(r.Name)] = true
	}
	var named []rights.Preset
	for _, p := range rights.PresetTypes {
		named = append(named, p.Name)
	}
	if diff := cmp.Diff(columns, named); diff != "" || len(rights.Presets) != len(named) {
		t.Errorf("presets:\n%s", diff)
	}
	if l := rights.ScrumMaster.Label(); l != "Scrum Master/Team Coach" {
		t.Errorf("the Scrum Master is labelled %q", l)
	}
	if l := rights.Role("king").Label(); l != "king" {
		t.Errorf("an unknown role is labelled %q", l)
	}
}

// Every cell of the table, for a person who holds one role, in an organisation
// where each role is held by somebody.
func TestPresetsGiveEachRoleTheLettersOfTheTable(t *testing.T) {
	for preset, decisions := range parseTable(t) {
		t.Run(string(preset), func(t *testing.T) {
			b := newBook(t)
			b.policy(rights.Scope{}, rights.Presets[preset])
			person := map[rights.Role]es.PersonID{}
			for _, r := range rights.Roles {
				person[r.Name] = es.NewID[es.Person]()
				b.assign(person[r.Name], r.Name, rights.Scope{})
			}
			for _, r := range rights.Roles {
				got := map[rights.Decision]rights.Part{}
				remit := b.Remit(b.tenant, person[r.Name], now)
				for _, duty := range remit.Duties {
					got[duty.Decision] = duty.Part
					if duty.Part == rights.Decides && string(duty.Joint) != decisions[duty.Decision].joint {
						t.Errorf("%s: deciders decide together %q", duty.Decision, duty.Joint)
					}
				}
				want := map[rights.Decision]rights.Part{}
				for d, l := range decisions {
					if p, ok := l.letters[r.Name]; ok {
						want[d] = p
					}
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", r.Name, diff)
				}
				if remit.Administrator != (r.Name == rights.Administrator) {
					t.Errorf("%s is taken for an administrator: %t", r.Name, remit.Administrator)
				}
				for _, d := range rights.Decisions {
					checkCell(t, b, decisions, d.Name, r.Name, person)
				}
			}
		})
	}
}

// checkCell compares a Verdict with the cell it must follow from.
func checkCell(t *testing.T, b *testBook, decisions map[rights.Decision]line, d rights.Decision, r rights.Role, person map[rights.Role]es.PersonID) {
	t.Helper()
	v := b.Check(b.tenant, person[r], d, rights.Scope{Product: "p", Team: "t"}, now)
	l, governed := decisions[d]
	if !governed {
		if !v.Allowed || v.Policy != 0 || v.Deciders != nil {
			t.Errorf("%s is governed by nothing, but %s gets %+v", d, r, v)
		}
		return
	}
	var deciders, agree, consult []rights.Role
	var people []es.PersonID
	for role, part := range l.letters {
		switch {
		case part == rights.Decides:
			deciders, people = append(deciders, role), append(people, person[role])
			if l.joint == "all" && role != r {
				agree = append(agree, role)
			}
		case role == r:
		case part == rights.Agrees:
			agree = append(agree, role)
		case part == rights.Consulted:
			consult = append(consult, role)
		}
	}
	decides := l.letters[r] == rights.Decides
	want := rights.Verdict{Decides: decides, Allowed: decides && len(agree) == 0, Deciders: deciders, Agree: agree, Consult: consult, Policy: v.Policy}
	if decides {
		want.ActingAs = r
	}
	if !want.Allowed && r == rights.Administrator {
		want.Allowed, want.Decides, want.ActingAs, want.Agree = true, true, r, nil
	}
	if !want.Allowed {
		want.People = people
	}
	if diff := cmp.Diff(sorted(want), sorted(v)); diff != "" || v.Policy == 0 {
		t.Errorf("%s by %s under policy %d (-want +got):\n%s", d, r, v.Policy, diff)
	}
}

func sorted(v rights.Verdict) rights.Verdict {
	for _, roles := range [][]rights.Role{v.Deciders, v.Agree, v.Consult} {
		slices.Sort(roles)
	}
	slices.Sort(v.People)
	return v
}
