package main

import (
	"context"

	"throughline.dev/services/strategy"
)

// euro is an amount in thousands of euros.
func euro(thousands int64) *strategy.Money {
	return &strategy.Money{Amount: thousands * 1000 * 100, Currency: "EUR"}
}

// demoWIP leaves the MVP column exactly full.
var demoWIP = map[strategy.EpicState]int{strategy.Reviewing: 4, strategy.Analyzing: 5, strategy.Ready: 4, strategy.MVP: 4, strategy.Persevere: 3}

var demoStreams = []struct{ short, name, text string }{
	{"everyday", "Everyday banking", "From opening an account to the daily look at the balance."},
	{"payments", "Payments and cards", "From tapping a card to money on the other side, with fraud kept out."},
	{"lending", "Lending and home", "From the first enquiry about a home to the keys in hand."},
	{"wealth", "Savings and investing", "From the first euro put aside to the first fund share."},
}

var demoProducts = []struct {
	short, name, text, accountable string
	stage                          strategy.Stage
	vision                         strategy.VisionText
}{
	{"mobile", "Meridian Mobile", "The bank in the pocket of 1.9 million customers: accounts, cards, payments and savings.", "priya", strategy.Growth, strategy.VisionText{
		Target:         "People who do their banking on the phone and never plan to enter a branch",
		Problem:        "Opening an account takes eleven days, and sending money still feels like posting a letter",
		Value:          "Everyday money that just works: open in five minutes, pay in ten seconds, understood at a glance",
		Differentiator: "A full-service bank behind it: the same app takes them from pocket money to a mortgage",
		Journey:        "Account opening and instant payments first, family and savings next, one identity under all of it",
		Narrative:      "Mila is nineteen, moves for her first job and opens her account in the queue of the supermarket. She pays for the groceries with it.",
	}},
	{"home", "Meridian Home", "Everything between the wish for a home and the keys to it.", "lukas", strategy.Development, strategy.VisionText{
		Target:         "First-time buyers and owners who want to renovate or refinance",
		Problem:        "A mortgage takes nine weeks, forty-one documents and four appointments, and nobody knows where it stands",
		Value:          "A binding offer in a day and one place that shows every step until the keys are handed over",
		Differentiator: "We already know their income and spending, with their consent, so we ask for almost nothing",
		Journey:        "Digital enquiry and document upload, then the binding offer, then energy renovation on top",
		Narrative:      "Jonas and Eline see a flat on Saturday. On Sunday evening they have an offer that they can sign.",
	}},
}

var demoPortfolioVision = strategy.VisionText{
	Target:         "Households and sole traders in our five home markets",
	Problem:        "Customers trust us with their savings and use somebody else's app every day",
	Value:          "The retail bank that people use every day and trust for life",
	Differentiator: "The speed of a digital bank with the balance sheet and the advice of a universal one",
	Journey:        "Win the everyday relationship on the phone, make money move at once, then bring the home loan to the same screen",
	Mission:        "We make the financial side of life simple enough to be left alone",
	Values:         []string{"Plain words", "No surprise in the small print", "Ship, measure, decide"},
}

var demoThemes = []struct {
	short, title, text, owner string
	weight                    int
	share                     float64
}{
	{"young", "The everyday bank of people under 35", "Become the account that the salary goes to, before a competitor's app does.", "henrik", 35, 35},
	{"instant", "Money that moves at once, everywhere", "Every transfer in under ten seconds, in and out, at home and abroad.", "nadia", 25, 25},
	{"home", "A home without paperwork", "From enquiry to keys on one screen, with a binding offer in a day.", "davide", 25, 25},
	{"trust", "Trusted by customers and regulators", "Fraud down, recovery proven, one identity per customer.", "tomasz", 15, 15},
}

// demoObjective measures a theme; of each key result there is a value for every
// check-in, the oldest first, two weeks apart.
type demoObjective struct {
	theme, title, text, owner, kind string
	results                         []demoResult
}

type demoResult struct {
	strategy.Measure
	confidence int
	note       string
	values     []float64
}

var demoObjectives = []demoObjective{
	{"young", "Be the first account of a new generation", "Measured where it hurts: who takes their salary elsewhere.", "henrik", "aspirational", []demoResult{
		{strategy.Measure{Title: "New customers under 35 per month", Unit: "customers", Baseline: 4200, Target: 9000, Weight: 2}, 7, "Campus campaign pays off", []float64{4600, 5300, 6400, 7150}},
		{strategy.Measure{Title: "Account openings finished on the phone", Unit: "% of openings", Baseline: 38, Target: 75, Weight: 2}, 8, "Video identification helps most", []float64{41, 49, 58, 63}},
		{strategy.Measure{Title: "Accounts with salary after 90 days", Unit: "% of new accounts", Baseline: 22, Target: 40}, 5, "The switching service is still a letter", []float64{22, 24, 25}},
	}},
	{"instant", "Ten seconds from account to account", "Instant is the normal case, not the one that costs extra.", "nadia", "committed", []demoResult{
		{strategy.Measure{Title: "Transfers settled within ten seconds", Unit: "% of transfers", Baseline: 31, Target: 95, Weight: 3}, 8, "Outgoing SEPA is live for everybody", []float64{38, 55, 71, 78}},
		{strategy.Measure{Title: "Instant service available", Kind: strategy.KeepAbove, Unit: "% of minutes", Target: 99.95}, 9, "", []float64{99.97, 99.96, 99.98, 99.93}},
		{strategy.Measure{Title: "Payment complaints", Unit: "per 10,000 transfers", Baseline: 9.4, Target: 4}, 6, "Most are about unclear names on statements", []float64{9.1, 8.2, 7.5, 6.9}},
	}},
	{"home", "A binding mortgage offer in one day", "The offer is what buyers need on Sunday evening.", "davide", "committed", []demoResult{
		{strategy.Measure{Title: "Median time to a binding offer", Unit: "days", Baseline: 23, Target: 1, Weight: 2}, 5, "Valuation is the longest step that is left", []float64{21, 17, 12, 9}},
		{strategy.Measure{Title: "Documents a buyer has to upload", Unit: "documents", Baseline: 41, Target: 8}, 7, "Payslips now come from the account", []float64{38, 29, 19}},
	}},
	{"trust", "Fraud hurts the fraudster, not the customer", "What we stop before it happens, and how fast we stand again after an outage.", "tomasz", "committed", []demoResult{
		{strategy.Measure{Title: "Card fraud losses", Unit: "EUR per million spent", Baseline: 610, Target: 300, Weight: 2}, 6, "Real-time scoring covers a third of the cards", []float64{598, 540, 487, 455}},
		{strategy.Measure{Title: "False alarms that block a card", Kind: strategy.KeepBelow, Unit: "per 10,000 payments", Target: 3}, 4, "Holiday bookings trip the old rules", []float64{2.6, 3.4, 2.9, 3.8}},
		{strategy.Measure{Title: "Critical services with a passed recovery drill", Unit: "services", Baseline: 2, Target: 14}, 6, "Drills need the event backbone", []float64{3, 5, 6}},
	}},
}

// strategy makes what is above the epics, from the portfolio to the key results.
func (d *demo) strategy(ctx context.Context) {
	p := strategy.PortfolioID(d.made("portfolio", "retail", d.do(ctx, "henrik", 500, "strategy.portfolio.define", "", strategy.DefinePortfolio{
		Name: "Retail Banking", Description: "All investment in what private customers and sole traders see and use.",
		Owner: d.who("henrik"), Currency: "EUR", Configuration: strategy.WithPortfolio})))
	d.do(ctx, "henrik", 498, "strategy.portfolio.set-kanban-policy", p.String(), strategy.SetKanbanPolicy{Kanban: strategy.Kanban{WIP: demoWIP}})
	d.do(ctx, "henrik", 498, "strategy.portfolio.set-epic-threshold", p.String(), strategy.SetEpicThreshold{Threshold: strategy.Threshold{
		Cost: euro(400), PIs: 1, Strategic: "Anything that changes what we promise customers in writing, or that a supervisor asked for."}})
	d.do(ctx, "henrik", 497, "strategy.portfolio.set-horizon-targets", p.String(), strategy.SetHorizonTargets{Targets: []strategy.HorizonTarget{
		{Horizon: "h3", Min: 5, Max: 15}, {Horizon: "h2", Min: 20, Max: 35}, {Horizon: "h1", Min: 50, Max: 65}, {Horizon: "h0", Min: 0, Max: 10}}})
	d.do(ctx, "henrik", 490, "strategy.portfolio.update-canvas", p.String(), strategy.UpdateCanvas{Which: "current", Cells: strategy.Canvas{
		"value-streams":     {"Everyday banking", "Payments and cards", "Lending and home", "Savings and investing"},
		"solutions":         {"Meridian Mobile", "Meridian Home"},
		"customer-segments": {"Under 35", "Families", "Home buyers", "Sole traders"},
		"channels":          {"App", "212 branches", "Service line"},
		"key-partners":      {"Card schemes", "Land registries", "Notary chambers"},
		"revenue-streams":   {"Interest margin", "Card fees", "Fund commission"},
	}})
	for i, v := range demoStreams {
		d.made("stream", v.short, d.do(ctx, "henrik", 485-float64(i), "strategy.value-stream.register", "",
			strategy.RegisterValueStream{Portfolio: p, Name: v.name, Description: v.text}))
	}
	for i, x := range demoProducts {
		d.made("product", x.short, d.do(ctx, "henrik", 470-float64(i), "strategy.product.register", "",
			strategy.RegisterProduct{Name: x.name, Description: x.text, Portfolio: p, Accountable: d.who(x.accountable), Stage: x.stage}))
	}
	vision := d.do(ctx, "henrik", 450, "strategy.vision.draft", "", strategy.DraftVision{Portfolio: p, VisionText: demoPortfolioVision})
	d.do(ctx, "henrik", 430, "strategy.vision.publish", vision, strategy.PublishVision{Audience: []string{"Everybody in Retail Banking"}})
	for i, who := range []string{"clara", "davide", "priya", "lukas", "sofia", "aisha", "oskar", "ben"} {
		d.do(ctx, who, 428-2*float64(i), "strategy.vision.acknowledge", vision, strategy.AcknowledgeVision{Version: 1})
	}
	d.themes(ctx, p)
	d.objectives(ctx, p)
}

func (d *demo) themes(ctx context.Context, p strategy.PortfolioID) {
	for i, t := range demoThemes {
		id := d.made("theme", t.short, d.do(ctx, "henrik", 420-float64(i), "strategy.theme.propose", "", strategy.ProposeTheme{Portfolio: p,
			ThemeText: strategy.ThemeText{Title: t.title, Description: t.text, Owner: d.who(t.owner), Weight: t.weight, BudgetShare: t.share}}))
		d.do(ctx, "henrik", 400-float64(i), "strategy.theme.adopt", id, strategy.AdoptTheme{})
	}
}

func (d *demo) objectives(ctx context.Context, p strategy.PortfolioID) {
	for i, o := range demoObjectives {
		define := strategy.DefineObjective{Portfolio: p, Theme: strategy.ThemeID(d.id("theme", o.theme)),
			ObjectiveText: strategy.ObjectiveText{Title: o.title, Description: o.text, Kind: o.kind, Owner: d.who(o.owner),
				From: strategy.Day(d.day(62)), To: strategy.Day(d.day(-30))}}
		for _, r := range o.results {
			r.Owner = d.who(o.owner)
			define.KeyResults = append(define.KeyResults, r.Measure)
		}
		id := d.made("objective", o.theme, d.do(ctx, "henrik", 62-float64(i)/4, "strategy.objective.define", "", define))
		for n, k := range state(ctx, d, strategy.Objectives, id).KeyResults {
			r := o.results[n]
			for c, value := range r.values {
				latest := c == len(r.values)-1
				check := strategy.CheckInKeyResult{KeyResult: k.ID, Value: value, Confidence: r.confidence}
				if latest {
					check.Note = r.note
				}
				d.do(ctx, o.owner, float64(14*(len(r.values)-1-c)+2), "strategy.objective.check-in", id, check)
			}
		}
	}
}

// productVisions follow when the product managers hold their roles.
func (d *demo) productVisions(ctx context.Context) {
	for i, x := range demoProducts {
		vision := d.do(ctx, x.accountable, 390-float64(i), "strategy.vision.draft", "",
			strategy.DraftVision{Product: strategy.ProductID(d.id("product", x.short)), VisionText: x.vision})
		d.do(ctx, x.accountable, 380-float64(i), "strategy.vision.publish", vision, strategy.PublishVision{Audience: []string{"Teams of " + x.name, "Customer Success"}})
	}
}
