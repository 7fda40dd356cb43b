package importer

import (
	"context"
	"errors"
	"slices"
	"strings"

	"throughline.dev/pkg/es"
	"throughline.dev/services/backlog"
	"throughline.dev/services/gateway/jira"
)

type itemCommand = es.Command[backlog.Item]

// parent is what a row hangs under: another row, an item that was imported
// before, or, with neither, what its project has for those without a parent.
type parent struct {
	row  *entry
	item backlog.ItemID
}

// secondPass settles parents, sprints and links.
func (r *run) secondPass(ctx context.Context) error {
	var rows []*entry
	for _, e := range r.rows {
		if e.outcome == taken && !e.older {
			rows = append(rows, e)
		}
	}
	for _, e := range rows {
		if err := r.findParent(ctx, e); err != nil {
			return err
		}
	}
	r.cutCycles(rows)
	if err := r.placeProjects(ctx, rows); err != nil {
		return err
	}
	if err := r.placeSprints(ctx); err != nil {
		return err
	}
	// From the top down, so that nothing is ever below itself, not even when a
	// parent and a child change places.
	for _, level := range levels(rows) {
		l := openLanes(ctx)
		var err error
		for _, e := range level {
			var c backlog.ImportLinks
			if c, err = r.linksOf(ctx, e); err != nil {
				break
			}
			if err = l.do(e.key, 0, func(ctx context.Context) error { return r.link(ctx, e, c) }); err != nil {
				break
			}
		}
		if err := l.wait(err); err != nil {
			return err
		}
	}
	return nil
}

// findParent takes the first parent that is there: the one that Jira calls so,
// else the epic.
func (r *run) findParent(ctx context.Context, e *entry) error {
	var missing []string
	for _, p := range []struct{ key, number string }{{key: e.parentKey}, {number: e.parentID}, {key: e.epicKey}} {
		if p.key == "" && p.number == "" {
			continue
		}
		row, key := r.entries[p.key], p.key
		if p.number != "" {
			if row = r.numbers[p.number]; row == nil {
				var err error
				if key, err = r.outside.key(ctx, p.number); err != nil {
					return err
				}
			}
		}
		switch {
		case row == e, row != nil && row.key == e.key, key == e.key:
			r.note(e, "it is its own parent in Jira; left out")
			continue
		case row != nil && row.here():
			e.above = parent{row: row, item: r.idOf(row.key)}
		case row == nil:
			have, err := r.outside.item(ctx, key)
			if err != nil {
				return err
			}
			if have != nil {
				e.above = parent{item: r.idOf(key)}
			}
		}
		if e.above != (parent{}) {
			break
		}
		if name := p.key + p.number; !slices.Contains(missing, name) {
			missing = append(missing, name)
		}
	}
	found := e.above != (parent{})
	switch {
	case e.sub && e.kind == backlog.Story && found:
		r.note(e, "a sub-task of something that is neither a story nor a bug became a story")
	case e.sub && e.kind == backlog.Story && len(missing) == 0:
		r.note(e, "a sub-task without a parent became a story")
	case e.sub && e.kind == backlog.Story:
		r.note(e, "a sub-task whose parent is not in the export became a story: %s", strings.Join(missing, ", "))
	case !found && len(missing) > 0:
		r.note(e, "its parent is not in the export: %s", strings.Join(missing, ", "))
	}
	return nil
}

// cutCycles leaves those without a parent who are above themselves.
func (r *run) cutCycles(rows []*entry) {
	var cycles []*entry
	for n, e := range rows {
		up := e
		for up != nil && up.walk == 0 {
			up.walk = n + 1
			up = up.above.row
		}
		if up == nil || up.walk != n+1 {
			continue // it ends at the top, or in what an earlier walk has seen
		}
		for at := up; ; {
			cycles = append(cycles, at)
			if at = at.above.row; at == up {
				break
			}
		}
	}
	names := make([]string, len(cycles))
	for n, e := range cycles {
		names[n] = e.above.row.key
	}
	for n, e := range cycles {
		r.note(e, "it is above its own parent in Jira; left without one: %s", names[n])
		e.above = parent{}
	}
}

// levels are the rows by how many rows of the export are above them.
func levels(rows []*entry) [][]*entry {
	var out [][]*entry
	for _, e := range rows {
		var path []*entry
		up := e
		for up != nil && up.level == 0 {
			path = append(path, up)
			up = up.above.row
		}
		n := 0
		if up != nil {
			n = up.level
		}
		for _, one := range slices.Backward(path) {
			n++
			one.level = n
		}
		for len(out) < e.level {
			out = append(out, nil)
		}
		out[e.level-1] = append(out[e.level-1], e)
	}
	return out
}

// link sends what a row refers to. A parent that the plan refuses is replaced
// by the project's own.
func (r *run) link(ctx context.Context, e *entry, c backlog.ImportLinks) error {
	defer r.links.Add(1)
	if r.DryRun {
		c.Above, c.Self = backlog.ParentFact{Found: true}, r.idOf(e.key)
	}
	changed, err := r.change(ctx, importLinks, e, c, e.when())
	if errors.Is(err, backlog.ErrParentCycle) || errors.Is(err, backlog.ErrParentUnknown) {
		r.note(e, "the parent of the export was not taken: %v", err)
		c.Parent = e.project.above(e.kind)
		changed, err = r.change(ctx, importLinks, e, c, e.when())
	}
	if reason, ours := reasonOf(err); ours {
		r.note(e, "parent, links and sprints were not taken: %s", reason)
		return nil
	} else if err != nil {
		return failed("link", e.key, err)
	}
	if changed && !e.changed {
		from := r.count(e)
		e.changed = true
		if to := r.count(e); to != from {
			from.Add(-1)
			to.Add(1)
		}
	}
	return nil
}

// linksOf is the second command of a row.
func (r *run) linksOf(ctx context.Context, e *entry) (backlog.ImportLinks, error) {
	var c backlog.ImportLinks
	if e.above.item != "" {
		c.Parent = &backlog.Parent{Item: e.above.item}
	} else {
		c.Parent = e.project.above(e.kind)
	}
	for n, s := range e.sprints {
		if !slices.Contains(c.Iterations, s.id) {
			c.Iterations = append(c.Iterations, s.id)
		}
		if n == len(e.sprints)-1 && (e.done || s.State != "closed") {
			c.Current = s.id
		}
	}
	if len(c.Iterations) > maxLinks {
		c.Iterations = c.Iterations[len(c.Iterations)-maxLinks:]
		r.note(e, "it was in more than %d sprints; the last ones were taken", maxLinks)
	}
	for _, l := range e.links {
		one, ok, err := r.linkOf(ctx, e, l)
		if err != nil {
			return c, err
		}
		if ok {
			c.Links = append(c.Links, one)
		}
	}
	if len(c.Links) > maxLinks {
		c.Links = c.Links[:maxLinks]
		r.note(e, "it has more than %d links; the first ones were taken", maxLinks)
	}
	return c, nil
}

const maxLinks = 1000

// linkOf is a link as the plan keeps it: at one end, which is the one that
// Jira calls outward wherever that is in the plan.
func (r *run) linkOf(ctx context.Context, e *entry, l jira.Link) (link backlog.Link, ok bool, err error) {
	if l.Key == e.key {
		r.note(e, "it is linked to itself in Jira; left out")
		return link, false, nil
	}
	inward := l.Direction == jira.Inward
	link = backlog.Link{Kind: linkKind(l.Type), Source: clip(strings.TrimSpace(l.Type), maxName)}
	if l.Phrase != "" {
		link.Source = clip(l.Phrase, maxName)
	}
	other := r.entries[l.Key]
	if other != nil && other.here() {
		link.To = r.idOf(l.Key)
		if inward && other.says(l.Type, e.key) {
			return link, false, nil
		}
	} else {
		have, err := r.outside.item(ctx, l.Key)
		if err != nil {
			return link, false, err
		}
		if have != nil {
			link.To = r.idOf(l.Key)
			there := backlog.Link{Kind: link.Kind, To: r.idOf(e.key)}
			if inward && have.Imported != nil && slices.ContainsFunc(have.Imported.Links, func(o backlog.Link) bool {
				return o.Kind == there.Kind && o.To == there.To
			}) {
				return link, false, nil
			}
		} else {
			link.External = clip(l.Key, 2048)
		}
	}
	if !inward {
		return link, true, nil
	}
	switch {
	case link.Kind == backlog.Blocks:
		link.Kind = backlog.Depends
	case link.Kind == backlog.Depends:
		link.Kind = backlog.Blocks
	case link.To != "" && link.Kind != backlog.Relates:
		link.Kind = backlog.Relates // the other end is the one that duplicates; Source says so
	case link.Kind != backlog.Relates:
		link.Inward = true
	}
	return link, true, nil
}

// says tells whether an issue has an outward link of a type to another one.
func (e *entry) says(kind, key string) bool {
	return slices.ContainsFunc(e.links, func(l jira.Link) bool {
		return l.Direction == jira.Outward && l.Type == kind && l.Key == key
	})
}

// linkKind says what a type of link means here; a type of the site's own
// relates, and its name is kept.
func linkKind(kind string) backlog.LinkKind {
	k := strings.ToLower(kind)
	switch {
	case strings.Contains(k, "block"), strings.Contains(k, "bloque"):
		return backlog.Blocks
	case strings.Contains(k, "depend"):
		return backlog.Depends
	case strings.Contains(k, "duplic"), strings.Contains(k, "dupli"):
		return backlog.Duplicates
	case strings.Contains(k, "clon"):
		return backlog.Clones
	}
	return backlog.Relates
}
