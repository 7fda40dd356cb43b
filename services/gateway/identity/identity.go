// Package identity knows organisations, people, API tokens and sessions. They
// lie in a JetStream key-value bucket and not in the log: what is known about
// a person must be erasable, and a token must be revocable at once. Each
// process keeps the whole bucket in memory and follows its changes.
package identity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
)

// Bucket is the name of the key-value bucket.
const Bucket = "IDENTITY"

// Organisation is a tenant.
type Organisation struct {
	ID      es.Tenant `json:"id"`
	Name    string    `json:"name"`
	Demo    bool      `json:"demo,omitempty"` // its people may sign in without a secret, on loopback
	Created time.Time `json:"created"`
}

// Person is somebody in an organisation. An imported person was met in an
// import and cannot sign in.
type Person struct {
	ID       es.PersonID `json:"id"`
	Tenant   es.Tenant   `json:"tenant"`
	Name     string      `json:"name"`
	Email    string      `json:"email,omitempty"`
	Title    string      `json:"title,omitempty"`
	Admin    bool        `json:"admin,omitempty"`
	Imported bool        `json:"imported,omitempty"`
	Source   string      `json:"source,omitempty"`   // the system an imported person comes from
	External string      `json:"external,omitempty"` // their key there
}

// Directory is the bucket in memory.
type Directory struct {
	kv  jetstream.KeyValue
	log *slog.Logger

	mu       sync.RWMutex
	orgs     map[es.Tenant]Organisation
	people   map[es.Tenant]map[es.PersonID]Person
	tokens   map[string]Token
	sessions map[string]Session
}

// Open makes the bucket if it is not there and reads it whole.
func Open(ctx context.Context, js jetstream.JetStream, replicas int, log *slog.Logger) (*Directory, error) {
	kv, err := js.CreateOrUpdateKeyValue(ctx, jetstream.KeyValueConfig{Bucket: Bucket, Description: "organisations, people, tokens, sessions",
		History: 1, Storage: jetstream.FileStorage, Replicas: max(replicas, 1)})
	if err != nil {
		return nil, fmt.Errorf("open bucket %s: %w", Bucket, err)
	}
	d := &Directory{kv: kv, log: log, orgs: map[es.Tenant]Organisation{}, people: map[es.Tenant]map[es.PersonID]Person{},
		tokens: map[string]Token{}, sessions: map[string]Session{}}
	w, err := kv.WatchAll(ctx)
	if err != nil {
		return nil, fmt.Errorf("watch bucket %s: %w", Bucket, err)
	}
	for {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case entry, ok := <-w.Updates():
			if !ok {
				return nil, fmt.Errorf("watch bucket %s: the connection closed", Bucket)
			}
			if entry == nil { // everything that was there has been read
				go d.follow(w)
				return d, nil
			}
			if err := d.apply(entry); err != nil {
				return nil, err
			}
		}
	}
}

func (d *Directory) follow(w jetstream.KeyWatcher) {
	for entry := range w.Updates() {
		if entry == nil {
			continue
		}
		if err := d.apply(entry); err != nil {
			d.log.Error("identity entry", "key", entry.Key(), "error", err)
		}
	}
}

func (d *Directory) apply(entry jetstream.KeyValueEntry) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	kind, rest, _ := strings.Cut(entry.Key(), ".")
	if entry.Operation() != jetstream.KeyValuePut {
		switch kind {
		case "token":
			delete(d.tokens, rest)
		case "session":
			delete(d.sessions, rest)
		case "person":
			tenant, id, _ := strings.Cut(rest, ".")
			if t, err := es.ParseTenant(tenant); err == nil {
				delete(d.people[t], es.PersonID(id))
			}
		}
		return nil
	}
	var err error
	switch kind {
	case "org":
		var o Organisation
		if err = json.Unmarshal(entry.Value(), &o); err == nil {
			d.orgs[o.ID] = o
		}
	case "person":
		var p Person
		if err = json.Unmarshal(entry.Value(), &p); err == nil {
			d.keepPerson(p)
		}
	case "token":
		var t Token
		if err = json.Unmarshal(entry.Value(), &t); err == nil {
			d.tokens[rest] = t
		}
	case "session":
		var s Session
		if err = json.Unmarshal(entry.Value(), &s); err == nil {
			d.sessions[rest] = s
		}
	}
	if err != nil {
		return fmt.Errorf("read identity %s: %w", entry.Key(), err)
	}
	return nil
}

func (d *Directory) keepPerson(p Person) {
	if d.people[p.Tenant] == nil {
		d.people[p.Tenant] = map[es.PersonID]Person{}
	}
	d.people[p.Tenant][p.ID] = p
}

func (d *Directory) put(ctx context.Context, key string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write identity %s: %w", key, err)
	}
	if _, err := d.kv.Put(ctx, key, data); err != nil {
		return fmt.Errorf("write identity %s: %w", key, err)
	}
	return nil
}

func (d *Directory) remove(ctx context.Context, key string) error {
	if err := d.kv.Purge(ctx, key); err != nil && !errors.Is(err, jetstream.ErrKeyNotFound) {
		return fmt.Errorf("remove identity %s: %w", key, err)
	}
	return nil
}

// CreateOrganisation makes a new organisation.
func (d *Directory) CreateOrganisation(ctx context.Context, name string, demo bool) (Organisation, error) {
	if strings.TrimSpace(name) == "" {
		return Organisation{}, fail.Invalid("name", "an organisation needs a name")
	}
	o := Organisation{ID: es.NewTenant(), Name: name, Demo: demo, Created: time.Now().UTC()}
	if err := d.put(ctx, "org."+o.ID.String(), o); err != nil {
		return o, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.orgs[o.ID] = o
	return o, nil
}

// Organisations returns all, by name.
func (d *Directory) Organisations() []Organisation {
	d.mu.RLock()
	defer d.mu.RUnlock()
	var all []Organisation
	for _, o := range d.orgs {
		all = append(all, o)
	}
	slices.SortFunc(all, func(a, b Organisation) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// Organisation returns one.
func (d *Directory) Organisation(t es.Tenant) (Organisation, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	o, ok := d.orgs[t]
	return o, ok
}

// SavePerson adds a person, or changes what is known of one; it does nothing
// when nothing changes.
func (d *Directory) SavePerson(ctx context.Context, p Person) error {
	if strings.TrimSpace(p.Name) == "" {
		return fail.Invalid("name", "a person needs a name")
	}
	if old, ok := d.Person(p.Tenant, p.ID); ok && old == p {
		return nil
	}
	if err := d.put(ctx, "person."+p.Tenant.String()+"."+p.ID.String(), p); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.keepPerson(p)
	return nil
}

// Person returns one person of an organisation.
func (d *Directory) Person(t es.Tenant, id es.PersonID) (Person, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	p, ok := d.people[t][id]
	return p, ok
}

// Name returns what to call somebody; the id when nothing else is known.
func (d *Directory) Name(t es.Tenant, id string) string {
	if p, ok := d.Person(t, es.PersonID(id)); ok {
		return p.Name
	}
	return id
}

// People returns an organisation's people by name.
func (d *Directory) People(t es.Tenant) []Person {
	d.mu.RLock()
	defer d.mu.RUnlock()
	var all []Person
	for _, p := range d.people[t] {
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b Person) int { return strings.Compare(a.Name+string(a.ID), b.Name+string(b.ID)) })
	return all
}
