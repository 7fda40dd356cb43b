// Package importer takes the issues of a Jira export into the plan: epics
// become features, stories, tasks and bugs become stories and bugs under them,
// and each Jira project becomes one portfolio epic, so that the portfolio
// Kanban rolls all of it up. It reads the export once and keeps of each issue
// only its key and what it refers to; parents, links and sprints are resolved
// when all issues are there. Running the same export again changes nothing,
// and finishes an import that was cut off.
package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"throughline.dev/pkg/command"
	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
	"throughline.dev/pkg/view"
	"throughline.dev/services/backlog"
	"throughline.dev/services/gateway/identity"
	"throughline.dev/services/gateway/jira"
	"throughline.dev/services/portfolio"
)

// Options says where an export goes and in whose name.
type Options struct {
	Client *command.Client
	People *identity.Directory
	Models *view.Models
	Log    es.Log
	Tenant es.Tenant
	Actor  es.PersonID

	System    string // jira when empty
	Instance  string // which Jira, where an organisation has several
	Portfolio string // id; empty: the organisation's first, made if there is none
	Epic      string // key or id of the epic that everything hangs under; empty: one for each project
	DryRun    bool   // decide on the items as they are in the log, send nothing

	progress time.Duration // between two reports of progress; tests shorten it
}

// Issues is where an export's issues come from: one file or several.
type Issues interface {
	// Next returns an issue, io.EOF, a *jira.RowError for a row that cannot be
	// read, or what ended the reading.
	Next() (jira.Issue, error)
	Unmapped() []jira.Column
	Notes() []string
}

// Progress is how far an import is.
type Progress struct {
	Rows      int64  `json:"rows"`
	Created   int64  `json:"created"`
	Updated   int64  `json:"updated"`
	Unchanged int64  `json:"unchanged"`
	Refused   int64  `json:"refused"`
	Phase     string `json:"phase"`  // items, then links
	Linked    int64  `json:"linked"` // rows whose parent, links and sprints are settled
}

// Phases of an import.
const (
	phaseItems = "items"
	phaseLinks = "links"
)

// maxRefused ends an import whose rows are refused one after the other.
const maxRefused = 100_000

// ErrTooManyRefused is an export that is something else.
var ErrTooManyRefused = fail.Refused("import-too-many-refused", "100,000 rows were refused, so the import stopped; is this the right file?")

// run is one import.
type run struct {
	Options
	id      string // of the import: the correlation and causation of all its commits
	source  string // the system, with its instance
	began   time.Time
	base    view.Reader // the plan as it was when the import began
	people  *people
	target  target
	items   *es.Repository[backlog.Item] // of a dry run
	report  *reporter
	stopped atomic.Uint64 // the last position that a command answered with
	sent    atomic.Int64  // commands
	broken  atomic.Int64  // commands on which their service failed

	// Filled by the reading goroutine only.
	entries  map[string]*entry // by key; of several rows with one key the newest
	numbers  map[string]*entry // by Jira's own number
	rows     []*entry
	sprints  map[string]*sprint
	projects map[string]*project
	words    map[string]string
	outside  *outside
	later    *later

	phase                                             atomic.Value
	read, created, updated, unchanged, refused, links atomic.Int64
}

// Run imports what source yields. The report tells what became of every row;
// with an error it tells of those before it. A row that cannot be taken does
// not end the import; a service that does not answer, and ctx, do.
func Run(ctx context.Context, o Options, source Issues, progress func(Progress)) (Report, error) {
	if o.System == "" {
		o.System = "jira"
	}
	if o.progress == 0 {
		o.progress = 500 * time.Millisecond
	}
	r := &run{Options: o, id: es.NewID[run]().String(), source: o.System, began: time.Now(),
		entries: map[string]*entry{}, numbers: map[string]*entry{}, sprints: map[string]*sprint{}, projects: map[string]*project{},
		words: map[string]string{}, later: newLater(), report: &reporter{}}
	if o.Instance != "" {
		r.source += ":" + o.Instance
	}
	r.phase.Store(phaseItems)
	if err := r.prepare(ctx); err != nil {
		return Report{}, err
	}
	stop := r.tell(progress)
	err := r.all(ctx, source)
	stop()
	report := r.summary(source)
	if err != nil {
		return report, err
	}
	return report, ctx.Err()
}

// prepare looks at the plan once everything before the import is in it, and
// refuses a target that is not there before anything is read.
func (r *run) prepare(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	head, err := r.Log.Head(ctx)
	if err != nil {
		return fmt.Errorf("prepare the import: %w", err)
	}
	if err := r.Models.Wait(ctx, portfolio.PlanName, head.Last); err != nil {
		return fmt.Errorf("prepare the import: %w", err)
	}
	if r.base, err = r.Models.Live(ctx, r.Tenant, portfolio.PlanName); err != nil {
		return fmt.Errorf("prepare the import: %w", err)
	}
	r.items = es.NewRepository(backlog.Items, r.Log, 4*inFlight)
	r.people = newPeople(r.People, r.Tenant, r.source, r.DryRun)
	r.outside = newOutside(r)
	r.target, err = r.findTarget(ctx)
	return err
}

// all is the import: every issue, then what they refer to.
func (r *run) all(ctx context.Context, source Issues) error {
	if err := r.firstPass(ctx, source); err != nil {
		return err
	}
	r.phase.Store(phaseLinks)
	return r.secondPass(ctx)
}

// firstPass creates and updates the items. Sub-tasks whose parent has not been
// seen yet wait, packed, until the whole export is known: what they become
// depends on it.
func (r *run) firstPass(ctx context.Context, source Issues) error {
	l := openLanes(ctx)
	err := r.readAll(source, func(e *entry, i jira.Issue) error {
		if e.sub && r.parentSeen(e) == nil && (e.parentKey != "" || e.parentID != "") {
			return r.later.add(i)
		}
		e.settle(r.parentSeen(e))
		return l.do(e.key, size(i), func(ctx context.Context) error { return r.take(ctx, e, i) })
	})
	if err == nil {
		err = r.later.each(func(i jira.Issue) error {
			e := r.rows[i.Row-1]
			above, err := r.aboveSub(ctx, e)
			if err != nil {
				return err
			}
			e.settle(above)
			return l.do(e.key, size(i), func(ctx context.Context) error { return r.take(ctx, e, i) })
		})
	}
	if waited := l.wait(err); waited != nil {
		return waited
	}
	return ctx.Err()
}

// readAll calls visit with every issue and its entry. From here on an issue's
// row is its number in the whole import, which is its place in r.rows.
func (r *run) readAll(source Issues, visit func(*entry, jira.Issue) error) error {
	for {
		i, err := source.Next()
		var bad *jira.RowError
		switch {
		case err == io.EOF:
			return nil
		case errors.As(err, &bad):
			r.rows = append(r.rows, &entry{row: bad.Row, key: bad.Key, file: fileOf(source), outcome: refused})
			r.read.Add(1)
			if err := r.refuse(r.rows[len(r.rows)-1], bad.Reason); err != nil {
				return err
			}
			continue
		case err != nil:
			return err
		}
		e := r.enter(i, fileOf(source))
		i.Row = len(r.rows)
		r.read.Add(1)
		if err := visit(e, i); err != nil {
			return err
		}
	}
}

// fileOf is the file that the last issue came from, where there are several.
func fileOf(source Issues) string {
	if f, ok := source.(interface{ File() string }); ok {
		return f.File()
	}
	return ""
}

// refuse writes down why a row was not taken.
func (r *run) refuse(e *entry, reason string) error {
	e.outcome = refused
	r.report.refuse(e, reason)
	if r.refused.Add(1) >= maxRefused {
		return ErrTooManyRefused
	}
	return nil
}

// note writes down what of a row was not taken whole.
func (r *run) note(e *entry, format string, args ...any) {
	r.report.note(e, fmt.Sprintf(format, args...))
}

// tell reports progress until stop is called.
func (r *run) tell(progress func(Progress)) (stop func()) {
	if progress == nil {
		return func() {}
	}
	now := func() Progress {
		return Progress{Rows: r.read.Load(), Created: r.created.Load(), Updated: r.updated.Load(), Unchanged: r.unchanged.Load(),
			Refused: r.refused.Load(), Phase: r.phase.Load().(string), Linked: r.links.Load()}
	}
	end := make(chan struct{})
	var done sync.WaitGroup
	done.Go(func() {
		t := time.NewTicker(r.progress)
		defer t.Stop()
		for {
			select {
			case <-end:
				return
			case <-t.C:
				progress(now())
			}
		}
	})
	return func() { close(end); done.Wait(); progress(now()) }
}

// same returns one copy of a text that many rows have, so that they do not
// keep the record that they came in.
func (r *run) same(s string) string {
	if s == "" {
		return ""
	}
	if one, ok := r.words[s]; ok {
		return one
	}
	if len(r.words) > 10_000 {
		return strings.Clone(s)
	}
	one := strings.Clone(s)
	r.words[one] = one
	return one
}
