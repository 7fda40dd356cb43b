package web_test

import (
	"fmt"
	"net/url"
	"time"

	"throughline.dev/services/gateway/web/part"
	"throughline.dev/services/gateway/web/view/backlog"
	"throughline.dev/services/gateway/web/view/inbox"
	"throughline.dev/services/gateway/web/view/item"
	"throughline.dev/services/gateway/web/view/tree"
)

func live(view, path string, q url.Values, position uint64) part.Live {
	return part.Live{View: view, Position: position, URL: part.Query(path, q), Past: q.Get("asOf") != ""}
}

func sampleTree(q url.Values, open map[string]bool) tree.Model {
	node := func(id, kind, key, title, state, phase string, done, total float64, asked int, children ...tree.Node) tree.Node {
		n := tree.Node{ID: id, Kind: kind, Key: key, Title: title, URL: "/items/" + id, State: state, Phase: phase, Requesters: asked,
			Progress: part.Progress{Done: done, Total: total, Unit: "points"}, Children: children, Count: len(children), Open: len(children) > 0}
		return n
	}
	folded := node("f3", "feature", "PAY-31", "Refunds without a call", "Analyzing", "active", 0, 13, 41)
	folded.Count, folded.ChildrenURL, folded.Open = 3, "/strategy/nodes/f3", open["f3"]
	if folded.Open {
		folded.Children = sampleChildren()
	}
	lonely := node("e9", "epic", "E-109", "Retire the branch terminals", "Funnel", "todo", 0, 0, 0)
	lonely.Note = "no feature"
	return tree.Model{
		Live: live("tree", "/strategy", q, 5000), Path: "/strategy", Query: q,
		Coverage: []tree.Coverage{{Label: "themes with an objective", Have: 3, Of: 3}, {Label: "objectives with an epic", Have: 5, Of: 7, URL: "/strategy?show=objectives"}, {Label: "epics with a theme", Have: 48, Of: 60, URL: "/strategy?show=epics"},
			{Label: "features with an epic", Have: 131, Of: 180, URL: "/strategy?show=features"}, {Label: "stories with a feature", Have: 988, Of: 1499, URL: "/strategy?show=stories"}, {Label: "features with an insight", Have: 44, Of: 180, URL: "/strategy?show=voiceless"}},
		Roots: []tree.Node{
			node("v1", "vision", "", "Everyone's money, at once and without fear", "Published", "active", 412, 1260, 318,
				node("t1", "theme", "T-1", "Instant everything", "Active", "active", 301, 800, 214,
					node("o1", "objective", "O-3", "Nine of ten refunds arrive within a minute", "On track", "active", 301, 640, 190,
						node("e1", "epic", "E-104", "Instant refunds for merchants and their customers", "MVP", "active", 220, 410, 120,
							node("f1", "feature", "PAY-12", "Refund to any card", "Implementing", "active", 55, 90, 62,
								node("s1", "story", "PAY-201", "See why a refund was refused", "Done", "done", 5, 5, 7,
									node("b1", "feedback", "", "“I was told to wait ten days and nobody could say why” – Café Lumen", "Linked", "done", 0, 0, 0)),
								node("s2", "story", "PAY-202", "Refund a part of a payment", "In progress", "active", 0, 8, 12),
								node("g1", "bug", "PAY-230", "Refund in yen is rounded twice", "Ready", "todo", 0, 3, 2)),
							folded),
						lonely)),
				node("t2", "theme", "T-2", "Trust by design", "Active", "active", 111, 460, 104,
					node("o2", "objective", "O-5", "Complaints about consent fall by half", "At risk", "wait", 111, 460, 88))),
		},
		Orphans: []tree.Orphans{
			{Title: "Epics without a theme", Total: 12, URL: "/strategy?show=epics", Items: []part.Ref{ref("epic", "E-117", "Migrate settlement engine to event streams", ""), ref("epic", "E-121", "Automate instant credit decisions for SMEs", "")}},
			{Title: "Stories without a feature", Total: 511, URL: "/strategy?show=stories", Items: []part.Ref{ref("story", "ALOY-12", "Log in with a passkey", ""), ref("story", "ALOY-40", "Statement as PDF/A", "")}},
			{Title: "Objectives without an epic", Total: 2, Items: []part.Ref{ref("objective", "O-6", "Every partner is live in a week", ""), ref("objective", "O-7", "Audit answers in a day", "")}},
		},
	}
}

func sampleChildren() []tree.Node {
	return []tree.Node{
		{ID: "s7", Kind: "story", Key: "PAY-310", Title: "Start a refund from the statement", URL: "/items/PAY-310", State: "Draft", Phase: "todo"},
		{ID: "s8", Kind: "story", Key: "PAY-311", Title: "Say when the money arrives", URL: "/items/PAY-311", State: "Draft", Phase: "todo", Requesters: 9},
		{ID: "s9", Kind: "story", Key: "PAY-312", Title: "Undo within an hour", URL: "/items/PAY-312", State: "Ready", Phase: "todo"},
	}
}

// row is one line of the sample backlog.
func sampleRows(n int) []backlog.Row {
	titles := []string{"Show when a refund arrives", "Refund a part of a payment", "Passkey for the partner portal", "Statement as PDF/A", "Consent in the customer's own words", "Retry a payout by itself", "Dark mode for receipts", "Limit per merchant and day", "Export the audit trail", "Search payments by the last digits"}
	kinds := []string{"story", "feature", "story", "bug", "story", "enabler", "story"}
	phases := [][2]string{{"Ready", "todo"}, {"In progress", "active"}, {"Draft", "todo"}, {"Review", "wait"}, {"Planned", "todo"}}
	points := []string{"5", "8", "", "3", "13", "2", "1"}
	var rows []backlog.Row
	for i := range n {
		r := backlog.Row{Rank: i + 1, ID: fmt.Sprintf("01hzitem%04d", i), Key: fmt.Sprintf("PAY-%d", 200+i*7%n), Title: titles[i*3%10], Kind: kinds[i*5%7], State: phases[i*3%5][0], Phase: phases[i*3%5][1],
			URL: fmt.Sprintf("/items/PAY-%d", 200+i*7%n), Points: points[i*4%7], Requesters: i * 5 % 13, Team: []string{"Ledger", "Checkout", "Portal"}[i%3], Epic: ref("epic", "E-104", "Instant refunds", "")}
		if i%2 == 0 {
			r.Parent = ref("feature", "PAY-12", "Refund to any card", "")
		}
		if i%17 == 5 {
			r.Blocked = "waits for the scheme's answer"
		}
		rows = append(rows, r)
	}
	return rows
}

func sampleBacklog(rows []backlog.Row, q url.Values, position uint64) backlog.Model {
	return backlog.Model{
		Live: live("backlog", "/backlog", q, position), Path: "/backlog", Query: q, Move: "/api/v1/orders/payments/move-{at}",
		First: rows[0].ID, Last: rows[len(rows)-1].ID, Rows: rows, Page: 1, Pages: 3, Sums: backlog.Sums{Items: 512, Points: 1834, Done: 412, Unestimated: 61},
		Filter: backlog.Filter{Text: q.Get("text"), Kinds: []part.Option{{Value: "story", Label: "Story"}, {Value: "bug", Label: "Bug"}}, States: []part.Option{{Value: "ready", Label: "Ready"}}, Teams: []part.Option{{Value: "ledger", Label: "Ledger"}}, Epics: []part.Option{{Value: "e1", Label: "Instant refunds"}}},
	}
}

func sampleItem(q url.Values) item.Model {
	at := func(days int) time.Time { return noon.AddDate(0, 0, -days) }
	return item.Model{
		Live: live("item", "/items/PAY-12", q, 5000), ID: "01hzf1", Kind: "feature", Key: "PAY-12", Title: "Refund to any card, even one that has expired since",
		State: "Implementing", Phase: "active", Progress: part.Progress{Done: 55, Total: 90, Unit: "points"}, Owner: people[1], Requesters: 62,
		Description: "A merchant starts a refund from the payment. The money goes back to the card that paid, or to the account behind it if the card has expired.\n\nNot part of this:\n– refunds by cheque\n– refunds of payments older than 13 months <script>alert(1)</script>",
		Line:        []part.Ref{ref("vision", "", "Everyone's money, at once and without fear", ""), ref("theme", "T-1", "Instant everything", ""), ref("objective", "O-3", "Nine of ten refunds arrive within a minute", ""), ref("epic", "E-104", "Instant refunds for merchants and their customers", "")},
		Fields:      []item.Field{{Name: "Team", Value: "Ledger"}, {Name: "Planning interval", Value: "PI 26.4"}, {Name: "WSJF", Value: "12.2 (20 + 13 + 8 over 3.4)"}, {Name: "Estimate", Value: "90 points, of which 12 stories have none"}, {Name: "Labels", Value: "refunds, scheme-2026"}},
		Criteria:    []item.Criterion{{Text: "A refund to a live card arrives within 60 seconds in 9 of 10 cases", Met: true}, {Text: "A refund to an expired card goes to the account behind it", Met: true}, {Text: "The customer sees when the money will arrive", Met: false}},
		Children: []item.Child{{Ref: ref("story", "PAY-201", "See why a refund was refused", "Done"), Phase: "done", Points: "5"}, {Ref: ref("story", "PAY-202", "Refund a part of a payment", "In progress"), Phase: "active", Points: "8", Progress: part.Progress{Done: 3, Total: 8, Unit: "points"}},
			{Ref: ref("bug", "PAY-230", "Refund in yen is rounded twice", "Ready"), Phase: "todo", Points: "3"}},
		More:  9,
		Links: []item.Link{{Type: "is blocked by", Ref: ref("enabler", "PLAT-7", "Token vault in the second region", "Planned")}, {Type: "relates to", Ref: ref("feature", "PAY-31", "Refunds without a call", "Analyzing")}},
		Feedback: []item.Feedback{{Text: "I was told to wait ten days and nobody could say why. My customers think it is me.", Customer: "Café Lumen", URL: "/feedback/1", Importance: "critical", At: at(12)},
			{Text: "Half of our support calls are about where a refund is.", Customer: "Nordic Outdoor", URL: "/feedback/2", Importance: "important", At: at(30)}},
		Custom: []part.Pair{{Name: "Risk class", Value: "B"}, {Name: "Affected services", Value: "ledger, card-gateway"}}, SourceName: "Jira", SourceKey: "PAY-12", SourceURL: "https://jira.example.com/browse/PAY-12",
		History: []item.Event{
			{Position: 4711, At: at(2), Who: people[1], As: "product owner", What: "accepted PAY-201", URL: "/items/PAY-12?asOf=4711"},
			{Position: 4202, At: at(9), Who: people[2], What: "moved it to Implementing", Reason: "planned into PI 26.4 with the team's agreement", Diffs: []part.Diff{{Field: "State", Old: "Ready", New: "Implementing"}}, URL: "/items/PAY-12?asOf=4202"},
			{Position: 3100, At: at(40), Recorded: at(5), Who: people[0], What: "changed the estimate", Diffs: []part.Diff{{Field: "Points", Old: "60", New: "90"}, {Field: "Team", Old: "", New: "Ledger"}}, URL: "/items/PAY-12?asOf=3100"},
			{Position: 900, At: at(80), Recorded: at(5), Who: people[4], What: "created it from the import of Jira", URL: "/items/PAY-12?asOf=900"}},
		Created: at(80), Updated: at(2),
		Commands: []part.Command{{ID: "block", Title: "Block", Submit: "Block", Path: "/api/v1/items/01hzf1/block", Version: 4711, Done: "PAY-12 is blocked", Fields: []part.Field{{Name: "reason", Label: "What is in the way?", Kind: "area", Required: true}}},
			{ID: "parent", Title: "Move under…", Submit: "Move", Path: "/api/v1/items/01hzf1/parent", Version: 4711, Fields: []part.Field{{Name: "parent", Label: "Epic", Kind: "item", Of: "epic", Required: true}}}},
	}
}

func sampleInbox(q url.Values, chosen string) inbox.Model {
	texts := []string{"I was told to wait ten days for my refund and nobody could say why. My customers think it is me.", "Could the statement be a PDF/A? Our auditor does not take anything else.", "The portal logs me out in the middle of a payout.", "We would pay for a limit per merchant and day.", "Search by the last four digits, please. Every other provider has it.", "Consent texts read as if written for lawyers."}
	who := []string{"Café Lumen", "Nordic Outdoor", "Bakkerij Jansen", "Orchid Travel", "Kleinmann & Söhne", "Fjord Energy"}
	m := inbox.Model{Live: live("inbox", "/feedback", q, 5000), Path: "/feedback", Query: q, Total: 141, NextURL: "/feedback?page=2",
		States:    []inbox.State{{Name: "New", URL: "/feedback", Count: 141, On: true}, {Name: "Triaged", URL: "/feedback?state=triaged", Count: 38}, {Name: "Done", URL: "/feedback?state=processed", Count: 902}},
		Demand:    []inbox.Demand{{ID: "PAY-12", Ref: ref("feature", "PAY-12", "Refund to any card", ""), Requesters: 62, Importance: 141, Recent: 31.5}, {ID: "I-7", Ref: ref("idea", "I-7", "Passkey for the partner portal", ""), Requesters: 44, Importance: 80, Recent: 12}, {ID: "PAY-31", Ref: ref("feature", "PAY-31", "Refunds without a call", ""), Requesters: 41, Importance: 97, Recent: 20.25}, {ID: "I-12", Ref: ref("idea", "I-12", "Statement as PDF/A", ""), Requesters: 19, Importance: 22}},
		DemandURL: "/feedback/demand"}
	for i, text := range texts {
		id := fmt.Sprint(i + 1)
		m.Queue = append(m.Queue, inbox.Row{ID: id, URL: "/feedback/" + id, Customer: who[i], Tier: []string{"Gold", "", "Silver"}[i%3], Channel: []string{"E-mail", "In the app", "Interview"}[i%3], Text: text, Age: 1 + i*i, State: "New", Phase: "todo", NeedsAnswer: i == 1, On: id == chosen})
		if id == chosen {
			m.Selected = &inbox.Feedback{ID: id, Text: text + "\n\nIt happened again on Tuesday.", Version: 4000, Customer: who[i], Tier: "Gold", CustomerURL: "/customers/1", Channel: "E-mail", Received: noon.AddDate(0, 0, -1), State: "New", Phase: "todo",
				Similar: []part.Ref{ref("feedback", "F-981", "“Where is my refund?” – Orchid Travel", "Linked"), ref("feedback", "F-733", "“Ten days!” – Bakkerij Jansen", "Linked")},
				Linked:  []inbox.Link{{Ref: ref("feature", "PAY-12", "Refund to any card", "Implementing"), Importance: "critical"}},
				Actions: []inbox.Action{
					{Key: "1", Icon: "link", Command: part.Command{ID: "link-dialog", Title: "Link…", Submit: "Link", Path: "/api/v1/feedback/" + id + "/link", Version: 4000, Done: "Linked", Fields: []part.Field{
						{Name: "target.id", Label: "Feature or epic", Kind: "item", Of: "feature,epic,idea", Required: true},
						{Name: "importance", Label: "How important is it to them?", Kind: "select", Required: true, Value: "2", Options: []part.Option{{Value: "0", Label: "Unknown"}, {Value: "1", Label: "Nice to have"}, {Value: "2", Label: "Important"}, {Value: "3", Label: "Critical"}}},
						{Name: "excerpt", Label: "What of it", Kind: "area", Hint: "The words that matter; all of it if left empty."}}}},
					{Key: "2", Icon: "lightbulb", Command: part.Command{ID: "idea-dialog", Title: "New idea…", Submit: "Create", Path: "/api/v1/ideas", Fields: []part.Field{{Name: "title", Label: "Idea", Kind: "text", Required: true}}}},
					{Key: "3", Icon: "merge", Command: part.Command{ID: "merge-dialog", Title: "Merge…", Submit: "Merge", Path: "/api/v1/feedback/" + id + "/merge", Version: 4000, Fields: []part.Field{{Name: "into", Label: "The same as", Kind: "item", Of: "feedback", Required: true}}}},
					{Key: "4", Icon: "x", Command: part.Command{ID: "dismiss-dialog", Title: "Dismiss…", Submit: "Dismiss", Danger: true, Path: "/api/v1/feedback/" + id + "/dismiss", Version: 4000, Done: "Dismissed", Fields: []part.Field{{Name: "reason", Label: "Why", Kind: "area", Required: true}}}}}}
		}
	}
	return m
}
