package jira

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// draft is an issue while it is put together from its cells or members.
type draft struct {
	Issue
	dates  *dates
	custom []string // names in Custom, in order of appearance
	unsure []string // columns with a date whose day and month could be swapped
}

func (d *draft) note(format string, args ...any) {
	d.Notes = append(d.Notes, fmt.Sprintf(format, args...))
}

// keep puts a value without a place into Custom.
func (d *draft) keep(name, value string) {
	if d.Custom == nil {
		d.Custom = map[string][]string{}
	}
	if _, have := d.Custom[name]; !have {
		d.custom = append(d.custom, name)
	}
	d.Custom[name] = append(d.Custom[name], value)
}

// date reads a date; one that cannot be read is kept and noted.
func (d *draft) date(name, value string) time.Time {
	t, kind := d.dates.parse(value)
	switch kind {
	case unreadable:
		d.note("%s %q is no date that can be read; it is kept as a custom field", name, clip(value, 80))
		d.keep(name, value)
	case ambiguous:
		d.unsure = append(d.unsure, name)
	}
	return t
}

func (d *draft) seconds(name, value string) int64 {
	n, err := strconv.ParseFloat(value, 64)
	if err != nil || n < 0 || n > 1e12 {
		d.note("%s %q is no number of seconds; it is kept as a custom field", name, clip(value, 80))
		d.keep(name, value)
		return 0
	}
	return int64(n)
}

// number reads "5.0" and, from spreadsheets, "5,0".
func number(value string) (float64, bool) {
	n, err := strconv.ParseFloat(strings.Replace(value, ",", ".", 1), 64)
	return n, err == nil && n > -1e9 && n < 1e9
}

// points sets Points from Story Points or Story point estimate; when both are
// there and differ the first wins, and the other is kept.
func (d *draft) points(name, value string, estimate bool) {
	n, ok := number(value)
	switch {
	case !ok:
		d.note("%s %q is no number; it is kept as a custom field", name, clip(value, 80))
		d.keep(name, value)
	case d.Points == nil:
		d.Points = &n
	case *d.Points == n:
	case estimate:
		d.note("%s is %s but Story Points are %s, which was taken", name, value, trim(*d.Points))
		d.keep(name, value)
	default:
		d.note("Story point estimate is %s but %s are %s, which was taken", trim(*d.Points), name, value)
		d.keep("Story point estimate", trim(*d.Points))
		d.Points = &n
	}
}

func trim(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

// set fills a single-valued field; a second, different value is kept.
func (d *draft) set(to *string, name, value string) {
	switch *to {
	case "":
		*to = value
	case value:
	default:
		d.note("%s has a second value %q; it is kept as a custom field", name, clip(value, 80))
		d.keep(name, value)
	}
}

// parent takes a key or a number, whatever the column holds.
func (d *draft) parent(name, value string) {
	switch {
	case numberShape.MatchString(value):
		d.set(&d.ParentID, name, value)
	case keyShape.MatchString(value):
		d.set(&d.ParentKey, name, value)
	default:
		d.note("%s %q is neither a key nor a number; it is kept as a custom field", name, clip(value, 80))
		d.keep(name, value)
	}
}

func (d *draft) epic(name, value string) {
	if keyShape.MatchString(value) {
		d.set(&d.EpicKey, name, value)
		return
	}
	d.note("%s %q is no issue key; it is kept as a custom field", name, clip(value, 80))
	d.keep(name, value)
}

// done checks and completes the issue.
func (d *draft) done() (Issue, string) {
	if d.Key != "" && (len(d.Key) > 255 || !keyShape.MatchString(d.Key)) {
		return d.Issue, fmt.Sprintf("%q is no issue key; one looks like PAY-12", clip(d.Key, 80))
	}
	if d.ID != "" && !numberShape.MatchString(d.ID) {
		return d.Issue, fmt.Sprintf("%q is no issue number; one looks like 10412", clip(d.ID, 80))
	}
	if d.Key == "" && d.ID == "" {
		return d.Issue, "it has neither an issue key nor an issue number"
	}
	if d.Summary == "" {
		d.note("it has no summary")
	}
	if len(d.unsure) > 0 {
		order := "day/month"
		if first, _ := d.dates.order(); first == 'm' {
			order = "month/day"
		}
		d.note("%s: read as %s, which nothing in the file confirms", strings.Join(d.unsure, ", "), order)
	}
	if d.Project.Key == "" && d.Key != "" {
		d.Project.Key = d.Key[:strings.LastIndexByte(d.Key, '-')]
	}
	d.StatusCategory = category(d.StatusCategory, d.Status)
	d.WatchCount = max(d.WatchCount, len(d.Watchers))
	d.finish()
	return d.Issue, ""
}

// issue reads a row of the CSV.
func (s *csvSource) issue(l line) (Issue, error) {
	d := &draft{dates: &s.dates}
	d.Row, d.Notes = l.row, l.notes
	var watchers, watcherIDs []string
	for i, raw := range l.cells {
		if i >= len(s.header.columns) {
			break // checked to be empty
		}
		c := &s.header.columns[i]
		value := strings.TrimSpace(raw)
		if value == "" {
			continue
		}
		switch c.to {
		case fieldNone:
			d.keep(c.key, raw)
		case fieldWatchers:
			watchers = append(watchers, value)
		case fieldWatchersID:
			watcherIDs = append(watcherIDs, value)
		case fieldDescription:
			d.set(&d.Description, c.name, raw)
		default:
			d.cell(c, value)
		}
	}
	d.Watchers = pair(watchers, watcherIDs)
	issue, wrong := d.done()
	if wrong != "" {
		return Issue{}, &RowError{l.row, clip(d.Key, 80), wrong}
	}
	if s.header.created >= 0 {
		s.tally.note("times in the file have no zone and were read as UTC")
	}
	s.tally.took(d.Custom, d.custom)
	return issue, nil
}

// cell puts one value, trimmed and not empty, in its place.
func (d *draft) cell(c *column, v string) {
	switch c.to {
	case fieldKey:
		d.set(&d.Key, c.name, v)
	case fieldID:
		d.set(&d.ID, c.name, v)
	case fieldType:
		d.set(&d.Type, c.name, v)
	case fieldSummary:
		d.set(&d.Summary, c.name, v)
	case fieldStatus:
		d.set(&d.Status, c.name, v)
	case fieldStatusCategory:
		d.set(&d.StatusCategory, c.name, v)
	case fieldStatusCategoryChanged:
		d.StatusCategoryChanged = d.date(c.name, v)
	case fieldResolution:
		if fold(v) != "unresolved" { // how Server writes "none"
			d.set(&d.Resolution, c.name, v)
		}
	case fieldPriority:
		d.set(&d.Priority, c.name, v)
	case fieldProjectKey:
		d.set(&d.Project.Key, c.name, v)
	case fieldProjectName:
		d.set(&d.Project.Name, c.name, v)
	case fieldProjectType:
		d.set(&d.Project.Type, c.name, v)
	case fieldProjectDescription:
		d.set(&d.Project.Description, c.name, v)
	case fieldProjectURL:
		d.set(&d.Project.URL, c.name, v)
	case fieldProjectLead:
		d.name(&d.Project.Lead, v)
	case fieldProjectLeadID:
		d.Project.Lead.Key = v
	case fieldReporter:
		d.name(&d.Reporter, v)
	case fieldReporterID:
		d.Reporter.Key = v
	case fieldCreator:
		d.name(&d.Creator, v)
	case fieldCreatorID:
		d.Creator.Key = v
	case fieldAssignee:
		if fold(v) != "unassigned" {
			d.name(&d.Assignee, v)
		}
	case fieldAssigneeID:
		d.Assignee.Key = v
	case fieldCreated:
		d.Created = d.date(c.name, v)
	case fieldUpdated:
		d.Updated = d.date(c.name, v)
	case fieldResolved:
		d.Resolved = d.date(c.name, v)
	case fieldStart:
		d.Start = d.date(c.name, v)
	case fieldDue:
		d.Due = d.date(c.name, v)
	case fieldLabels:
		d.Labels = append(d.Labels, strings.Fields(v)...) // a label has no spaces; spreadsheets join them
	case fieldComponents:
		d.Components = append(d.Components, v)
	case fieldFixVersions:
		d.FixVersions = append(d.FixVersions, Version{Name: v})
	case fieldAffectsVersions:
		d.AffectsVersions = append(d.AffectsVersions, Version{Name: v})
	default:
		d.relation(c, v)
	}
}

// relation is the second half of cell: what ties the issue to others, and
// the columns that repeat.
func (d *draft) relation(c *column, v string) {
	switch c.to {
	case fieldParent, fieldParentKey, fieldParentID:
		d.parent(c.name, v)
	case fieldParentSummary:
		d.set(&d.ParentSummary, c.name, v)
	case fieldEpicLink:
		d.epic(c.name, v)
	case fieldEpicName:
		d.set(&d.EpicName, c.name, v)
	case fieldSubtasks:
		d.Subtasks = append(d.Subtasks, strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ';' || unicode.IsSpace(r) })...)
	case fieldLinkInward:
		d.Links = append(d.Links, Link{Type: c.arg, Direction: Inward, Key: v})
	case fieldLinkOutward:
		d.Links = append(d.Links, Link{Type: c.arg, Direction: Outward, Key: v})
	case fieldPoints, fieldEstimate:
		d.points(c.name, v, c.to == fieldEstimate)
	case fieldSprint:
		sprint, ok := greenhopper(v)
		if !ok {
			sprint = Sprint{Name: v}
		}
		d.Sprints = append(d.Sprints, sprint)
	case fieldRank:
		d.set(&d.Rank, c.name, v)
	case fieldFlagged:
		d.Flagged = true
	case fieldOriginal:
		d.Time.Original = d.seconds(c.name, v)
	case fieldRemaining:
		d.Time.Remaining = d.seconds(c.name, v)
	case fieldSpent:
		d.Time.Spent = d.seconds(c.name, v)
	case fieldSumOriginal:
		d.Time.SumOriginal = d.seconds(c.name, v)
	case fieldSumRemaining:
		d.Time.SumRemaining = d.seconds(c.name, v)
	case fieldSumSpent:
		d.Time.SumSpent = d.seconds(c.name, v)
	case fieldWorklog:
		d.worklog(c.name, v)
	case fieldComment:
		d.comment(v)
	case fieldAttachment:
		d.attachment(v)
	case fieldVotes:
		n, err := strconv.Atoi(v)
		if err != nil {
			d.note("%s %q is no number; it is kept as a custom field", c.name, clip(v, 80))
			d.keep(c.name, v)
		}
		d.Votes = n
	default:
		d.keep(c.key, v)
	}
}

func (d *draft) name(p *Person, v string) {
	p.Name = v
	if at := strings.IndexByte(v, '@'); at > 0 && strings.IndexByte(v[at:], '.') > 0 && !strings.ContainsAny(v, " <>") {
		p.Email = v
	}
}

// comment is "date;author;text"; Server and Cloud both put the account or
// user key in the middle.
func (d *draft) comment(v string) {
	at, rest, ok1 := strings.Cut(v, ";")
	author, text, ok2 := strings.Cut(rest, ";")
	if t, kind := d.dates.parse(at); ok1 && ok2 && kind != unreadable && len(author) < 256 {
		d.Comments = append(d.Comments, Comment{At: t, Author: Person{Key: author}, Text: text})
		return
	}
	d.note("a comment does not begin with a date and an author; it was taken whole as text")
	d.Comments = append(d.Comments, Comment{Text: v})
}

// attachment is "date;author;file name;url"; the file name may hold semicolons.
func (d *draft) attachment(v string) {
	p := strings.Split(v, ";")
	if len(p) >= 4 {
		if t, kind := d.dates.parse(p[0]); kind != unreadable {
			d.Attachments = append(d.Attachments, Attachment{At: t, Author: Person{Key: p[1]}, Name: strings.Join(p[2:len(p)-1], ";"), URL: p[len(p)-1]})
			return
		}
	}
	d.note("an attachment is not “date;author;file;address”; it was taken whole as a name")
	d.Attachments = append(d.Attachments, Attachment{Name: v})
}

// worklog is "text;date;author;seconds"; the text may hold semicolons.
func (d *draft) worklog(name, v string) {
	p := strings.Split(v, ";")
	if n := len(p); n >= 4 {
		t, kind := d.dates.parse(p[n-3])
		seconds, err := strconv.ParseInt(p[n-1], 10, 64)
		if kind != unreadable && err == nil {
			d.Worklogs = append(d.Worklogs, Worklog{Text: strings.Join(p[:n-3], ";"), At: t, Author: Person{Key: p[n-2]}, Seconds: seconds})
			return
		}
	}
	d.note("an entry of %s is not “text;date;author;seconds”; it is kept as a custom field", name)
	d.keep(name, v)
}

// pair joins names and ids, which stand in columns of their own in the same
// order. When their numbers differ nobody can say who is who.
func pair(names, ids []string) []Person {
	var all []Person
	if len(names) == len(ids) || len(names) == 0 {
		for i, id := range ids {
			p := Person{Key: id}
			if i < len(names) {
				p.Name = names[i]
			}
			all = append(all, p)
		}
		return all
	}
	for _, name := range names {
		all = append(all, Person{Name: name})
	}
	if len(ids) > len(names) {
		all = nil
		for _, id := range ids {
			all = append(all, Person{Key: id})
		}
	}
	return all
}
