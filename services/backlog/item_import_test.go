package backlog

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/es/estest"
)

var issue = ImportItem{
	Source: Origin{System: "jira", Key: "PAY-1", ID: "10414", URL: "https://jira.example/browse/PAY-1", Type: "New Feature", Project: "PAY"},
	Kind:   Story, Title: "Pay by card", Description: "As a customer", State: Done, Points: points(0.5), Assignees: []es.PersonID{ann}, Labels: []string{"ui"},
	Custom: map[string][]string{"Risk": {"low"}, "Empty": nil},
	Facts: SourceFacts{Status: "Closed", Resolution: "Fixed", Priority: "Major", Reporter: ben, Components: []string{"web"}, FixVersions: []string{"2.6"},
		Sprints: []Sprint{{ID: "12", Name: "Sprint 12", State: "closed"}}, Updated: &now, Due: "2026-12-24", Rank: "0|i02m2f:", Votes: 3,
		Attachments: []Attachment{{Name: "card.png", Size: 1000}}},
}

func issueWith(change func(*ImportItem)) ImportItem { c := issue; change(&c); return c }

func imported(c ImportItem) itemPast {
	return itemPast{ItemImported{ItemKey: "PAY-1", Source: c.Source, Kind: c.Kind, Title: c.Title, Description: c.Description, State: c.State, Points: c.Points,
		Assignees: c.Assignees, Labels: c.Labels, Custom: filled(c.Custom), Facts: c.Facts, Hashes: hashes(c.fields())}}
}

// synced is what the log says besides when a source's fields changed.
func synced(c ImportItem, changed ...string) ItemSynced {
	e := ItemSynced{Source: c.Source, Facts: c.Facts, Changed: changed, Hashes: map[string]string{}}
	for _, n := range changed {
		if h, ok := hashes(c.fields())[n]; ok {
			e.Hashes[n] = h
		}
	}
	if len(e.Hashes) == 0 {
		e.Hashes = nil
	}
	return e
}

func TestImportItem(t *testing.T) {
	past := imported(issue)
	title := issueWith(func(c *ImportItem) { c.Title = "Pay with a card" })
	state := issueWith(func(c *ImportItem) { c.State, c.Facts.Status = InProgress, "Reopened" })
	size := issueWith(func(c *ImportItem) { c.Points = points(7.25) })
	unsized := issueWith(func(c *ImportItem) { c.Points = nil })
	bug := issueWith(func(c *ImportItem) { c.Kind = Bug })
	people := issueWith(func(c *ImportItem) { c.Assignees, c.Labels, c.Team = []es.PersonID{ben}, []string{"api"}, teamA })
	custom := issueWith(func(c *ImportItem) { c.Custom = map[string][]string{"Impact": {"high", "wide"}} })
	votes := issueWith(func(c *ImportItem) { c.Facts.Votes = 4 })
	touched := issueWith(func(c *ImportItem) { at := now.Add(time.Hour); c.Facts.Updated = &at })
	zoned := issueWith(func(c *ImportItem) { at := now.In(time.FixedZone("x", 3600)); c.Facts.Updated = &at })
	older := issueWith(func(c *ImportItem) { at := now.Add(-time.Hour); c.Title, c.Facts.Updated = "Old", &at })
	gone := issueWith(func(c *ImportItem) { c.State, c.Facts.Resolution = Cancelled, "Won't do" })
	tell(t, ItemSchema, []sentence[Item]{
		{"an item as it is there, done without ticked criteria", nil, issue, past, nil},
		{"nothing changed there", past, issue, nil, nil},
		{"only touched there", past, touched, nil, nil},
		{"the same moment in another zone", past, zoned, nil, nil},
		{"nothing changed there, much changed here", after(past, ItemDescribed{Title: "Mine"}, ItemEstimated{Points: points(8)}, ItemReopened{From: Done, To: InProgress}), issue, nil, nil},
		{"another title there", past, title, itemPast{ItemDescribed{Title: "Pay with a card", Description: "As a customer"}, synced(title, "title")}, nil},
		{"another title there, another description here", after(past, ItemDescribed{Title: "Mine", Description: "Ours"}), title, itemPast{ItemDescribed{Title: "Pay with a card", Description: "Ours"}, synced(title, "title")}, nil},
		{"the same change here and there", after(past, ItemDescribed{Title: "Pay with a card", Description: "As a customer"}), title, itemPast{synced(title, "title")}, nil},
		{"reopened there", past, state, itemPast{ItemMoved{From: Done, To: InProgress, Source: "Reopened"}, synced(state, "state", "status")}, nil},
		{"cancelled there", past, gone, itemPast{ItemMoved{From: Done, To: Cancelled, Source: "Closed"}, synced(gone, "resolution", "state")}, nil},
		{"another size there, off our scale", past, size, itemPast{ItemEstimated{points(7.25), points(0.5)}, synced(size, "points")}, nil},
		{"no size there any more", past, unsized, itemPast{ItemEstimated{nil, points(0.5)}, synced(unsized, "points")}, nil},
		{"another kind there", past, bug, itemPast{ItemRetyped{Bug, Story, Done, Done}, synced(bug, "kind")}, nil},
		{"other people, labels and team there", past, people, itemPast{ItemAssigned{[]es.PersonID{ben}, []es.PersonID{ann}}, ItemLabelled{[]string{"api"}, []string{"ui"}}, TeamSet{Team: teamA}, synced(people, "assignees", "labels", "team")}, nil},
		{"other fields there", past, custom, itemPast{CustomSet{"Impact", []string{"high", "wide"}}, CustomSet{Field: "Risk"}, synced(custom, "custom.Impact", "custom.Risk")}, nil},
		{"what has no field here is kept as it is there", past, votes, itemPast{synced(votes, "votes")}, nil},
		{"an older export", past, older, nil, ErrImportOlder},
		{"an item made here", created(Story), issue, nil, ErrItemExists},
		{"no system", nil, issueWith(func(c *ImportItem) { c.Source.System = "" }), nil, invalid("source.system")},
		{"no key", nil, issueWith(func(c *ImportItem) { c.Source.Key = "" }), nil, invalid("source.key")},
		{"no title", nil, issueWith(func(c *ImportItem) { c.Title = "" }), nil, invalid("title")},
		{"no such kind", nil, issueWith(func(c *ImportItem) { c.Kind = "epic" }), nil, invalid("kind")},
		{"no such state", nil, issueWith(func(c *ImportItem) { c.State = Funnel }), nil, invalid("state")},
		{"a negative size", nil, issueWith(func(c *ImportItem) { c.Points = points(-1) }), nil, invalid("points")},
		{"an endless size", nil, issueWith(func(c *ImportItem) { c.Points = points(math.Inf(1)) }), nil, invalid("points")},
		{"no due date", nil, issueWith(func(c *ImportItem) { c.Facts.Due = "x" }), nil, invalid("facts.due")},
		{"a nameless person", nil, issueWith(func(c *ImportItem) { c.Assignees = []es.PersonID{""} }), nil, invalid("assignees")},
		{"a long description", nil, issueWith(func(c *ImportItem) { c.Description = long(maxImported + 1) }), nil, invalid("description")},
		{"too much for one commit names the field", nil, issueWith(func(c *ImportItem) {
			c.Custom = map[string][]string{"Log": {strings.Repeat("<", 50_000)}}
		}), nil, invalid("custom")},
	})
}

func TestTheLongestDescriptionFits(t *testing.T) {
	c := issueWith(func(c *ImportItem) { c.Description = long(maxImported) })
	estest.Given(ItemSchema).When(c).Then(t, imported(c)...)
}

func TestImportedAgainAfterASyncNothingHappens(t *testing.T) {
	for name, c := range map[string]ImportItem{
		"title":  issueWith(func(c *ImportItem) { c.Title = "Other" }),
		"empty":  issueWith(func(c *ImportItem) { c.Points, c.Labels, c.Custom, c.Facts.Sprints = nil, nil, nil, nil }),
		"kind":   issueWith(func(c *ImportItem) { c.Kind, c.State = Feature, Implementing }),
		"source": issueWith(func(c *ImportItem) { c.Source.URL = "https://elsewhere" }),
	} {
		t.Run(name, func(t *testing.T) {
			s := estest.Given(ItemSchema, imported(issue)...).When(c).State(t)
			events, err := c.Decide(s, estest.Meta)
			if err != nil || len(events) > 0 {
				t.Errorf("%v %v", events, err)
			}
			if s.Kind != c.Kind || s.State != c.State || s.Title != c.Title || len(s.Custom) != len(filled(c.Custom)) {
				t.Errorf("%+v", s)
			}
		})
	}
}

func TestImportLinks(t *testing.T) {
	past := imported(issue)
	blocks, clone := Link{Kind: Blocks, To: itemB, Source: "Blocks"}, Link{Kind: Clones, External: "OPS-1", Inward: true}
	found := ParentFact{Found: true, Kind: Feature, State: Done}
	wish := ImportLinks{Parent: byItem, Links: []Link{blocks, clone, blocks}, Iterations: []IterationID{sprint, later}, Current: later, Above: found}
	with := func(change func(*ImportLinks)) ImportLinks { c := wish; change(&c); return c }
	done := after(past, ParentImported{Parent: byItem}, LinksImported{Added: []Link{blocks, clone}, All: []Link{blocks, clone}}, IterationsImported{Iterations: []IterationID{sprint, later}, Current: later})
	mine := after(done, ParentSet{Parent: Parent{None: "mine"}}, ItemUnlinked{blocks}, ItemUnplanned{From: Done, To: Done, Iteration: later})
	tell(t, ItemSchema, []sentence[Item]{
		{"parent, links and iterations", past, wish, itemPast{ParentImported{Parent: byItem}, LinksImported{Added: []Link{blocks, clone}, All: []Link{blocks, clone}}, IterationsImported{Iterations: []IterationID{sprint, later}, Current: later}}, nil},
		{"nothing changed there", done, wish, nil, nil},
		{"what changed here stays", mine, wish, nil, nil},
		{"a link less there", done, with(func(c *ImportLinks) { c.Links = []Link{blocks} }), itemPast{LinksImported{Removed: []Link{clone}, All: []Link{blocks}}}, nil},
		{"no parent there any more", done, with(func(c *ImportLinks) { c.Parent = nil }), itemPast{ParentImported{Was: byItem}}, nil},
		{"below an epic, whatever its state", done, with(func(c *ImportLinks) { c.Parent, c.Above = byEpic, ParentFact{} }), itemPast{ParentImported{byEpic, byItem}}, nil},
		{"out of its sprint", done, with(func(c *ImportLinks) { c.Current = "" }), itemPast{IterationsImported{Iterations: []IterationID{sprint, later}, Was: later}}, nil},
		{"a parent that is not here", past, with(func(c *ImportLinks) { c.Above = ParentFact{} }), nil, ErrParentUnknown},
		{"a cycle", past, with(func(c *ImportLinks) { c.Above.Cycle = true }), nil, ErrParentCycle},
		{"two parents", past, with(func(c *ImportLinks) { c.Parent = &Parent{Item: itemA, Epic: epic} }), nil, invalid("parent")},
		{"a link to itself", past, with(func(c *ImportLinks) { c.Self = itemB }), nil, ErrSelfLink},
		{"a link to nothing", past, with(func(c *ImportLinks) { c.Links = []Link{{Kind: Blocks}} }), nil, invalid("links[0].to")},
		{"no such link", past, with(func(c *ImportLinks) { c.Links = []Link{{Kind: "x", To: itemB}} }), nil, invalid("links[0].kind")},
		{"a current sprint it was never in", past, with(func(c *ImportLinks) { c.Iterations = nil }), nil, invalid("current")},
		{"an item made here", created(Story), wish, nil, ErrNotImported},
	})
}

func TestImportCommentsAndHistory(t *testing.T) {
	past := imported(issue)
	one, two := ImportedComment{"1", ann, now, "Why?"}, ImportedComment{"2", ben, now, "Because."}
	edited := ImportedComment{"1", ann, now, "Why not?"}
	said := after(past, CommentsImported{[]ImportedComment{one}})
	moved, sized := Change{now, ann, "status", "Open", "Closed"}, Change{now, ann, "Story Points", "", "3"}
	past1 := after(past, HistoryImported{[]Change{moved}})
	big := make([]ImportedComment, 3)
	for i := range big {
		big[i] = ImportedComment{fmt.Sprint(i), ann, now, long(50_000)}
	}
	tell(t, ItemSchema, []sentence[Item]{
		{"comments", past, ImportComments{[]ImportedComment{one, two, one}}, itemPast{CommentsImported{[]ImportedComment{one, two}}}, nil},
		{"only what is new", said, ImportComments{[]ImportedComment{one, two}}, itemPast{CommentsImported{[]ImportedComment{two}}}, nil},
		{"nothing is new", said, ImportComments{[]ImportedComment{one}}, nil, nil},
		{"one that was edited there", said, ImportComments{[]ImportedComment{edited}}, itemPast{CommentsImported{[]ImportedComment{edited}}}, nil},
		{"a comment without an id", past, ImportComments{[]ImportedComment{{At: now, Text: "x"}}}, nil, invalid("comments[0].id")},
		{"a comment without a time", past, ImportComments{[]ImportedComment{{ID: "1", Text: "x"}}}, nil, invalid("comments[0].at")},
		{"too many at a time", past, ImportComments{big}, nil, invalid("comments")},
		{"on an item made here", created(Story), ImportComments{[]ImportedComment{one}}, nil, ErrNotImported},
		{"history", past, ImportHistory{[]Change{moved, sized, moved}}, itemPast{HistoryImported{[]Change{moved, sized}}}, nil},
		{"only the history that is new", past1, ImportHistory{[]Change{moved, sized}}, itemPast{HistoryImported{[]Change{sized}}}, nil},
		{"no history is new", past1, ImportHistory{[]Change{moved}}, nil, nil},
		{"history of no field", past, ImportHistory{[]Change{{At: now}}}, nil, invalid("changes[0].field")},
		{"history of no time", past, ImportHistory{[]Change{{Field: "status"}}}, nil, invalid("changes[0].at")},
		{"too much history at a time", past, ImportHistory{[]Change{{At: now, Field: "description", To: long(maxBatch)}}}, nil, invalid("changes")},
		{"history of an item made here", created(Story), ImportHistory{[]Change{moved}}, nil, ErrNotImported},
	})
}
