package main

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"throughline.dev/pkg/es"
	"throughline.dev/services/backlog"
)

// demoTeam is a team with its people by their short names.
type demoTeam struct {
	code, name, product, owner, manager string
	developers                          []string
	goals                               [3]string // of the iterations before last, last and now
	results                             [2]string // of those that are closed
	met                                 [2]bool
}

var demoTeams = []demoTeam{
	{"HARBOUR", "Harbour", "mobile", "sofia", "priya", []string{"ben", "tove"},
		[3]string{"Customers prove who they are without leaving the sofa", "The new card is in the phone before the envelope is printed", "Families get their first Friday pocket money"},
		[2]string{"Video identification is live for everybody in the first market.", "Card in the wallet works; the child's view took longer than thought."}, [2]bool{true, false}},
	{"COMPASS", "Compass", "mobile", "marek", "priya", []string{"rohan", "chiara"},
		[3]string{"Nobody sends money to a wrong name unwarned", "Instant is the normal case when both banks can", "Customers answer “Was this you?” instead of finding their card blocked"},
		[2]string{"Payee check live with 92 % of receiving banks.", "Instant sending is on for all customers; bookings as events wait for the vendor."}, [2]bool{true, true}},
	{"LANTERN", "Lantern", "home", "aisha", "lukas", []string{"emil", "lena"},
		[3]string{"Income comes from the account, not from a scan", "A buyer sees an offer without speaking to anybody", "The first buyer signs an offer on the phone"},
		[2]string{"Twelve months of salary are read with consent in seconds.", "Offers are calculated for employees; self-employed follow."}, [2]bool{true, true}},
}

// demoSpans are the iterations of every team: first and last day, in days ago.
var demoSpans = []struct {
	number     int
	start, end float64
}{{13, 35, 22}, {14, 21, 8}, {15, 7, -6}, {16, -7, -20}}

const (
	lastButOne = iota
	lastIteration
	thisIteration
	nextIteration
)

func (d *demo) iteration(t demoTeam, n int) backlog.IterationID {
	return backlog.IterationID(d.id("iteration", fmt.Sprint(t.code, n)))
}

func (d *demo) team(code string) demoTeam {
	for _, t := range demoTeams {
		if t.code == code {
			return t
		}
	}
	d.fail(fmt.Errorf("the demo has no team %q", code))
	return demoTeams[0]
}

// teams forms the teams with their cadence, their boards and their iterations.
func (d *demo) teams(ctx context.Context) {
	for _, t := range demoTeams {
		id := d.made("team", t.code, d.do(ctx, "oskar", 410, "backlog.team.form", "",
			backlog.FormTeam{Code: t.code, Name: t.name, Product: backlog.ProductID(d.id("product", t.product))}))
		member := func(who, role string, share int) {
			d.do(ctx, "oskar", 409, "backlog.team.add-member", id,
				backlog.AddMember{Person: d.who(who), Role: role, Allocation: share, From: backlog.Day(d.day(409))})
		}
		member(t.owner, "product-owner", 100)
		member("julia", "scrum-master", 30)
		for _, who := range t.developers {
			member(who, "developer", 100)
		}
		d.do(ctx, "julia", 408, "backlog.team.set-cadence", id,
			backlog.SetCadence{Cadence: backlog.Cadence{Days: 14, Start: backlog.Day(d.day(35)), Zone: "Europe/Vienna"}})
		d.do(ctx, "julia", 408, "backlog.team.set-board", id, backlog.SetBoard{Columns: []backlog.Column{
			{Name: "Planned", State: backlog.Planned}, {Name: "In progress", State: backlog.InProgress, WIP: 4},
			{Name: "Review", State: backlog.Review, WIP: 3}, {Name: "Done", State: backlog.Done}}})
		for n, s := range demoSpans {
			i := d.made("iteration", fmt.Sprint(t.code, n), d.do(ctx, "julia", s.start+10, "backlog.iteration.schedule", "",
				backlog.ScheduleIteration{Team: backlog.TeamID(id), Number: s.number, Start: backlog.Day(d.day(s.start)), End: backlog.Day(d.day(s.end))}))
			if n < nextIteration {
				d.do(ctx, t.owner, s.start+1, "backlog.iteration.set-goal", i, backlog.SetGoal{Goal: t.goals[n]})
			}
		}
	}
	d.do(ctx, "julia", 400, "backlog.team.define-done", d.id("team", "HARBOUR"), backlog.DefineDone{Checks: []string{"Tried with a screen reader", "Watched in production for a day"}})
}

// backlog makes the features and stories, those that are furthest first: so
// come their keys, and so come the backlogs, of which each new item is the last.
// Then the teams work side by side.
func (d *demo) backlog(ctx context.Context) {
	for _, f := range slices.SortedStableFunc(slices.Values(demoFeatures), func(a, b demoFeature) int { return b.rank() - a.rank() }) {
		d.makeFeature(ctx, f)
	}
	for i, s := range slices.SortedStableFunc(slices.Values(demoStories), func(a, b demoStory) int { return int(b.plan - a.plan) }) {
		d.makeStory(ctx, i, s)
	}
	d.settle(ctx)
	var working sync.WaitGroup
	for _, t := range demoTeams {
		working.Go(func() { d.work(ctx, t) })
	}
	working.Wait()
	d.notes(ctx)
}

// work is what one team did: its features prepared, three iterations, and
// what is next.
func (d *demo) work(ctx context.Context, t demoTeam) {
	for _, f := range demoFeatures {
		if f.team == t.code {
			d.beginFeature(ctx, t, f)
		}
	}
	for i, s := range demoStories {
		if d.feature(s.feature).team == t.code {
			d.refine(ctx, t, i, s)
		}
	}
	for n := lastButOne; n <= thisIteration; n++ {
		d.runIteration(ctx, t, n)
	}
	for i, s := range demoStories {
		if d.feature(s.feature).team == t.code && s.plan == inNext {
			d.do(ctx, t.developers[i%2], 0.5, "backlog.item.plan-into", d.id("story", s.title), backlog.PlanInto{Iteration: d.iteration(t, nextIteration)})
		}
	}
	for _, f := range demoFeatures {
		if f.team == t.code {
			d.endFeature(ctx, t, f)
		}
	}
}

// runIteration plans, starts and works one iteration, and closes it if it is over.
func (d *demo) runIteration(ctx context.Context, t demoTeam, n int) {
	span, id := demoSpans[n], d.iteration(t, n)
	var leftovers []backlog.Leftover
	for i, s := range demoStories {
		if d.feature(s.feature).team != t.code || !s.plan.in(n) {
			continue
		}
		item := d.id("story", s.title)
		d.do(ctx, t.developers[i%2], span.start+0.5, "backlog.item.plan-into", item, backlog.PlanInto{Iteration: id})
		if s.plan == carried && n == lastIteration {
			leftovers = append(leftovers, backlog.Leftover{Item: backlog.ItemID(item), To: "next"})
		}
	}
	d.do(ctx, "julia", span.start, "backlog.iteration.start", id.String(), backlog.StartIteration{})
	for i, s := range demoStories {
		if d.feature(s.feature).team == t.code && s.plan.in(n) {
			d.workStory(ctx, t, i, s, n)
		}
	}
	if n == thisIteration {
		return
	}
	d.do(ctx, "julia", span.end, "backlog.iteration.close", id.String(), backlog.CloseIteration{
		Results: t.results[n], GoalMet: t.met[n], ReviewedBy: []string{"Product Management", "Customer Success", "Service line"},
		Actions: []string{"Split stories above 8 points before planning"}, Leftovers: leftovers, Next: d.iteration(t, thisIteration)})
}

// notes are tasks, links and comments on what is in work.
func (d *demo) notes(ctx context.Context) {
	for i, k := range demoTasks {
		t := d.team(d.feature(d.story(k.story).feature).team)
		who := t.developers[i%2]
		task := d.do(ctx, t.owner, 5, "backlog.item.create", "", backlog.CreateItem{Kind: backlog.Task, Title: k.title,
			Parent: &backlog.Parent{Item: backlog.ItemID(d.id("story", k.story))}, Team: backlog.TeamID(d.id("team", t.code)), Product: backlog.ProductID(d.id("product", t.product))})
		d.do(ctx, who, 4.8, "backlog.item.assign", task, backlog.Assign{People: []es.PersonID{d.who(who)}})
		d.do(ctx, who, 4.7, "backlog.item.set-remaining", task, backlog.SetRemaining{Hours: k.hours})
		if k.state == backlog.ToDo {
			continue
		}
		d.do(ctx, who, 3, "backlog.item.start", task, backlog.Start{})
		if k.state == backlog.Done {
			d.do(ctx, who, 1.2, "backlog.item.set-remaining", task, backlog.SetRemaining{})
			d.do(ctx, who, 1, "backlog.item.accept", task, backlog.Accept{})
		}
	}
	for _, l := range demoLinks {
		d.do(ctx, l.who, 20, "backlog.item.link", d.id(l.kind, l.from), backlog.LinkItem{Link: backlog.Link{Kind: l.link, To: backlog.ItemID(d.id(l.kind, l.to))}})
	}
	for _, c := range demoComments {
		d.do(ctx, c.who, c.ago, "backlog.item.comment", d.id(c.kind, c.on), backlog.AddComment{Text: c.text})
	}
}
