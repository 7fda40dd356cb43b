package importer_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"throughline.dev/pkg/es"
	"throughline.dev/services/backlog"
	"throughline.dev/services/gateway/importer"
	"throughline.dev/services/portfolio"
	"throughline.dev/services/strategy"
)

const sprint = `,"customfield_10020":[{"id":7,"name":"Sprint 7","state":"closed","boardId":1,"startDate":"2025-01-06T08:00:00.000Z","endDate":"2025-01-17T08:00:00.000Z","completeDate":"2025-01-17T16:00:00.000Z"},{"id":8,"name":"Sprint 8","state":"active","boardId":1,"goal":"Cards","startDate":"2025-01-20T08:00:00.000Z","endDate":"2025-01-31T08:00:00.000Z"}]`

// a small export, each parent after its children.
var small = []string{
	rest(6, "Sub-task", "Done", "done", `,"parent":{"key":"PAY-4"},"resolution":{"name":"Done"}`),
	rest(5, "Sub-task", "To Do", "new", `,"parent":{"key":"PAY-99"}`),
	rest(4, "Story", "In Progress", "indeterminate", `,"parent":{"key":"PAY-2","fields":{"issuetype":{"name":"Epic"}}},"assignee":{"key":"ann","displayName":"Ann"}`+sprint),
	rest(3, "Bug", "Closed", "done", `,"resolution":{"name":"Won't Fix"},"issuelinks":[{"type":{"name":"Blocks","inward":"is blocked by","outward":"blocks"},"outwardIssue":{"key":"PAY-4"}},{"type":{"name":"Relates","inward":"relates to","outward":"relates to"},"inwardIssue":{"key":"OTHER-1"}}]`),
	rest(7, "New Feature", "Done", "done", `,"resolution":{"name":"Fixed"},"comment":{"comments":[{"id":"77","author":{"key":"ben","displayName":"Ben"},"body":"Works","created":"2025-01-09T03:04:05.000+0000"}]},"issuelinks":[{"type":{"name":"Blocks","inward":"is blocked by","outward":"blocks"},"inwardIssue":{"key":"PAY-3"}}]`),
	rest(2, "Epic", "In Progress", "indeterminate", ``),
}

func TestImport(t *testing.T) {
	w := newWorld(t)

	t.Run("parents, sprints and links of any order", func(t *testing.T) {
		o := w.org(t)
		r := o.run(lines(small...))
		if r.Rows != 6 || r.Created != 6 || len(r.Refused) != 0 {
			t.Fatalf("report %+v", r)
		}
		got := map[string]string{}
		for n := 2; n <= 7; n++ {
			key := fmt.Sprintf("PAY-%d", n)
			d := o.item(key)
			got[key] = fmt.Sprintf("%s %s under %s", d.Kind, d.State, o.above(key))
		}
		got["rest"] = o.above("PAY without an epic")
		want := map[string]string{
			"PAY-2": "feature implementing under epic PAY: Payments",
			"PAY-3": "bug cancelled under PAY without an epic",
			"PAY-4": "story in-progress under PAY-2",
			"PAY-5": "story draft under PAY without an epic",
			"PAY-6": "task done under PAY-4",
			"PAY-7": "story done under PAY without an epic",
			"rest":  "epic PAY: Payments",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		story := o.item("PAY-4")
		iteration, there, err := portfolio.Iterations.Find(t.Context(), o.settled(), story.Iteration.String())
		if err != nil || !there || iteration.Name != "Sprint 8" || iteration.State != backlog.IterationActive || iteration.Start != "2025-01-20" || iteration.Goal != "Cards" {
			t.Errorf("iteration %+v, %v", iteration, err)
		}
		if len(story.Imported.Iterations) != 2 {
			t.Errorf("was in %v", story.Imported.Iterations)
		}
		links := []backlog.Link{{Kind: backlog.Blocks, To: o.id("PAY-4"), Source: "blocks"}, {Kind: backlog.Relates, External: "OTHER-1", Source: "relates to"}}
		if diff := cmp.Diff(links, o.item("PAY-3").Links); diff != "" {
			t.Error("links of PAY-3:", diff)
		}
		if diff := cmp.Diff([]backlog.Link{{Kind: backlog.Depends, To: o.id("PAY-3"), Source: "is blocked by"}}, o.item("PAY-7").Links); diff != "" {
			t.Error("a link that only its inward end tells:", diff)
		}
		if n := len(o.item("PAY-7").Imported.Comments); n != 1 {
			t.Errorf("%d comments", n)
		}
		if story.Created.Format("2006-01-02") != "2025-01-02" || story.Updated.Format("2006-01-02") != "2025-02-02" {
			t.Errorf("created %v, updated %v", story.Created, story.Updated)
		}
		ann, there := o.people.Person(o.tenant, story.People[0])
		if !there || ann.Name != "Ann" || !ann.Imported || ann.Source != "jira" || ann.External != "ann" {
			t.Errorf("assignee %+v", ann)
		}
		notes := fmt.Sprint(r.Notes)
		if !strings.Contains(notes, "a sub-task whose parent is not in the export became a story: PAY-99") {
			t.Errorf("notes %v", notes)
		}
		for _, c := range o.kanban().Columns {
			if c.State != "persevere" {
				continue
			}
			// PAY-4, 5 and 7 count; the task does not, nor what was cancelled.
			if len(c.Cards) != 1 || c.Cards[0].Progress.Items != 3 || c.Cards[0].Progress.Done != 1 {
				t.Errorf("Kanban %+v", c.Cards)
			}
		}
	})

	t.Run("the same again changes nothing", func(t *testing.T) {
		o := w.org(t)
		o.run(lines(small...))
		at := o.head()
		if r := o.run(lines(small...)); r.Unchanged != 6 || o.head() != at {
			t.Errorf("report %+v, %d commits", r, o.head()-at)
		}
	})

	t.Run("a newer export changes what changed there", func(t *testing.T) {
		o := w.org(t)
		o.run(lines(small...))
		before := o.plan()
		newer := slices.Clone(small)
		newer[3] = strings.Replace(strings.Replace(newer[3], "Won't Fix", "Fixed", 1), "2025-02-02", "2025-02-03", 1)
		newer[5] = strings.Replace(strings.Replace(newer[5], "Issue 2", "Cards", 1), "2025-02-02", "2025-02-04", 1)
		r := o.run(lines(newer...))
		if r.Updated != 2 || r.Unchanged != 4 {
			t.Fatalf("report %+v", r)
		}
		var changed []string
		for id, now := range o.plan() {
			if before[id] != now {
				changed = append(changed, id)
			}
		}
		slices.Sort(changed)
		if diff := cmp.Diff([]string{"item PAY-2", "item PAY-3"}, changed); diff != "" {
			t.Error(diff)
		}
		if d := o.item("PAY-3"); d.State != backlog.Done || d.Updated.Format("2006-01-02") != "2025-02-03" {
			t.Errorf("PAY-3 is %s, updated %v", d.State, d.Updated)
		}
	})

	t.Run("an older export is refused row by row", func(t *testing.T) {
		o := w.org(t)
		o.run(lines(strings.Replace(strings.Replace(small[5], "Issue 2", "Cards", 1), "2025-02-02", "2025-02-04", 1)))
		r := o.run(lines(small...))
		if len(r.Refused) != 1 || r.Refused[0].Key != "PAY-2" || r.Refused[0].Row != 6 || !strings.Contains(r.Refused[0].Reason, "newer version") || r.Created != 5 {
			t.Errorf("report %+v", r)
		}
		if got := o.above("PAY-4"); got != "PAY-2" {
			t.Errorf("PAY-4 is under %s, though PAY-2 is here", got)
		}
	})

	t.Run("what people changed here survives", func(t *testing.T) {
		o := w.org(t)
		o.run(lines(small...))
		o.do("backlog.item.set-parent", o.id("PAY-5").String(), backlog.SetParent{Parent: backlog.Parent{Item: o.id("PAY-2")}})
		o.do("backlog.item.link", o.id("PAY-5").String(), backlog.LinkItem{Link: backlog.Link{Kind: backlog.Relates, To: o.id("PAY-7")}})
		epic := o.run(lines(small...)).Epics[0]
		newer := slices.Clone(small)
		newer[1] = strings.Replace(strings.Replace(newer[1], "Issue 5", "Newer", 1), "2025-02-02", "2025-02-03", 1)
		if r := o.run(lines(newer...)); r.Updated != 1 {
			t.Fatalf("report %+v", r)
		}
		d := o.item("PAY-5")
		if o.above("PAY-5") != "PAY-2" || len(d.Links) != 1 || d.Title != "Newer" {
			t.Errorf("PAY-5 is %q under %s with links %v", d.Title, o.above("PAY-5"), d.Links)
		}
		if epic.Made || epic.Key == "" || epic.Title != "PAY: Payments" {
			t.Errorf("epic %+v", epic)
		}
	})

	t.Run("the parent that comes with a later export", func(t *testing.T) {
		o := w.org(t)
		o.run(lines(small[1]))
		if got := o.item("PAY-5").Kind; got != backlog.Story {
			t.Fatalf("a sub-task without its parent is a %s", got)
		}
		r := o.run(lines(small[1], strings.ReplaceAll(small[2], "PAY-4", "PAY-99")))
		if d := o.item("PAY-5"); d.Kind != backlog.Task || d.State != backlog.ToDo || o.above("PAY-5") != "PAY-99" || r.Updated != 1 {
			t.Errorf("PAY-5 is a %s in %s under %s; %+v", d.Kind, d.State, o.above("PAY-5"), r)
		}
		// And an export of the sub-task alone does not tear it away again.
		if r := o.run(lines(small[1])); r.Unchanged != 1 {
			t.Errorf("report %+v", r)
		}
	})

	t.Run("an import that was cut off is finished by the next", func(t *testing.T) {
		whole := w.org(t)
		whole.run(lines(small...))
		for after := range len(small) {
			o := &org{w, t, whole.tenant, whole.actor}
			o.tenant = w.org(t).tenant
			if _, err := o.try(t.Context(), o.options(), &cut{open(t, lines(small...)), after}); !errors.Is(err, errCut) {
				t.Fatalf("cut after %d: %v", after, err)
			}
			o.run(lines(small...))
			if diff := cmp.Diff(names(o, whole), names(whole, whole)); diff != "" {
				t.Errorf("cut after %d rows: %s", after, diff)
			}
		}
	})

	t.Run("one that is cancelled stops", func(t *testing.T) {
		o := w.org(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := o.try(ctx, o.options(), open(t, lines(small...))); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})

	t.Run("a dry run tells the same and changes nothing", func(t *testing.T) {
		o := w.org(t)
		dry := o.options()
		dry.DryRun = true
		at := o.head()
		if r := o.runWith(dry, lines(small...)); r.Created != 6 || !r.DryRun || o.head() != at || len(o.people.People(o.tenant)) != 0 {
			t.Errorf("report %+v, %d commits, people %v", r, o.head()-at, o.people.People(o.tenant))
		}
		o.run(lines(small...))
		newer := slices.Clone(small)
		newer[5] = strings.Replace(strings.Replace(newer[5], "Issue 2", "Cards", 1), "2025-02-02", "2025-02-04", 1)
		newer[2] = strings.Replace(newer[2], `"name":"Sprint 8","state":"active"`, `"name":"Sprint 8","state":"closed"`, 1)
		older := strings.Replace(strings.Replace(small[0], "Issue 6", "Old", 1), "2025-02-02", "2025-02-01", 1)
		newer[0] = older
		at = o.head()
		would := o.runWith(dry, lines(newer...))
		if o.head() != at {
			t.Errorf("%d commits", o.head()-at)
		}
		real := o.run(lines(newer...))
		count := func(r importer.Report) [4]int { return [4]int{r.Created, r.Updated, r.Unchanged, len(r.Refused)} }
		if count(would) != count(real) || count(real) != [4]int{0, 2, 3, 1} {
			t.Errorf("would %v, does %v", count(would), count(real))
		}
	})

	t.Run("refused rows are named", func(t *testing.T) {
		o := w.org(t)
		r := o.run(lines(small[5], `{"id":"1","key":"no key at all","fields":{"summary":"x"}}`, `{"nothing":true}`, small[2]))
		if r.Rows != 4 || len(r.Refused) != 2 || r.Refused[0].Row != 2 || r.Refused[1].Row != 3 || r.Refused[0].Reason == "" {
			t.Errorf("report %+v", r)
		}
	})

	t.Run("a cycle of parents is cut", func(t *testing.T) {
		o := w.org(t)
		r := o.run(lines(rest(1, "Story", "Open", "new", `,"parent":{"key":"PAY-2"}`), rest(2, "Story", "Open", "new", `,"parent":{"key":"PAY-1"}`),
			rest(3, "Story", "Open", "new", `,"parent":{"key":"PAY-3"}`), rest(4, "Story", "Open", "new", `,"parent":{"key":"PAY-1"}`)))
		got := []string{o.above("PAY-1"), o.above("PAY-2"), o.above("PAY-3"), o.above("PAY-4")}
		none := "PAY without an epic"
		if diff := cmp.Diff([]string{none, none, none, "PAY-1"}, got); diff != "" || len(r.Notes) != 3 {
			t.Error(diff, r.Notes)
		}
	})

	t.Run("a parent and its child change places", func(t *testing.T) {
		o := w.org(t)
		up := func(n, above int, day string) string {
			return strings.Replace(rest(n, "Story", "Open", "new", fmt.Sprintf(`,"parent":{"key":"PAY-%d"}`, above)), "2025-02-02", day, 1)
		}
		o.run(lines(rest(1, "Story", "Open", "new", ""), up(2, 1, "2025-02-02"), up(3, 2, "2025-02-02")))
		r := o.run(lines(up(1, 2, "2025-02-03"), up(2, 3, "2025-02-03"), rest(3, "Story", "Open", "new", "")))
		got := []string{o.above("PAY-1"), o.above("PAY-2"), o.above("PAY-3")}
		if diff := cmp.Diff([]string{"PAY-2", "PAY-3", "PAY without an epic"}, got); diff != "" || len(r.Notes) != 0 {
			t.Error(diff, r.Notes)
		}
	})

	t.Run("one key twice", func(t *testing.T) {
		o := w.org(t)
		newer := strings.Replace(strings.Replace(small[5], "Issue 2", "Cards", 1), "2025-02-02", "2025-02-04", 1)
		r := o.run(lines(small[5], small[5], newer, small[5]))
		if r.Created != 1 || r.Unchanged != 1 || r.Updated != 1 || len(r.Refused) != 1 || o.item("PAY-2").Title != "Cards" {
			t.Errorf("report %+v", r)
		}
	})

	t.Run("gzip", func(t *testing.T) {
		o := w.org(t)
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, err := z.Write([]byte(lines(small...)))
		if err := errors.Join(err, z.Close()); err != nil {
			t.Fatal(err)
		}
		if r := o.run(b.String()); r.Created != 6 {
			t.Errorf("report %+v", r)
		}
	})

	t.Run("keys stay what they were, unless they look like ours", func(t *testing.T) {
		o := w.org(t)
		o.run(lines(small[5], strings.ReplaceAll(small[5], "PAY", "S")))
		if a, b := o.item("PAY-2").Key, o.item("S-2").Key; a != "PAY-2" || !strings.HasPrefix(b, "F-") {
			t.Errorf("keys %s and %s", a, b)
		}
	})

	t.Run("several files are one export", func(t *testing.T) {
		o := w.org(t)
		names := []string{"a.json", "statuses.json", "b.json"}
		texts := []string{small[2], `[{"id":"1"}]`, lines(small[5], small[0])}
		n := -1
		r, err := o.try(t.Context(), o.options(), importer.NewFiles(func() (string, io.Reader, error) {
			if n++; n == len(names) {
				return "", nil, io.EOF
			}
			return names[n], strings.NewReader(texts[n]), nil
		}))
		if err != nil || r.Rows != 3 || r.Created != 3 || len(r.Files) != 1 || r.Files[0].Name != "statuses.json" {
			t.Errorf("report %+v, %v", r, err)
		}
		if got := o.above("PAY-6") + " " + o.above("PAY-4"); got != "PAY-4 PAY-2" {
			t.Error(got)
		}
	})

	t.Run("under an epic that is there", func(t *testing.T) {
		o := w.org(t)
		first := o.run(lines(small[5]))
		other := strings.ReplaceAll(small[4], "PAY", "WEB")
		with := o.options()
		with.Epic = first.Epics[0].ID
		r := o.runWith(with, lines(other))
		if len(r.Epics) != 1 || r.Epics[0].ID != first.Epics[0].ID || o.above("WEB without an epic") != "epic PAY: Payments" {
			t.Errorf("epics %+v", r.Epics)
		}
		with.Epic = "E-404"
		if _, err := o.try(t.Context(), with, open(t, lines(other))); err == nil || !strings.Contains(err.Error(), `no portfolio epic "E-404"`) {
			t.Error(err)
		}
	})

	t.Run("the order of rows does not matter", func(t *testing.T) {
		whole := w.org(t)
		whole.run(lines(small...))
		want := names(whole, whole)
		for seed := range uint64(8) {
			o := w.org(t)
			mixed := slices.Clone(small)
			rand.New(rand.NewPCG(seed, 1)).Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
			o.run(lines(mixed...))
			if diff := cmp.Diff(want, names(o, whole)); diff != "" {
				t.Errorf("seed %d: %s", seed, diff)
			}
		}
	})

	t.Run("a CSV", func(t *testing.T) {
		o := w.org(t)
		csv := "Summary,Issue key,Issue id,Issue Type,Status,Project key,Project name,Resolution,Assignee,Assignee Id,Created,Updated,Sprint,Sprint,Comment,Custom field (Story Points),Custom field (Risk),Parent,Parent key,Status Category\n" +
			`Pay by card,PAY-2,10002,Story,To Do,PAY,Payments,,Ann,acc:1,25/Feb/26 2:54 PM,27/Feb/26 2:16 PM,Sprint 1,Sprint 2,25/Feb/26 3:00 PM;acc:2;Nice,5,high,10001,PAY-1,To Do` + "\n" +
			`Payments,PAY-1,10001,Epic,In Progress,PAY,Payments,,,,25/Feb/26 2:54 PM,27/Feb/26 2:16 PM,,,,,,,,In Progress` + "\n"
		r := o.run(csv)
		d := o.item("PAY-2")
		if r.Created != 2 || d.State != backlog.Planned || *d.Points != 5 || d.Custom["Risk"][0] != "high" || o.above("PAY-2") != "PAY-1" || len(d.Imported.Comments) != 1 {
			t.Errorf("report %+v, item %+v", r, d.ItemState)
		}
		if diff := cmp.Diff([]importer.Column{{Name: "Risk", Values: 1, Sample: "high"}}, r.Unmapped); diff != "" {
			t.Error(diff)
		}
		if r.Iterations != 2 || o.run(csv).Unchanged != 2 {
			t.Errorf("report %+v", r)
		}
	})
}

// names is an organisation's plan with another one's ids in place of its own,
// so that two can be compared.
func names(o, like *org) map[string]string {
	var swap []string
	for _, key := range []string{"PAY-2", "PAY-3", "PAY-4", "PAY-5", "PAY-6", "PAY-7", "PAY without an epic"} {
		swap = append(swap, o.id(key).String(), like.id(key).String())
	}
	for _, key := range []string{"sprint 7", "sprint 8"} {
		swap = append(swap, backlog.ImportedIteration(o.tenant, "jira", key).String(), backlog.ImportedIteration(like.tenant, "jira", key).String())
	}
	for _, key := range []string{"ann", "ben"} {
		swap = append(swap, es.DeriveID[es.Person](o.tenant.String(), "jira", key).String(), es.DeriveID[es.Person](like.tenant.String(), "jira", key).String())
	}
	swap = append(swap, strategy.EpicOf(o.tenant, strategy.Source{System: "jira", Key: "PAY"}).String(),
		strategy.EpicOf(like.tenant, strategy.Source{System: "jira", Key: "PAY"}).String())
	plan := o.plan()
	for id, text := range plan {
		// The hashes are of values that are shown, and those hold ids.
		plan[id] = hashShape.ReplaceAllString(strings.NewReplacer(swap...).Replace(text), `"#"`)
	}
	return plan
}

var hashShape = regexp.MustCompile(`"[0-9a-f]{16}"`)
