package main

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"throughline.dev/pkg/command"
	"throughline.dev/pkg/es"
	"throughline.dev/services/feedback"
	"throughline.dev/services/gateway/identity"
)

// demoOrganisation fills an empty log with the demo organisation, through real
// commands, and leaves an administrator's token beside the data. What was cut
// off is completed; what is complete is left alone, whatever people made of it.
func (a *app) demoOrganisation(ctx context.Context) error {
	o, err := a.findDemo(ctx)
	if err != nil {
		return err
	}
	d := &demo{app: a, org: o, client: command.NewClient(a.nc), today: o.Created.UTC().Truncate(time.Second), ids: map[string]string{}}
	done, err := d.complete(ctx)
	if err != nil {
		return err
	}
	if !done {
		if err := d.seed(ctx); err != nil {
			return err
		}
	}
	return a.demoToken(ctx, o, d.person("ada"))
}

// errNotEmpty says why there is no demo: its people sign in without a secret,
// so it never comes beside an organisation that somebody works with.
var errNotEmpty = errors.New("--demo fills only an empty log, and here is another organisation; leave --demo out, or name another folder with --data")

// findDemo returns the demo organisation, made if there is no organisation at all.
func (a *app) findDemo(ctx context.Context) (identity.Organisation, error) {
	all := a.people.Organisations()
	for _, o := range all {
		if o.Demo {
			return o, nil
		}
	}
	if len(all) > 0 {
		return identity.Organisation{}, errNotEmpty
	}
	return a.people.CreateOrganisation(ctx, "Meridian Bank", true)
}

// demo is the seed at work. Every step is sent under a key made of what it
// says, so a seed that begins again repeats itself without doubling anything.
// For the same reason its days are counted from when the organisation was made.
type demo struct {
	app    *app
	org    identity.Organisation
	client *command.Client
	today  time.Time
	ids    map[string]string // of what was made, by kind and short name: "epic instant"; written in a row, read by all

	mu     sync.Mutex
	last   uint64 // position of the latest answer
	failed error  // the first; nothing is sent after it
}

// seed does all the steps; the last piece of feedback is the very last step.
func (d *demo) seed(ctx context.Context) error {
	for _, act := range []func(context.Context){
		d.people, d.strategy, d.scopedRoles, d.epics, d.teams, d.backlog, d.feedback, d.ideas, d.proposals, d.inbox,
	} {
		act(ctx)
		d.settle(ctx)
	}
	return d.failed
}

// complete tells whether the last step has been done, at the price of one read.
func (d *demo) complete(ctx context.Context) (bool, error) {
	stream, err := feedback.Feedbacks.Stream(d.org.ID, feedback.FeedbackOf(d.org.ID, lastFeedback))
	if err != nil {
		return false, err
	}
	commits, err := d.app.log.Load(ctx, stream, 0)
	return len(commits) > 0, err
}

// do sends one command of one person, dated so many days ago (0: now), and
// returns the id of its aggregate; "" once something has failed. It fails when the person
// may not decide it: see propose.
func (d *demo) do(ctx context.Context, who string, ago float64, name, id string, body any) string {
	answer, ok := d.send(ctx, who, ago, name, id, body)
	if ok && answer.Proposal != "" {
		d.fail(fmt.Errorf("%s %s by %s: became a proposal; its sender may not decide it", name, id, who))
	}
	return answer.ID
}

func (d *demo) send(ctx context.Context, who string, ago float64, name, id string, body any) (command.Answer, bool) {
	if d.stopped() {
		return command.Answer{}, false
	}
	data, err := json.Marshal(body)
	if err != nil {
		d.fail(fmt.Errorf("%s: %w", name, err))
		return command.Answer{}, false
	}
	m := es.Meta{Tenant: d.org.ID, Actor: d.who(who), Command: key(name, id, body)}
	if ago > 0 {
		m.Occurred = d.ago(ago)
	}
	answer, err := d.client.Send(ctx, name, command.Request{Meta: m, ID: id, Body: data})
	if err != nil {
		d.fail(fmt.Errorf("%s %s %s by %s: %w", name, id, data, who, err))
		return answer, false
	}
	d.mu.Lock()
	d.last = max(d.last, answer.Position)
	d.mu.Unlock()
	return answer, true
}

// key is the idempotency key of a step: the same for the same wish.
func key(name, id string, body any) string {
	data, _ := json.Marshal(body) // sent after it was written once
	hash := sha256.Sum256([]byte(name + "\n" + id + "\n" + string(data)))
	return "demo-" + base64.RawURLEncoding.EncodeToString(hash[:15])
}

func (d *demo) fail(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.failed == nil {
		d.failed = err
	}
}

func (d *demo) stopped() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.failed != nil
}

// ago is the moment so many days before the organisation was made; day the
// calendar day then.
func (d *demo) ago(days float64) time.Time {
	return d.today.Add(-time.Duration(days * float64(24*time.Hour)))
}

func (d *demo) day(ago float64) string { return d.ago(ago).Format(time.DateOnly) }

// id returns what was made under a short name; a name that is none is a
// mistake in the tables.
func (d *demo) id(kind, name string) string {
	id, ok := d.ids[kind+" "+name]
	if !ok {
		d.fail(fmt.Errorf("the demo has no %s %q", kind, name))
	}
	return id
}

// made remembers what a creating command made.
func (d *demo) made(kind, name, id string) string { d.ids[kind+" "+name] = id; return id }

// settle waits until everybody who decides has seen what was sent: the rights,
// and each context's look at its own and the others' aggregates.
func (d *demo) settle(ctx context.Context) {
	for _, c := range contexts() {
		if d.stopped() {
			return
		}
		if err := d.app.models.Wait(ctx, c.siblings.Name, d.last); err != nil {
			d.fail(err)
		}
	}
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for d.app.book.Position() < d.last {
		select {
		case <-ctx.Done():
			d.fail(ctx.Err())
			return
		case <-tick.C:
		}
	}
}

// state is an aggregate as it is now.
func state[S any](ctx context.Context, d *demo, a *es.Aggregate[S], id string) (s S) {
	return until(ctx, d, a, id, func(S) bool { return true })
}

// until waits for what a policy makes of an aggregate. What a policy was at when
// the process was killed comes again after half a minute.
func until[S any](ctx context.Context, d *demo, a *es.Aggregate[S], id string, ok func(S) bool) (s S) {
	if d.stopped() {
		return s
	}
	stream, err := a.Stream(d.org.ID, es.ID[S](id))
	if err != nil {
		d.fail(err)
		return s
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	commits, err := d.app.log.Load(ctx, stream, 0)
	if err == nil {
		s, err = a.Fold(s, commits)
	}
	if err == nil && !ok(s) {
		var after uint64
		if n := len(commits); n > 0 {
			after = commits[n-1].Position
		}
		found := errors.New("found")
		err = d.app.log.Follow(ctx, after, func(batch []es.Commit) error {
			for _, c := range batch {
				if c.Stream != stream {
					continue
				}
				var err error
				if s, err = a.Fold(s, []es.Commit{c}); err != nil {
					return err
				}
				if ok(s) {
					return found
				}
			}
			return nil
		})
		if errors.Is(err, found) {
			err = nil
		}
	}
	if err != nil {
		d.fail(fmt.Errorf("wait for %s %s, which is %+v: %w", a.Name, id, s, err))
	}
	return s
}

// demoToken makes an administrator's token that scripts find in a file.
func (a *app) demoToken(ctx context.Context, o identity.Organisation, admin identity.Person) error {
	file := a.tokenFile()
	if b, err := os.ReadFile(file); err == nil {
		if _, err := a.people.Authenticate(string(b), time.Now()); err == nil {
			return nil
		}
	}
	secret, _, err := a.people.IssueToken(ctx, o.ID, admin.ID, "demo", identity.Admin, identity.MaxTokenLife)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return fmt.Errorf("write the demo token: %w", err)
	}
	if err := os.WriteFile(file, []byte(secret), 0o600); err != nil {
		return fmt.Errorf("write the demo token: %w", err)
	}
	return os.Chmod(file, 0o600)
}
