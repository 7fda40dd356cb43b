package importer

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"throughline.dev/pkg/es"
	"throughline.dev/services/backlog"
	"throughline.dev/services/gateway/jira"
)

const (
	maxName        = 300       // characters of a title, a label, a name
	maxDescription = 131_072   // characters
	maxBody        = 160 << 10 // bytes of an item's command as JSON; a commit holds 256 KiB
)

// item is an issue as the plan takes it.
func (r *run) item(ctx context.Context, e *entry, i jira.Issue) (backlog.ImportItem, error) {
	c := backlog.ImportItem{
		Source:      backlog.Origin{System: r.source, Key: e.key, ID: i.ID, Type: clip(i.Type, maxName), Project: e.project.key},
		Kind:        e.kind,
		Title:       strings.TrimSpace(i.Summary),
		Description: i.Description,
		State:       stateOf(e.kind, i),
		Labels:      short(i.Labels),
		Custom:      map[string][]string{},
		Facts: backlog.SourceFacts{Status: clip(i.Status, maxName), Resolution: clip(i.Resolution, maxName), Priority: clip(i.Priority, maxName),
			Components: short(i.Components), FixVersions: versions(i.FixVersions), Affects: versions(i.AffectsVersions),
			Created: moment(i.Created), Updated: moment(i.Updated), Resolved: moment(i.Resolved), Due: day(i.Due), Rank: clip(i.Rank, maxName),
			Votes: max(i.Votes, 0)},
	}
	if _, known := categoryOf(i); !known {
		r.note(e, "the export does not say what the status means; taken as to do: %s", clip(i.Status, 80))
	}
	if c.Title == "" {
		c.Title = e.key // the reader has noted it
	}
	if utf8.RuneCountInString(c.Title) > maxName {
		c.Custom["Summary"] = []string{c.Title}
		c.Title = clip(c.Title, maxName)
		r.note(e, "the summary is longer than %d characters; all of it is in the custom field Summary", maxName)
	}
	if utf8.RuneCountInString(c.Description) > maxDescription {
		c.Description = clip(c.Description, maxDescription)
		r.note(e, "the description was cut to %d characters", maxDescription)
	}
	for name, values := range i.Custom {
		c.Custom[name] = values
	}
	extras(c.Custom, e, i)
	switch p := i.Points; {
	case p == nil:
	case *p >= 0 && !math.IsInf(*p, 1):
		c.Points = p
	default:
		custom(c.Custom, "Story Points", fmt.Sprint(*p))
		r.note(e, "story points of %v are no size; kept as a custom field", *p)
	}
	if err := r.persons(ctx, &c, i); err != nil {
		return c, err
	}
	for _, s := range i.Sprints {
		c.Facts.Sprints = append(c.Facts.Sprints, backlog.Sprint{ID: s.ID, Name: clip(s.Name, maxName), State: s.State,
			Start: moment(s.Start), End: moment(s.End), Completed: moment(s.Complete)})
	}
	r.fit(e, &c)
	return c, nil
}

// persons fills in who has to do with the issue.
func (r *run) persons(ctx context.Context, c *backlog.ImportItem, i jira.Issue) (err error) {
	id := func(p jira.Person) (who es.PersonID) {
		if err == nil {
			who, err = r.people.id(ctx, p)
		}
		return who
	}
	if who := id(i.Assignee); who != "" {
		c.Assignees = []es.PersonID{who}
	}
	c.Facts.Reporter, c.Facts.Creator = id(i.Reporter), id(i.Creator)
	for _, w := range i.Watchers {
		if who := id(w); who != "" {
			c.Facts.Watchers = append(c.Facts.Watchers, who)
		}
	}
	slices.Sort(c.Facts.Watchers)
	c.Facts.Watchers = slices.Compact(c.Facts.Watchers)
	for _, a := range i.Attachments {
		c.Facts.Attachments = append(c.Facts.Attachments, backlog.Attachment{ID: a.ID, Name: a.Name, URL: a.URL, Size: a.Size,
			Author: id(a.Author), At: moment(a.At)})
	}
	for _, w := range i.Worklogs {
		c.Custom["Worklog"] = append(c.Custom["Worklog"],
			strings.TrimSpace(fmt.Sprintf("%s %d s %s %s", stamp(w.At), w.Seconds, id(w.Author), w.Text)))
	}
	return err
}

// extras keeps as custom fields what the plan has no field for.
func extras(to map[string][]string, e *entry, i jira.Issue) {
	seconds := func(name string, n int64) {
		if n != 0 {
			custom(to, name, strconv.FormatInt(n, 10))
		}
	}
	seconds("Original estimate (seconds)", i.Time.Original)
	seconds("Remaining estimate (seconds)", i.Time.Remaining)
	seconds("Time spent (seconds)", i.Time.Spent)
	if i.Time.SumOriginal != i.Time.Original {
		seconds("Σ original estimate (seconds)", i.Time.SumOriginal)
	}
	if i.Time.SumRemaining != i.Time.Remaining {
		seconds("Σ remaining estimate (seconds)", i.Time.SumRemaining)
	}
	if i.Time.SumSpent != i.Time.Spent {
		seconds("Σ time spent (seconds)", i.Time.SumSpent)
	}
	if !i.Start.IsZero() {
		custom(to, "Start date", string(day(i.Start)))
	}
	if !i.StatusCategoryChanged.IsZero() {
		custom(to, "Status category changed", stamp(i.StatusCategoryChanged))
	}
	if i.EpicName != "" && i.EpicName != i.Summary {
		custom(to, "Epic name", i.EpicName)
	}
	if i.Flagged {
		custom(to, "Flagged", "Impediment")
	}
	if i.WatchCount > len(i.Watchers) {
		custom(to, "Watchers", strconv.Itoa(i.WatchCount))
	}
	if i.ParentSummary != "" && e.parentKey == "" && e.parentID == "" {
		custom(to, "Parent summary", i.ParentSummary)
	}
}

// custom sets a custom field beside one of the same name that the export has.
func custom(to map[string][]string, name, value string) {
	if _, there := to[name]; there {
		name += " (Jira)"
	}
	to[name] = []string{value}
}

// fit shortens what is largest until the command is within what a commit holds.
func (r *run) fit(e *entry, c *backlog.ImportItem) {
	names := make([]string, 0, len(c.Custom))
	for name := range c.Custom {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names[min(len(names), 900):] {
		delete(c.Custom, name)
		r.note(e, "more than 900 custom fields have a value; this one was left out: %s", clip(name, 80))
	}
	for range 60 {
		if weigh(c) <= maxBody {
			return
		}
		largest, name := weigh(c.Description), ""
		for n, values := range c.Custom {
			if w := weigh(values); w > largest || w == largest && n < name {
				largest, name = w, n
			}
		}
		lists := []struct {
			what string
			n    int
			cut  func()
		}{
			{"attachments", weigh(c.Facts.Attachments), func() { c.Facts.Attachments = half(c.Facts.Attachments) }},
			{"watchers", weigh(c.Facts.Watchers), func() { c.Facts.Watchers = half(c.Facts.Watchers) }},
			{"labels", weigh(c.Labels), func() { c.Labels = half(c.Labels) }},
			{"components", weigh(c.Facts.Components), func() { c.Facts.Components = half(c.Facts.Components) }},
			{"fix versions", weigh(c.Facts.FixVersions), func() { c.Facts.FixVersions = half(c.Facts.FixVersions) }},
			{"affected versions", weigh(c.Facts.Affects), func() { c.Facts.Affects = half(c.Facts.Affects) }},
			{"sprints", weigh(c.Facts.Sprints), func() { c.Facts.Sprints = c.Facts.Sprints[(len(c.Facts.Sprints)+1)/2:] }},
		}
		what, cut := "", func() {}
		for _, l := range lists {
			if l.n > largest {
				largest, what, cut = l.n, l.what, l.cut
			}
		}
		switch {
		case what != "":
			cut()
			r.note(e, "it is larger than an item can be; the list was cut: %s", what)
		case name == "":
			c.Description = clip(c.Description, utf8.RuneCountInString(c.Description)*3/4)
			r.note(e, "it is larger than an item can be; the description was cut")
		default:
			c.Custom[name] = cutValues(c.Custom[name])
			r.note(e, "it is larger than an item can be; the custom field was cut: %s", clip(name, 80))
		}
	}
}

func half[T any](list []T) []T { return list[:len(list)/2] }

func cutValues(values []string) []string {
	if len(values) > 1 {
		return half(values)
	}
	return []string{clip(values[0], utf8.RuneCountInString(values[0])*3/4)}
}

// weigh is the size of v as it will be stored.
func weigh(v any) int {
	b, err := json.Marshal(v)
	if err != nil {
		return math.MaxInt
	}
	return len(b)
}

// clip shortens a text to at most n characters, the last of them "…".
func clip(s string, n int) string {
	if len(s) <= n || utf8.RuneCountInString(s) <= n {
		return s
	}
	for at := range s {
		if n--; n == 0 {
			return s[:at] + "…"
		}
	}
	return s
}

func short(list []string) []string {
	var out []string
	for _, s := range list {
		if s = clip(strings.TrimSpace(s), maxName); s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

func versions(list []jira.Version) []string {
	names := make([]string, len(list))
	for n, v := range list {
		names[n] = v.Name
	}
	return short(names)
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func day(t time.Time) backlog.Day {
	if t.IsZero() || t.Year() > 9999 || t.Year() < 0 {
		return ""
	}
	return backlog.Day(t.Format(time.DateOnly))
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
