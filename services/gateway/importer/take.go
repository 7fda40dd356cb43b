package importer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"throughline.dev/services/backlog"
	"throughline.dev/services/gateway/jira"
	"throughline.dev/services/portfolio"
)

// maxBatch is how many bytes of comments or changes go in one command; the
// command takes 128 KiB.
const maxBatch = 96 << 10

// take brings one issue: the item, its comments, its history.
func (r *run) take(ctx context.Context, e *entry, i jira.Issue) error {
	for _, n := range i.Notes {
		r.note(e, "%s", n)
	}
	_, existed, err := portfolio.Items.Find(ctx, r.base, r.idOf(e.key).String())
	if err != nil {
		return failed("look up", e.key, err)
	}
	e.existed = existed || e.item.yes
	occurred := i.Created
	if e.existed && !i.Updated.IsZero() {
		occurred = i.Updated
	}
	c, err := r.item(ctx, e, i)
	if err != nil {
		return failed("read", e.key, err)
	}
	e.changed, err = r.change(ctx, importItem, e, c, occurred)
	if reason, ours := reasonOf(err); ours {
		return r.refuse(e, reason)
	} else if err != nil {
		return failed("import", e.key, err)
	}
	e.outcome, e.item.yes = taken, true
	if err := r.comments(ctx, e, i); err != nil {
		return err
	}
	if err := r.history(ctx, e, i); err != nil {
		return err
	}
	r.count(e).Add(1)
	return nil
}

// comments brings what was said, in batches.
func (r *run) comments(ctx context.Context, e *entry, i jira.Issue) error {
	var batch []backlog.ImportedComment
	bytes, ids := 0, map[string]int{}
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		err := r.more(ctx, importComments, e, backlog.ImportComments{Comments: batch})
		batch, bytes = nil, 0
		return err
	}
	for _, j := range i.Comments {
		who, err := r.people.id(ctx, j.Author)
		if err != nil {
			return failed("read", e.key, err)
		}
		c := backlog.ImportedComment{ID: j.ID, Author: who, At: j.At.UTC(), Text: j.Text}
		if j.At.IsZero() {
			c.At = e.when().UTC()
			r.note(e, "a comment has no date; it got the issue's")
		}
		if c.At.IsZero() {
			c.At = r.began.UTC().Truncate(24 * time.Hour)
		}
		if c.ID == "" { // a CSV does not name them; when and who does
			c.ID = "at " + stamp(j.At) + " by " + who.String()
			if j.At.IsZero() {
				c.ID = "text " + digest(c.Text)
			}
			if ids[c.ID]++; ids[c.ID] > 1 {
				c.ID = fmt.Sprintf("%s, %d", c.ID, ids[c.ID])
			}
		}
		for weigh(c) > maxBatch {
			c.Text = clip(c.Text, utf8.RuneCountInString(c.Text)*3/4)
			if !strings.HasSuffix(c.Text, "…") {
				break
			}
			if weigh(c) <= maxBatch {
				r.note(e, "a comment is too long and was cut")
			}
		}
		if w := weigh(c); bytes+w > maxBatch {
			if err := flush(); err != nil {
				return err
			}
		}
		batch = append(batch, c)
		bytes += weigh(c) + 1
	}
	return flush()
}

// maxValue is how many characters of a value in the history are kept.
const maxValue = 8000

// history brings what changed in the source, in batches.
func (r *run) history(ctx context.Context, e *entry, i jira.Issue) error {
	var batch []backlog.Change
	bytes := 0
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		err := r.more(ctx, importHistory, e, backlog.ImportHistory{Changes: batch})
		batch, bytes = nil, 0
		return err
	}
	for _, j := range i.History {
		if j.At.IsZero() || strings.TrimSpace(j.Field) == "" {
			r.note(e, "an entry of the history has no date or no field; it was left out")
			continue
		}
		who, err := r.people.id(ctx, j.Author)
		if err != nil {
			return failed("read", e.key, err)
		}
		c := backlog.Change{At: j.At.UTC(), Author: who, Field: clip(j.Field, maxName), From: clip(j.From, maxValue), To: clip(j.To, maxValue)}
		if c.From != j.From || c.To != j.To {
			r.note(e, "a value in the history is longer than %d characters and was cut", maxValue)
		}
		w := weigh(c) + 1
		if bytes+w > maxBatch {
			if err := flush(); err != nil {
				return err
			}
		}
		batch = append(batch, c)
		bytes += w
	}
	return flush()
}

// more sends a command after the item's own; what is refused of it is a note.
func (r *run) more(ctx context.Context, name string, e *entry, c itemCommand) error {
	changed, err := r.change(ctx, name, e, c, e.when())
	if reason, ours := reasonOf(err); ours {
		r.note(e, "not taken whole: %s", reason)
		return nil
	} else if err != nil {
		return failed("import", e.key, err)
	}
	e.changed = e.changed || changed
	return nil
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:8])
}
