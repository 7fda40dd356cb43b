package jira

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func readFile(t *testing.T, name string) ([]Issue, []*RowError, *Reader) {
	t.Helper()
	f, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	issues, refused, r, err := readAll(name, f)
	if err != nil {
		t.Fatal(err)
	}
	return issues, refused, r
}

func readText(t *testing.T, text string) ([]Issue, []*RowError, *Reader) {
	t.Helper()
	issues, refused, r, err := readAll("text", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return issues, refused, r
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func utc(year int, month time.Month, day, hour, minute int) time.Time {
	return time.Date(year, month, day, hour, minute, 0, 0, time.UTC)
}

func ptr[T any](v T) *T { return &v }

func TestCloudCSVIsReadInFull(t *testing.T) {
	issues, refused, r := readFile(t, "cloud.csv")
	if len(issues) != 2 || len(refused) != 0 || r.Format() != "jira-csv" {
		t.Fatalf("%d issues, refused %v, format %s", len(issues), refused, r.Format())
	}
	ada, bo := Person{Key: "acc:1", Name: "Ada"}, Person{Key: "acc:2", Name: "Bo"}
	same(t, "story", issues[0], Issue{
		Row: 1, Key: "PAY-12", ID: "10012", Type: "Story", Kind: "story", TypeLevel: ptr(0),
		Summary: "A basket, \"kept\" over\nthe night", Description: "h2. Why\n!basket.png|thumbnail!\n* one, *two*",
		Status: "In Progress", StatusCategory: "doing", Priority: "High",
		Project:  Project{Key: "PAY", Name: "Payments", Lead: ada},
		Reporter: ada, Assignee: bo,
		Created: utc(2026, 2, 25, 22, 17), Updated: utc(2026, 2, 27, 0, 5), Due: utc(2026, 3, 3, 0, 0),
		StatusCategoryChanged: utc(2026, 2, 26, 8, 0),
		Labels:                []string{"web", "shop"}, FixVersions: []Version{{Name: "1.4"}, {Name: "1.5"}},
		ParentKey: "PAY-3", ParentID: "10003", ParentSummary: "Checkout",
		Links:  []Link{{"Blocks", Inward, "", "PAY-9"}, {"Blocks", Inward, "", "OPS-77"}, {"Cloners", Outward, "", "PAY-3"}},
		Points: ptr(5.0), Sprints: []Sprint{{Name: "Sprint 3"}, {Name: "Sprint 4"}}, Rank: "0|i02m2f:", Flagged: true,
		Time:     Time{Original: 7200, Remaining: 3600, Spent: 1800, SumOriginal: 7300, SumRemaining: 3700, SumSpent: 1900},
		Worklogs: []Worklog{{Author: Person{Key: "acc:2"}, At: utc(2026, 2, 26, 8, 0), Seconds: 1800, Text: "looked; twice"}},
		Comments: []Comment{
			{Author: Person{Key: "acc:2"}, At: utc(2026, 2, 26, 9, 0), Text: "Done?; or not"},
			{Author: Person{Key: "acc:1"}, At: utc(2026, 2, 26, 9, 1), Text: "He said \"yes\"\nand left"}},
		Attachments: []Attachment{{Name: "a;b.png", URL: "https://example.test/a/1", Author: Person{Key: "acc:1"}, At: utc(2026, 2, 25, 22, 20)}},
		Watchers:    []Person{ada, bo}, WatchCount: 2, Votes: 3,
		Custom: map[string][]string{
			"Environment": {`Chrome; "beta"`}, "Custom field (Environment)": {"EU"},
			"External issue ID":                   {"E-1", "E-2"},
			"Custom field (Story point estimate)": {"3.0"}},
		Notes: []string{"Custom field (Story point estimate) is 3.0 but Story Points are 5, which was taken"},
	})
	same(t, "unreadable date", issues[1].Notes, []string{`Resolved "soon" is no date that can be read; it is kept as a custom field`})
	same(t, "and kept", issues[1].Custom["Resolved"], []string{"soon"})
	same(t, "midnight and noon", []time.Time{issues[1].Created, issues[1].Updated}, []time.Time{utc(2026, 1, 1, 0, 0), utc(2026, 1, 1, 12, 30)})
	same(t, "unmapped", r.Unmapped(), []Column{
		{"Last Viewed", 1, "02/Jan/26 1:00 AM"}, {"Environment", 1, `Chrome; "beta"`}, {"Custom field (Environment)", 1, "EU"},
		{"External issue ID", 1, "E-1"}, {"Custom field (Story point estimate)", 1, "3.0"}, {"Resolved", 1, "soon"}})
}

func TestServerCSVWithSemicolons(t *testing.T) {
	issues, _, _ := readFile(t, "server.csv")
	sub := issues[0]
	same(t, "sub-task", sub, Issue{
		Row: 1, Key: "PAY-5", ID: "10005", Type: "Sub-task", Kind: "subtask", Subtask: true, TypeLevel: ptr(-1),
		Summary: "Pay by card", Status: "Resolved", StatusCategory: "done",
		Project: Project{Key: "PAY", URL: "https://example.test"}, Assignee: Person{Name: "ada@example.test", Email: "ada@example.test"},
		Created: utc(2015, 3, 23, 11, 20), Due: utc(2015, 3, 24, 0, 0),
		Components: []string{"Web", "Core"}, AffectsVersions: []Version{{Name: "1.0"}}, FixVersions: []Version{{Name: "1.1"}},
		ParentID: "10001", EpicKey: "PAY-1", Points: ptr(2.5), Time: Time{Original: 60},
		Sprints: []Sprint{{ID: "41", Name: "Team A, week 3", State: "closed", Goal: "ship = done, fully", Board: "7",
			Start: utc(2015, 3, 2, 8, 0), End: utc(2015, 3, 13, 16, 0)}},
	})
	epic := issues[1]
	same(t, "epic", []any{epic.EpicName, epic.Resolution, epic.Subtasks, epic.Assignee, epic.StatusCategory},
		[]any{"Cards", "Fixed", []string{"PAY-5", "PAY-6"}, Person{}, "todo"})
}

func TestTranslatedExports(t *testing.T) {
	type seen struct {
		Key, Kind, Category, Summary, Person, Parent string
		Created, Updated                             time.Time
		Custom                                       map[string][]string
	}
	for name, want := range map[string]seen{
		"fr.csv": {"PA-2", "subtask", "done", `payer, "vite"`, "Zoé", "PA-1", utc(2025, 8, 5, 14, 47), utc(2025, 7, 15, 17, 50), map[string][]string{"Équipe": {"Bleue"}}},
		"de.csv": {"PA-7", "subtask", "doing", "Schneller zahlen", "Jörg", "", utc(2025, 3, 5, 14, 47), utc(2025, 12, 31, 23, 59), nil},
		"es.csv": {"PA-8", "story", "todo", "Pagar", "Íñigo", "PA-1", utc(2025, 8, 5, 14, 47), utc(2025, 12, 5, 0, 0), map[string][]string{"Complejidad": {"Media"}}},
		"pt.csv": {"PA-9", "task", "done", "Pagar", "João", "", utc(2025, 10, 5, 14, 47), utc(2025, 12, 6, 14, 47), map[string][]string{"Time": {"Azul"}}},
	} {
		t.Run(name, func(t *testing.T) {
			issues, refused, _ := readFile(t, name)
			if len(refused) > 0 {
				t.Fatal(refused)
			}
			i := issues[0]
			same(t, "issue", seen{i.Key, i.Kind, i.StatusCategory, i.Summary, i.Assignee.Name, i.ParentKey, i.Created, i.Updated, i.Custom}, want)
		})
	}
	issues, _, r := readFile(t, "fr.csv")
	fr := issues[0]
	same(t, "French", []any{fr.Type, fr.Status, fr.Resolved, fr.Due, fr.StatusCategoryChanged, fr.Watchers, fr.Time.Original, fr.Time.SumSpent, *fr.Points, fr.ParentID, fr.ParentSummary},
		[]any{"Sous-tâche", "Terminé(e)", utc(2025, 9, 14, 3, 34), utc(2026, 2, 1, 0, 0), utc(2025, 12, 5, 14, 47), []Person{{Key: "acc:9", Name: "Zoé"}}, int64(60), int64(120), 3.0, "101", "Paiement"})
	same(t, "French unmapped", r.Unmapped(), []Column{{"Équipe", 1, "Bleue"}})
	de, _, _ := readFile(t, "de.csv")
	same(t, "Windows-1252 is noted", de[0].Notes, []string{"its text is not UTF-8 and was read as Windows-1252"})
	same(t, "and right", de[0].Description, "äöü ß")
}

func TestWordingOf2025(t *testing.T) {
	issues, _, _ := readFile(t, "wording2025.csv")
	i := issues[0]
	same(t, "issue", []any{i.Key, i.ID, i.Kind, i.ParentKey, i.Links, i.Created},
		[]any{"PAY-1", "101", "task", "PAY-3", []Link{{"Relates", Inward, "", "PAY-2"}}, utc(2026, 2, 25, 22, 17)})
}

func TestAColumnThatComesTwiceKeepsBothValues(t *testing.T) {
	issues, _, _ := readText(t, "Issue key,Summary,Status,Status\nA-1,x,Open,Closed\nA-2,x,,Open\n")
	same(t, "first wins", []any{issues[0].Status, issues[0].Custom, issues[1].Status}, []any{"Open", map[string][]string{"Status": {"Closed"}}, "Open"})
}

func TestWatchersWithoutEqualIdsAreNotMixed(t *testing.T) {
	issues, _, _ := readText(t, "Issue key,Summary,Watchers,Watchers,Watchers Id,Watchers Id\nA-1,x,Ada,,1,2\nA-2,x,Ada,Bo,,\n")
	same(t, "more ids", issues[0].Watchers, []Person{{Key: "1"}, {Key: "2"}})
	same(t, "no ids", issues[1].Watchers, []Person{{Name: "Ada"}, {Name: "Bo"}})
}

func TestDelimitersAndLineEnds(t *testing.T) {
	for name, text := range map[string]string{
		"comma":     "Issue key,Summary,Status\r\nA-1,\"one, two\",Open\r\n",
		"semicolon": "Issue key;Summary;Status\nA-1;one, two;Open",
		"tab":       "Issue key\tSummary\tStatus\nA-1\tone, two\tOpen\n",
		"bar":       "Issue key|Summary|Status\rA-1|one, two|Open\r",
		"hint":      "sep=;\nIssue key;Summary;Status\nA-1;one, two;Open\n",
		"blank":     "\n\nIssue key;Summary;Status\n\n;;\nA-1;one, two;Open\n\n",
		"utf-16":    "\xff\xfe" + utf16le("Issue key\tSummary\tStatus\nA-1\tone, two\tOpen\n"),
		"spaces":    "Issue key, Summary, Status\nA-1 ,\"one, two\" ,Open\n",
	} {
		t.Run(name, func(t *testing.T) {
			issues, refused, _ := readText(t, text)
			if len(issues) != 1 || len(refused) > 0 {
				t.Fatalf("%v, refused %v", issues, refused)
			}
			same(t, "issue", []any{issues[0].Row, issues[0].Key, issues[0].Summary, issues[0].Status}, []any{1, "A-1", "one, two", "Open"})
		})
	}
}

func utf16le(s string) string {
	var b strings.Builder
	for _, r := range s {
		b.WriteByte(byte(r))
		b.WriteByte(byte(r >> 8))
	}
	return b.String()
}

func TestAnEmptySearchResultIsAnExportOfNothing(t *testing.T) {
	for _, text := range []string{"Issue key,Summary\n", `{"startAt":0,"total":0,"issues":[]}`, "[]"} {
		issues, refused, _ := readText(t, text)
		if len(issues)+len(refused) != 0 {
			t.Errorf("%q: %v %v", text, issues, refused)
		}
	}
}
