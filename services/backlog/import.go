package backlog

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
)

// Origin is where something imported comes from. System and key name it.
type Origin struct {
	System  string `json:"system" minLength:"1" maxLength:"300" example:"jira" doc:"The system, and where there are several of a kind which one."`
	Key     string `json:"key" minLength:"1" maxLength:"300" example:"PAY-1"`
	ID      string `json:"id,omitempty" maxLength:"300" doc:"Its number there, if that is not its key."`
	URL     string `json:"url,omitempty" maxLength:"2048"`
	Type    string `json:"type,omitempty" maxLength:"300" doc:"What it is called there."`
	Project string `json:"project,omitempty" maxLength:"300"`
}

func (o Origin) check() error {
	return first(checkText("source.system", o.System, 1, maxTitle), checkText("source.key", o.Key, 1, maxTitle),
		checkText("source.id", o.ID, 0, maxTitle), checkText("source.url", o.URL, 0, 2048),
		checkText("source.type", o.Type, 0, maxTitle), checkText("source.project", o.Project, 0, maxTitle))
}

// ImportedItem is the id of the item that a source's item becomes.
func ImportedItem(t es.Tenant, system, key string) ItemID {
	return es.DeriveID[Item](t.String(), "item", system, key)
}

// ImportedIteration is the id of the iteration that a source's sprint becomes.
func ImportedIteration(t es.Tenant, system, key string) IterationID {
	return es.DeriveID[Iteration](t.String(), "imported-iteration", system, key)
}

// SourceFacts are what the source says and nothing here decides on.
type SourceFacts struct {
	Status      string        `json:"status,omitempty" doc:"The state as the source calls it."`
	Resolution  string        `json:"resolution,omitempty"`
	Priority    string        `json:"priority,omitempty"`
	Reporter    es.PersonID   `json:"reporter,omitempty"`
	Creator     es.PersonID   `json:"creator,omitempty"`
	Watchers    []es.PersonID `json:"watchers,omitempty"`
	Components  []string      `json:"components,omitempty"`
	FixVersions []string      `json:"fixVersions,omitempty"`
	Affects     []string      `json:"affectsVersions,omitempty"`
	Sprints     []Sprint      `json:"sprints,omitempty" doc:"All it was in; the last one is the current one."`
	Created     *time.Time    `json:"created,omitempty"`
	Updated     *time.Time    `json:"updated,omitempty"`
	Resolved    *time.Time    `json:"resolved,omitempty"`
	Due         Day           `json:"due,omitempty"`
	Rank        string        `json:"rank,omitempty"`
	Votes       int           `json:"votes,omitempty"`
	Attachments []Attachment  `json:"attachments,omitempty"`
}

// Sprint is a sprint as the source tells it with an item.
type Sprint struct {
	ID        string     `json:"id,omitempty"`
	Name      string     `json:"name"`
	State     string     `json:"state,omitempty"`
	Start     *time.Time `json:"start,omitempty"`
	End       *time.Time `json:"end,omitempty"`
	Completed *time.Time `json:"completed,omitempty"`
}

// Attachment is a file that stays in the source.
type Attachment struct {
	ID     string      `json:"id,omitempty"`
	Name   string      `json:"name"`
	URL    string      `json:"url,omitempty"`
	Size   int64       `json:"size,omitempty"` // bytes
	Author es.PersonID `json:"author,omitempty"`
	At     *time.Time  `json:"at,omitempty"`
}

// Imported is what was last seen of an item in its source: by field, a hash.
// A field that changed there since then is taken over, one that changed only
// here is left alone.
type Imported struct {
	Origin
	Facts      SourceFacts       `json:"facts"`
	Hashes     map[string]string `json:"hashes,omitempty"`
	Parent     *Parent           `json:"parent,omitempty"`
	Links      []Link            `json:"links,omitempty"`
	Iterations []IterationID     `json:"iterations,omitempty"`
	Current    IterationID       `json:"current,omitempty"`
	Comments   map[string]string `json:"comments,omitempty"` // hash by the source's id
	Changes    map[string]bool   `json:"changes,omitempty"`  // hashes of the history's entries
}

// field is one value of an imported thing.
type field struct {
	name  string
	value any
}

// hashes returns the fields' hashes; what is empty has none.
func hashes(fields []field) map[string]string {
	h := map[string]string{}
	for _, f := range fields {
		b, err := json.Marshal(f.value)
		if err != nil {
			b = []byte(fmt.Sprint(f.value))
		}
		switch string(b) {
		case `""`, "null", "0", "[]", "{}", "false":
		default:
			h[f.name] = hash(string(b))
		}
	}
	return h
}

func hash(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:8])
}

// inUTC makes a moment one text, whatever zone it was told in.
func inUTC(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// moved returns the names of what differs between two imports, in order.
func moved(old, now map[string]string) []string {
	var names []string
	for n, h := range now {
		if old[n] != h {
			names = append(names, n)
		}
	}
	for n := range old {
		if _, there := now[n]; !there {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	return names
}

// custom is the prefix of the names of custom fields among the hashes.
const customPrefix = "custom."

func (c ImportItem) fields() []field {
	f := c.Facts
	list := []field{
		{"kind", c.Kind}, {"title", c.Title}, {"description", c.Description}, {"state", c.State}, {"points", c.Points},
		{"assignees", c.Assignees}, {"labels", c.Labels}, {"team", c.Team}, {"product", c.Product}, {"art", c.ART},
		{"status", f.Status}, {"resolution", f.Resolution}, {"priority", f.Priority}, {"reporter", f.Reporter}, {"creator", f.Creator},
		{"watchers", f.Watchers}, {"components", f.Components}, {"fixVersions", f.FixVersions}, {"affectsVersions", f.Affects},
		{"sprints", f.Sprints}, {"created", inUTC(f.Created)}, {"resolved", inUTC(f.Resolved)}, {"due", f.Due}, {"rank", f.Rank}, {"votes", f.Votes},
		{"attachments", f.Attachments}, {"source", c.Source},
	}
	for name, values := range c.Custom {
		list = append(list, field{customPrefix + name, values})
	}
	return list
}

func (c ImportItem) check() error {
	if err := first(c.Source.check(), checkText("title", c.Title, 1, maxTitle), checkText("description", c.Description, 0, maxImported)); err != nil {
		return err
	}
	switch {
	case !slices.Contains(kinds, c.Kind):
		return fail.Invalid("kind", "one of %s", words(kinds))
	case c.State != Cancelled && FlowOf(c.Kind, false).index(c.State) < 0:
		return fail.Invalid("state", "the states of a %s are %s and cancelled, not %q", c.Kind, words(FlowOf(c.Kind, false).states()), string(c.State))
	case c.Points != nil && (!(*c.Points >= 0) || math.IsInf(*c.Points, 1)):
		return fail.Invalid("points", "a number, 0 or more")
	case c.Facts.Votes < 0:
		return fail.Invalid("facts.votes", "0 or more")
	case len(c.Custom) > 1000:
		return fail.Invalid("custom", "at most 1000 fields")
	case slices.Contains(c.Assignees, ""):
		return fail.Invalid("assignees", "every entry is the id of a person")
	}
	if c.Facts.Due != "" {
		return c.Facts.Due.check("facts.due")
	}
	return nil
}

// ErrImportOlder is an import that would turn back an item's clock.
var ErrImportOlder = fail.Refused("import-older", "a newer version of this item was imported before; export it from its source again")

// ErrNotImported is a second pass over an item that no first pass brought.
var ErrNotImported = fail.Refused("item-not-imported", "this item was not imported; import the item first")

// size of a batch as it will be stored; it is refused before anything in it is
// looked at.
func checkBatch(fieldName string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fail.Invalid(fieldName, "this cannot be written as JSON: %v", err)
	}
	if len(b) > maxBatch {
		return fail.Invalid(fieldName, "a batch is at most %d bytes of JSON; this is %d: send it in parts", maxBatch, len(b))
	}
	return nil
}
