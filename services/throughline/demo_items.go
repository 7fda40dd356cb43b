package main

import (
	"context"
	"fmt"
	"slices"

	"throughline.dev/pkg/es"
	"throughline.dev/services/backlog"
)

// demoPlan is where a story stands.
type demoPlan int

const (
	draft      demoPlan = iota
	ready               // estimated and in the backlog
	inNext              // planned into the next iteration
	planned             // into the running one
	doing               // in it
	review              // in it
	doneNow             // in it
	carried             // begun in the last one, still in work
	doneLast            // in the last iteration
	doneBefore          // in the one before that
)

// in tells whether a story was planned into an iteration.
func (p demoPlan) in(n int) bool {
	switch n {
	case lastButOne:
		return p == doneBefore
	case lastIteration:
		return p == doneLast || p == carried
	}
	return slices.Contains([]demoPlan{planned, doing, review, doneNow, carried}, p)
}

func (d *demo) feature(short string) demoFeature {
	for _, f := range demoFeatures {
		if f.short == short {
			return f
		}
	}
	d.fail(fmt.Errorf("the demo has no feature %q", short))
	return demoFeatures[0]
}

func (d *demo) story(title string) demoStory {
	for _, s := range demoStories {
		if s.title == title {
			return s
		}
	}
	d.fail(fmt.Errorf("the demo has no story %q", title))
	return demoStories[0]
}

// definer is who says what a feature is: the product manager, of an enabler
// the architect.
func (f demoFeature) definer(t demoTeam) string {
	if f.category != "" {
		return "yusuf"
	}
	return t.manager
}

func (d *demo) makeFeature(ctx context.Context, f demoFeature) {
	t := d.team(f.team)
	parent := &backlog.Parent{None: f.reason}
	if f.epic != "" {
		parent.Epic = backlog.EpicID(d.id("epic", f.epic))
	}
	d.made("feature", f.short, d.do(ctx, f.definer(t), f.began+30, "backlog.item.create", "", backlog.CreateItem{
		Kind: backlog.Feature, Title: f.title, Definition: backlog.Definition{Hypothesis: f.hypothesis}, Category: f.category, Criteria: f.criteria,
		Parent: parent, Product: backlog.ProductID(d.id("product", t.product))}))
}

// artStates are the states of a feature, in order.
var artStates = []backlog.State{backlog.Funnel, backlog.Analyzing, backlog.Ready, backlog.Implementing, backlog.Validating, backlog.Deploying, backlog.Releasing, backlog.Done}

// reaches tells whether the feature has come at least so far.
func (f demoFeature) reaches(s backlog.State) bool { return f.rank() >= slices.Index(artStates, s) }

func (f demoFeature) rank() int { return slices.Index(artStates, f.state) }

// beginFeature takes a feature up to the beginning of the work.
func (d *demo) beginFeature(ctx context.Context, t demoTeam, f demoFeature) {
	id := d.id("feature", f.short)
	if f.reaches(backlog.Analyzing) {
		d.do(ctx, t.manager, f.began+22, "backlog.item.move-to", id, backlog.MoveTo{To: backlog.Analyzing})
		d.do(ctx, t.manager, f.began+18, "backlog.item.score-wsjf", id, backlog.ScoreWSJF{UserBusinessValue: f.wsjf[0], TimeCriticality: f.wsjf[1],
			RiskOpportunity: f.wsjf[2], JobSize: f.wsjf[3], Session: "ART sync"})
	}
	if f.reaches(backlog.Ready) {
		d.do(ctx, t.developers[0], f.began+12, "backlog.item.estimate", id, backlog.Estimate{Points: f.points})
		d.do(ctx, f.definer(t), f.began+8, "backlog.item.mark-ready", id, backlog.MarkReady{FitsPI: true})
	}
	if f.reaches(backlog.Implementing) {
		d.do(ctx, t.manager, f.began+4, "backlog.item.plan-into", id, backlog.PlanInto{PI: d.interval()})
		d.do(ctx, t.developers[0], f.began, "backlog.item.start", id, backlog.Start{})
	}
	if f.blocked != "" {
		d.do(ctx, t.developers[0], 11, "backlog.item.block", id, backlog.BlockItem{Reason: f.blocked})
	}
}

// interval is the present planning interval of the train.
func (d *demo) interval() backlog.PIID {
	return es.DeriveID[backlog.PIRef](d.org.ID.String(), "planning interval", d.day(35))
}

// endFeature takes a feature whose stories are done on to its users.
func (d *demo) endFeature(ctx context.Context, t demoTeam, f demoFeature) {
	id := d.id("feature", f.short)
	ago := 7.0
	for _, s := range []backlog.State{backlog.Validating, backlog.Deploying, backlog.Releasing} {
		if f.reaches(s) {
			d.do(ctx, t.developers[1], ago, "backlog.item.move-to", id, backlog.MoveTo{To: s})
		}
		ago--
	}
	if f.state == backlog.Done {
		d.release(ctx, t.manager, id, f.toggle, ago)
	}
}

// release switches a feature on for its users and accepts it.
func (d *demo) release(ctx context.Context, manager, id, toggle string, ago float64) {
	d.do(ctx, manager, ago, "backlog.item.release", id, backlog.MarkReleased{Shipment: backlog.Shipment{Toggle: toggle}})
	d.do(ctx, manager, ago-0.2, "backlog.item.set-benefit-check", id, backlog.SetBenefitCheck{On: backlog.Day(d.day(-45))})
	d.tick(ctx, manager, ago-0.4, id)
	d.do(ctx, manager, ago-0.6, "backlog.item.accept", id, backlog.Accept{Note: "Seen with three customers."})
}

// demoShipment is a feature without stories that went from the funnel to its
// users between two days; both 0: today.
type demoShipment struct {
	hypothesis, criterion, toggle string
	from, to                      float64 // days ago
}

// ship takes a feature of Meridian Mobile all the way.
func (d *demo) ship(ctx context.Context, id string, f demoShipment) {
	day := func(step float64) float64 { return f.from - (f.from-f.to)*step/10 }
	item := state(ctx, d, backlog.Items, id)
	item.Hypothesis = f.hypothesis
	d.do(ctx, "priya", day(1), "backlog.item.describe", id, backlog.Describe{Title: item.Title, Description: item.Description, Definition: item.Definition})
	d.do(ctx, "priya", day(1), "backlog.item.add-criterion", id, backlog.AddCriterion{Text: f.criterion})
	d.do(ctx, "priya", day(2), "backlog.item.score-wsjf", id, backlog.ScoreWSJF{UserBusinessValue: 8, TimeCriticality: 5, RiskOpportunity: 8, JobSize: 2, Session: "ART sync"})
	d.do(ctx, "rohan", day(2), "backlog.item.estimate", id, backlog.Estimate{Points: 5})
	d.do(ctx, "priya", day(3), "backlog.item.move-to", id, backlog.MoveTo{To: backlog.Analyzing})
	d.do(ctx, "priya", day(4), "backlog.item.mark-ready", id, backlog.MarkReady{FitsPI: true})
	d.do(ctx, "priya", day(5), "backlog.item.plan-into", id, backlog.PlanInto{PI: d.interval()})
	d.do(ctx, "rohan", day(5), "backlog.item.start", id, backlog.Start{})
	for n, s := range []backlog.State{backlog.Validating, backlog.Deploying, backlog.Releasing} {
		d.do(ctx, "rohan", day(7+float64(n)), "backlog.item.move-to", id, backlog.MoveTo{To: s})
	}
	d.release(ctx, "priya", id, f.toggle, day(10))
}

// tick says that an item meets all its acceptance criteria.
func (d *demo) tick(ctx context.Context, who string, ago float64, id string) {
	for _, c := range state(ctx, d, backlog.Items, id).Criteria {
		d.do(ctx, who, ago, "backlog.item.tick-criterion", id, backlog.TickCriterion{ID: c.ID})
	}
}

func (d *demo) makeStory(ctx context.Context, i int, s demoStory) {
	f := d.feature(s.feature)
	t := d.team(f.team)
	create := backlog.CreateItem{Kind: backlog.Story, Title: s.title, Criteria: s.criteria, Parent: &backlog.Parent{Item: backlog.ItemID(d.id("feature", s.feature))},
		Team: backlog.TeamID(d.id("team", f.team)), Product: backlog.ProductID(d.id("product", t.product))}
	switch {
	case s.defect != nil:
		create.Kind, create.Defect = backlog.Bug, s.defect
	case s.timeBox > 0:
		create.Spike, create.TimeBox = true, s.timeBox
	}
	d.made("story", s.title, d.do(ctx, t.owner, 46-float64(i)/9, "backlog.item.create", "", create))
}

// refine estimates a story and calls it ready.
func (d *demo) refine(ctx context.Context, t demoTeam, i int, s demoStory) {
	if s.plan == draft {
		return
	}
	id := d.id("story", s.title)
	d.do(ctx, t.developers[i%2], 37, "backlog.item.estimate", id, backlog.Estimate{Points: s.points})
	d.do(ctx, t.owner, 36, "backlog.item.mark-ready", id, backlog.MarkReady{})
}

// workStory is what became of a story in one iteration that it was planned into.
func (d *demo) workStory(ctx context.Context, t demoTeam, i int, s demoStory, n int) {
	id, who, start := d.id("story", s.title), t.developers[i%2], demoSpans[n].start
	if s.plan == planned {
		return
	}
	if s.plan != carried || n == lastIteration {
		d.do(ctx, who, start-0.5-float64(i%4), "backlog.item.assign", id, backlog.Assign{People: []es.PersonID{d.who(who)}})
		d.do(ctx, who, start-0.6-float64(i%4), "backlog.item.start", id, backlog.Start{})
	}
	if s.blocked != "" && n == thisIteration {
		d.do(ctx, who, 2.5, "backlog.item.block", id, backlog.BlockItem{Reason: s.blocked})
	}
	if s.plan == doing || s.plan == carried {
		return
	}
	d.do(ctx, who, start-4.2-float64(i%3)/2, "backlog.item.move-to", id, backlog.MoveTo{To: backlog.Review})
	if s.plan == review {
		return
	}
	at := start - 5.5 - float64(i%2)
	d.tick(ctx, t.developers[(i+1)%2], at+0.2, id)
	for _, c := range state(ctx, d, backlog.Teams, d.id("team", t.code)).DoD {
		d.do(ctx, t.developers[(i+1)%2], at+0.1, "backlog.item.tick-check", id, backlog.TickCheck{Check: c.ID})
	}
	d.do(ctx, t.owner, at, "backlog.item.accept", id, backlog.Accept{})
}
