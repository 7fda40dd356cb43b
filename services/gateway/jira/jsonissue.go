package jira

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sort"
	"strings"
)

// rest is a draft from a REST issue.
type rest struct {
	draft
	src    *jsonSource
	fields map[string]json.RawMessage
	names  map[string]string
	types  map[string]string
	cloud  bool
	wrong  string // why the row is refused
}

func (s *jsonSource) issue(it item) (Issue, error) {
	refuse := func(key, format string, args ...any) (Issue, error) {
		return Issue{}, &RowError{it.row, clip(key, 80), fmt.Sprintf(format, args...)}
	}
	raw, converted := toUTF8(it.raw)
	var top map[string]json.RawMessage
	if err := json.Unmarshal(raw, &top); err != nil {
		return refuse(keyIn(raw), "it is no JSON object: %v", err)
	}
	r := &rest{draft: draft{dates: &dates{}}, src: s, names: s.names, types: s.types}
	r.Row = it.row
	if converted {
		r.note("its text is not UTF-8 and was read as Windows-1252")
	}
	r.Key, r.ID = r.text("key", top["key"]), r.text("id", top["id"])
	if top["fields"] == nil || json.Unmarshal(top["fields"], &r.fields) != nil || r.fields == nil {
		return refuse(r.Key, "it is JSON, but no Jira issue: it has %s; “key” and “fields” are expected", memberNames(top))
	}
	for _, name := range keys(r.fields) {
		if n := longest(r.fields[name]); n > 0 {
			return refuse(r.Key, "field %q has %d bytes; at most %d are taken", name, n, maxCell)
		}
	}
	if top["names"] != nil {
		s.learnNames(top["names"])
		r.names = s.names
	}
	if top["schema"] != nil {
		s.learnTypes(top["schema"])
		r.types = s.types
	}
	self := r.text("self", top["self"])
	r.cloud = strings.Contains(self, ".atlassian.net/") || strings.Contains(self, "api.atlassian.com/")
	r.history(top["changelog"])
	r.standard()
	r.others()
	for _, name := range keys(top) {
		switch name {
		case "key", "id", "self", "expand", "fields", "names", "schema", "changelog":
		case "renderedFields", "versionedRepresentations", "operations", "editmeta", "transitions", "properties", "fieldsToInclude":
			// what the caller asked Jira to add about the fields; no data of its own
		default:
			r.keepValue(name, top[name])
		}
	}
	if r.wrong != "" {
		return refuse(r.Key, "%s", r.wrong)
	}
	issue, wrong := r.done()
	if wrong != "" {
		return refuse(r.Key, "%s", wrong)
	}
	if !s.tally.took(r.Custom, r.custom) {
		return refuse(r.Key, "the file has more than %d differing fields", maxColumns)
	}
	return issue, nil
}

func keys(m map[string]json.RawMessage) []string {
	all := make([]string, 0, len(m))
	for k := range m {
		all = append(all, k)
	}
	sort.Strings(all)
	return all
}

// pop takes a field, so that what is left has no place in Issue.
func (r *rest) pop(name string) json.RawMessage {
	raw := r.fields[name]
	delete(r.fields, name)
	if bytes.Equal(raw, []byte("null")) {
		return nil
	}
	return raw
}

// text is a string, a number or a rich text, as text. The parts of a rich
// text may each be short and the whole too long.
func (r *rest) text(name string, raw json.RawMessage) string {
	if len(raw) == 0 || bytes.Equal(raw, []byte("null")) {
		return ""
	}
	var s string
	switch raw[0] {
	case '"':
		if json.Unmarshal(raw, &s) != nil {
			return ""
		}
	case '{':
		s = wiki(raw)
	default:
		s = string(raw)
	}
	if len(s) > maxCell && r.wrong == "" {
		r.wrong = fmt.Sprintf("field %q has %d bytes; at most %d are taken", name, len(s), maxCell)
	}
	return s
}

// into decodes a field; what has another shape is kept.
func (r *rest) into(name string, to any) bool {
	raw := r.pop(name)
	if raw == nil {
		return false
	}
	if json.Unmarshal(raw, to) != nil {
		r.note("%s is not what Jira writes; it is kept as a custom field", name)
		r.keepValue(name, raw)
		return false
	}
	return true
}

type restPerson struct{ AccountID, Key, Name, DisplayName, EmailAddress string }

func (p *restPerson) person() Person {
	if p == nil {
		return Person{}
	}
	out := Person{Key: p.AccountID, Name: p.DisplayName, Email: p.EmailAddress}
	for _, key := range []string{p.Key, p.Name} {
		if out.Key == "" {
			out.Key = key
		}
	}
	if out.Name == "" {
		out.Name = p.Name
	}
	return out
}

type restNamed struct{ Name string }

type restIssue struct {
	ID, Key string
	Fields  struct{ Summary string }
}

// standard fills in the fields that every Jira has.
func (r *rest) standard() {
	r.Summary = strings.TrimSpace(r.text("summary", r.pop("summary")))
	r.Description = r.text("description", r.pop("description"))
	var kind struct {
		Name           string
		Subtask        bool
		HierarchyLevel *int
	}
	if r.into("issuetype", &kind) {
		r.Type, r.Subtask, r.TypeLevel = kind.Name, kind.Subtask, kind.HierarchyLevel
	}
	var status struct {
		Name           string
		StatusCategory struct{ Key string }
	}
	if r.into("status", &status) {
		r.Status, r.StatusCategory = status.Name, status.StatusCategory.Key
	}
	var resolution, priority restNamed
	r.into("resolution", &resolution)
	r.into("priority", &priority)
	r.Resolution, r.Priority = resolution.Name, priority.Name
	var project struct{ ID, Key, Name, ProjectTypeKey, Description string }
	if r.into("project", &project) {
		r.Project = Project{ID: project.ID, Key: project.Key, Name: project.Name, Type: project.ProjectTypeKey, Description: project.Description}
	}
	for _, one := range []struct {
		name string
		to   *Person
	}{{"reporter", &r.Reporter}, {"creator", &r.Creator}, {"assignee", &r.Assignee}} {
		var p restPerson
		if r.into(one.name, &p) {
			*one.to = p.person()
		}
	}
	r.times()
	r.into("labels", &r.Labels)
	var components []restNamed
	r.into("components", &components)
	for _, c := range components {
		r.Components = append(r.Components, c.Name)
	}
	r.FixVersions, r.AffectsVersions = r.versions("fixVersions"), r.versions("versions")
	r.people()
	r.relations()
	r.attached()
}

func (r *rest) times() {
	for _, name := range []string{"created", "updated", "resolutiondate", "duedate", "statuscategorychangedate"} {
		value := r.text(name, r.pop(name))
		if value == "" {
			continue
		}
		t := r.date(name, value)
		switch name {
		case "created":
			r.Created = t
		case "updated":
			r.Updated = t
		case "resolutiondate":
			r.Resolved = t
		case "duedate":
			r.Due = t
		case "statuscategorychangedate":
			r.StatusCategoryChanged = t
		}
	}
	for _, one := range []struct {
		name string
		to   *int64
	}{
		{"timeoriginalestimate", &r.Time.Original}, {"timeestimate", &r.Time.Remaining}, {"timespent", &r.Time.Spent},
		{"aggregatetimeoriginalestimate", &r.Time.SumOriginal}, {"aggregatetimeestimate", &r.Time.SumRemaining}, {"aggregatetimespent", &r.Time.SumSpent},
	} {
		if value := r.text(one.name, r.pop(one.name)); value != "" {
			*one.to = r.seconds(one.name, value)
		}
	}
	var tracking struct{ OriginalEstimateSeconds, RemainingEstimateSeconds, TimeSpentSeconds int64 }
	if r.into("timetracking", &tracking) { // the same in other words
		r.Time.Original = max(r.Time.Original, tracking.OriginalEstimateSeconds)
		r.Time.Remaining = max(r.Time.Remaining, tracking.RemainingEstimateSeconds)
		r.Time.Spent = max(r.Time.Spent, tracking.TimeSpentSeconds)
	}
}

func (r *rest) versions(name string) []Version {
	var list []struct {
		ID, Name, Description, StartDate, ReleaseDate string
		Released, Archived                            bool
	}
	r.into(name, &list)
	var out []Version
	for _, v := range list {
		one := Version{ID: v.ID, Name: v.Name, Description: v.Description, Released: v.Released, Archived: v.Archived}
		one.Start, _ = r.dates.parse(v.StartDate)
		one.Release, _ = r.dates.parse(v.ReleaseDate)
		out = append(out, one)
	}
	return out
}

func (r *rest) people() {
	var watches struct {
		WatchCount int
		Watchers   []restPerson
	}
	if r.into("watches", &watches) {
		r.WatchCount = watches.WatchCount
		for _, w := range watches.Watchers {
			r.Watchers = append(r.Watchers, w.person())
		}
	}
	var votes struct{ Votes int }
	if r.into("votes", &votes) {
		r.Votes = votes.Votes
	}
	r.into("flagged", &r.Flagged)
}

func (r *rest) relations() {
	var parent restIssue
	if r.into("parent", &parent) {
		r.ParentKey, r.ParentID, r.ParentSummary = parent.Key, parent.ID, parent.Fields.Summary
	}
	var epic struct{ Key, Name string }
	if r.into("epic", &epic) && epic.Key != "" {
		r.epic("epic", epic.Key)
	}
	var subtasks []restIssue
	r.into("subtasks", &subtasks)
	for _, s := range subtasks {
		r.Subtasks = append(r.Subtasks, s.Key)
	}
	var links []struct {
		Type                      struct{ Name, Inward, Outward string }
		InwardIssue, OutwardIssue *restIssue
	}
	r.into("issuelinks", &links)
	for _, l := range links {
		if l.InwardIssue != nil {
			r.Links = append(r.Links, Link{l.Type.Name, Inward, l.Type.Inward, l.InwardIssue.Key})
		}
		if l.OutwardIssue != nil {
			r.Links = append(r.Links, Link{l.Type.Name, Outward, l.Type.Outward, l.OutwardIssue.Key})
		}
	}
	for _, name := range []string{"closedSprints", "sprint"} { // the current one last
		if raw := r.pop(name); raw != nil {
			if sprints, ok := sprintsOf(raw); ok {
				r.addSprints(sprints)
			} else if string(raw) != "[]" {
				r.keepValue(name, raw)
			}
		}
	}
}

// attached are comments, files and logged work.
func (r *rest) attached() {
	var comments struct {
		Total    int
		Comments []struct {
			ID, Created string
			Author      *restPerson
			Body        json.RawMessage
		}
	}
	r.into("comment", &comments)
	for _, c := range comments.Comments {
		one := Comment{ID: c.ID, Author: c.Author.person(), Text: r.text("comment", c.Body)}
		one.At = r.moment("the time of a comment", c.Created)
		r.Comments = append(r.Comments, one)
	}
	r.partial("comments", len(r.Comments), comments.Total)

	var files []struct {
		ID                                   json.RawMessage
		Filename, Content, MimeType, Created string
		Author                               *restPerson
		Size                                 int64
	}
	r.into("attachment", &files)
	for _, f := range files {
		r.Attachments = append(r.Attachments, Attachment{ID: r.text("attachment", f.ID), Name: f.Filename, URL: f.Content, MIME: f.MimeType,
			Author: f.Author.person(), At: r.moment("the time of an attachment", f.Created), Size: f.Size})
	}

	var work struct {
		Total    int
		Worklogs []struct {
			ID, Started      string
			Author           *restPerson
			Comment          json.RawMessage
			TimeSpentSeconds int64
		}
	}
	r.into("worklog", &work)
	for _, w := range work.Worklogs {
		r.Worklogs = append(r.Worklogs, Worklog{ID: w.ID, Author: w.Author.person(), At: r.moment("the time of logged work", w.Started),
			Seconds: w.TimeSpentSeconds, Text: r.text("worklog", w.Comment)})
	}
	r.partial("entries of logged work", len(r.Worklogs), work.Total)
}
