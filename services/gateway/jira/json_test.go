package jira

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"os"
	"strings"
	"testing"
)

func TestRESTIssueIsReadInFull(t *testing.T) {
	issues, refused, r := readFile(t, "issue.json")
	if len(issues) != 1 || len(refused) != 0 || r.Format() != "jira-json-issue" {
		t.Fatalf("%d issues, refused %v, format %s", len(issues), refused, r.Format())
	}
	ada := Person{Key: "acc:1", Name: "Ada"}
	same(t, "issue", issues[0], Issue{
		Row: 1, Key: "PAY-12", ID: "10012", Type: "Story", Kind: "story", TypeLevel: ptr(0), Summary: "A basket",
		Description: "h2. Why\n\nSo that *all* @Ada\n[see|https://example.test]\n\n* one\n*# deep\n* two\n\n{code:go}\nx := 1\n{code}",
		Status:      "Building", StatusCategory: "doing", Priority: "High",
		Project:  Project{ID: "1", Key: "PAY", Name: "Payments", Type: "software"},
		Assignee: Person{Key: "acc:2", Name: "Bo", Email: "bo@example.test"},
		Created:  utc(2026, 2, 25, 21, 17), Updated: utc(2026, 2, 26, 23, 5), Due: utc(2026, 3, 3, 0, 0), StatusCategoryChanged: utc(2026, 2, 26, 8, 0),
		Labels: []string{"web"}, Components: []string{"Core"},
		FixVersions: []Version{{ID: "7", Name: "1.4", Released: true, Release: utc(2026, 3, 1, 0, 0)}},
		ParentKey:   "PAY-3", ParentID: "10003", ParentSummary: "Checkout", EpicKey: "PAY-3",
		Subtasks: []string{"PAY-13"},
		Links:    []Link{{"Blocks", Inward, "is blocked by", "OPS-7"}, {"Blocks", Outward, "blocks", "PAY-9"}},
		Points:   ptr(5.0), Rank: "0|i02m2f:",
		Sprints: []Sprint{
			{ID: "3", Name: "Sprint 3", State: "closed", Board: "7", Goal: "ship", Start: utc(2026, 2, 1, 0, 0), End: utc(2026, 2, 14, 0, 0), Complete: utc(2026, 2, 14, 10, 0)},
			{ID: "4", Name: "Sprint 4", State: "active", Board: "7"}},
		Time:        Time{Original: 7200, Spent: 60, SumSpent: 90},
		Worklogs:    []Worklog{{ID: "8", Author: Person{Key: "acc:1"}, At: utc(2026, 2, 26, 9, 0), Seconds: 60, Text: "looked"}},
		Comments:    []Comment{{ID: "1", Author: ada, At: utc(2026, 2, 26, 9, 0), Text: "Done?"}},
		Attachments: []Attachment{{ID: "3", Name: "a.png", URL: "https://example.test/3", MIME: "image/png", Size: 12, Author: Person{Key: "acc:1"}, At: utc(2026, 2, 26, 9, 0)}},
		WatchCount:  4, Votes: 2,
		History: []Change{
			{utc(2026, 2, 26, 7, 0), Person{Key: "acc:1"}, "timeestimate", "", "60"},
			{utc(2026, 2, 26, 8, 0), Person{Key: "acc:2"}, "status", "To Do", "Building"}},
		Custom: map[string][]string{"Region": {"EU - FR"}, "Teams": {"one", "two"}, "customfield_10103": {`{"a":1}`}},
		Notes:  []string{"the export has 1 of 3 comments"},
	})
	same(t, "unmapped", r.Unmapped(), []Column{{"Region", 1, "EU - FR"}, {"Teams", 1, "one"}, {"customfield_10103", 1, `{"a":1}`}})
}

func TestSearchAnswerKnowsTheNamesBehindItsIssues(t *testing.T) {
	issues, refused, r := readFile(t, "search.json")
	if r.Format() != "jira-json-search" || len(issues) != 2 {
		t.Fatalf("%s, %d issues", r.Format(), len(issues))
	}
	same(t, "points", issues[0].Points, ptr(8.0))
	same(t, "custom", issues[0].Custom, map[string][]string{"Colour": {"x"}})
	same(t, "epic by schema", issues[1].EpicKey, "PAY-1")
	same(t, "text", issues[1].Summary, `Two, with "]}" in it`)
	same(t, "refused", refused, []*RowError{{3, "", "it is JSON, but no Jira issue: it has oops; “key” and “fields” are expected"}})
}

// one is a small issue on one line.
func one(key string) string {
	return `{"id":"1","key":"` + key + `","fields":{"summary":"x","status":{"name":"Open"}}}`
}

func TestArrangementsOfJSON(t *testing.T) {
	pretty := func(s string) string {
		var b bytes.Buffer
		if err := json.Indent(&b, []byte(s), "", "  "); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	a, b := one("A-1"), one("A-2")
	for name, c := range map[string]struct{ text, format string }{
		"lines":              {a + "\n" + b + "\n", "jira-json-lines"},
		"lines, no end":      {a + "\r\n\r\n" + b, "jira-json-lines"},
		"array":              {"[" + a + "," + b + "]", "jira-json-array"},
		"pretty array":       {pretty("[" + a + "," + b + "]"), "jira-json-array"},
		"array over lines":   {"[\n" + a + ",\n" + b + "\n]\n", "jira-json-array"},
		"array per line":     {"[" + a + "]\n[" + b + "]\n", "jira-json-array"},
		"search":             {`{"total":2,"issues":[` + a + "," + b + `]}`, "jira-json-search"},
		"pretty search":      {pretty(`{"names":{"a":"b"},"issues":[` + a + "," + b + `],"total":2}`), "jira-json-search"},
		"search per line":    {`{"issues":[` + a + `]}` + "\n" + `{"issues":[` + b + `]}` + "\n", "jira-json-search"},
		"objects in a row":   {a + b, "jira-json-issue"},
		"pretty objects":     {pretty(a) + "\n" + pretty(b), "jira-json-issue"},
		"with a BOM":         {"\uFEFF" + a + "\n" + b, "jira-json-lines"},
		"first line is long": {strings.Replace(a, `"x"`, `"x","customfield_1":[`+strings.Repeat(`"abcdefg",`, 60000)+`"z"]`, 1) + "\n" + b, "jira-json-lines"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, packed := range []bool{false, true} {
				text := c.text
				if packed {
					text = zip(t, text)
				}
				issues, refused, r := readText(t, text)
				if len(refused) > 0 || len(issues) != 2 || r.Format() != c.format {
					t.Fatalf("packed %v: %d issues, refused %v, format %s", packed, len(issues), refused, r.Format())
				}
				same(t, "keys", []any{issues[0].Key, issues[0].Row, issues[1].Key, issues[1].Row}, []any{"A-1", 1, "A-2", 2})
			}
		})
	}
}

func zip(t testing.TB, s string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(s)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestAgileFieldsOfServer(t *testing.T) {
	issues, _, _ := readText(t, `{"key":"A-1","fields":{"summary":"x","flagged":true,
		"epic":{"id":128563,"key":"A-974","name":"Document"},
		"sprint":{"id":500,"state":"future","name":"Triage","originBoardId":100},
		"closedSprints":[{"id":596,"state":"closed","name":"2016 Sprint 05","startDate":"2016-02-27T01:30:53.769Z"}],
		"customfield_10001":["com.atlassian.greenhopper.service.sprint.Sprint@1f[id=596,rapidViewId=1,state=CLOSED,name=2016 Sprint 05]"],
		"customfield_10101":"A-11","customfield_10102":"A-12","customfield_10105":"0|i002jz:"},
		"changelog":{"histories":[{"created":"2018-11-22T23:26:56.146+0000","items":[{"field":"Epic Link","fromString":null,"to":"10375","toString":"A-11"}]}]}}`)
	i := issues[0]
	same(t, "flag", i.Flagged, true)
	same(t, "sprints, the current last", []any{len(i.Sprints), i.Sprints[0].ID, i.Sprints[1].Name, i.Sprints[1].State}, []any{2, "596", "Triage", "future"})
	same(t, "epic; the other link is of another kind", []any{i.EpicKey, i.Custom}, []any{"A-974", map[string][]string{"customfield_10101": {"A-11"}, "customfield_10102": {"A-12"}}})
	same(t, "rank", i.Rank, "0|i002jz:")
}

func TestEpicLinkWithoutANameIsKnownByTheHistory(t *testing.T) {
	issues, _, _ := readText(t, `{"key":"A-1","fields":{"summary":"x","customfield_10101":"A-11","customfield_10107":"OLD-1"},
		"changelog":{"histories":[{"created":"2018-11-22T23:26:56.146+0000","items":[{"field":"Epic Link","toString":"A-11"}]}]}}`)
	same(t, "epic", []any{issues[0].EpicKey, issues[0].Custom}, []any{"A-11", map[string][]string{"customfield_10107": {"OLD-1"}}})
}

func TestCloudNumbersAreTakenOnlyOnCloud(t *testing.T) {
	fields := `"fields":{"summary":"x","customfield_10014":"A-9","customfield_10016":3.5}}`
	cloud, _, _ := readText(t, `{"key":"A-1","self":"https://acme.atlassian.net/rest/api/2/issue/1",`+fields)
	same(t, "cloud", []any{cloud[0].EpicKey, cloud[0].Points, len(cloud[0].Notes)}, []any{"A-9", ptr(3.5), 2})
	server, _, _ := readText(t, `{"key":"A-1","self":"https://jira.acme.test/rest/api/2/issue/1",`+fields)
	same(t, "server", []any{server[0].EpicKey, server[0].Custom}, []any{"", map[string][]string{"customfield_10014": {"A-9"}, "customfield_10016": {"3.5"}}})
}

func TestALineThatIsNoJSONIsRefusedAlone(t *testing.T) {
	issues, refused, _ := readText(t, `{"key":"A-1","fields":{oops`+"\n"+one("A-2")+"\nnot json\n"+one("A-3")+"\n"+`{"key":"A-4","fields":{"summary":"cut`)
	same(t, "read", []any{len(issues), issues[0].Key, issues[0].Row, issues[1].Key, issues[1].Row}, []any{2, "A-2", 2, "A-3", 4})
	same(t, "refused", refused, []*RowError{
		{1, "A-1", "line 1 is not JSON: invalid character 'o' looking for beginning of object key string at byte 24"},
		{3, "", "line 3 is not JSON: invalid character 'o' in literal null (expecting 'u') at byte 2"},
		{5, "A-4", "line 5 is not JSON: unexpected end of JSON input at byte 37"}})
}

func TestABrokenElementIsRefusedAlone(t *testing.T) {
	issues, refused, _ := readText(t, "["+one("A-1")+`,{"key":"A-2","fields":{oops}},7,`+one("A-3")+`,{"key":"A-4","fie`)
	if len(issues) != 2 || issues[1].Key != "A-3" || len(refused) != 3 {
		t.Fatalf("%v, refused %v", issues, refused)
	}
	same(t, "cut off", refused[2], &RowError{5, "A-4", "line 1: the file ends in the middle of it"})
}

func TestJSONInWindows1252(t *testing.T) {
	issues, _, _ := readText(t, "{\"key\":\"A-1\",\"fields\":{\"summary\":\"\xfcber\"}}")
	same(t, "text", []any{issues[0].Summary, issues[0].Notes}, []any{"über", []string{"its text is not UTF-8 and was read as Windows-1252"}})
}

func TestOpenLeavesTheFileToItsOwner(t *testing.T) {
	f, err := os.Open("testdata/issue.json")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := readAll("issue.json", f); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Error("the reader has closed the file:", err)
	}
}
