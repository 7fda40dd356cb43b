package importer

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"throughline.dev/pkg/es"
	"throughline.dev/services/gateway/identity"
	"throughline.dev/services/gateway/jira"
)

// people finds those whom an export names: somebody of the organisation by
// their e-mail address, anybody else as an imported person, who is saved before
// anything refers to them.
type people struct {
	dir    *identity.Directory
	tenant es.Tenant
	source string
	dry    bool
	mails  map[string]es.PersonID // of the organisation's own people
	met    atomic.Int64           // imported persons in this export

	mu   sync.Mutex
	seen map[es.PersonID]*person
}

type person struct {
	mu    sync.Mutex
	saved identity.Person
	named bool // by this export
}

func newPeople(dir *identity.Directory, t es.Tenant, source string, dry bool) *people {
	p := &people{dir: dir, tenant: t, source: source, dry: dry, mails: map[string]es.PersonID{}, seen: map[es.PersonID]*person{}}
	for _, one := range dir.People(t) {
		if !one.Imported && one.Email != "" {
			p.mails[strings.ToLower(one.Email)] = one.ID
		}
	}
	return p
}

// id returns who that is; nobody for nobody.
func (p *people) id(ctx context.Context, j jira.Person) (es.PersonID, error) {
	mail := strings.ToLower(strings.TrimSpace(j.Email))
	if id, ours := p.mails[mail]; ours && mail != "" {
		return id, nil
	}
	key := strings.TrimSpace(j.Key)
	name := clip(strings.TrimSpace(j.Name), maxName)
	external := key
	switch {
	case key != "":
	case mail != "":
		key, external = mail, mail
	case name != "":
		key, external = "name:"+name, name
	default:
		return "", nil
	}
	id := es.DeriveID[es.Person](p.tenant.String(), p.source, key)
	p.mu.Lock()
	one := p.seen[id]
	if one == nil {
		one = &person{}
		one.saved, _ = p.dir.Person(p.tenant, id)
		p.seen[id] = one
		p.met.Add(1)
	}
	p.mu.Unlock()

	one.mu.Lock()
	defer one.mu.Unlock()
	next := one.saved
	next.ID, next.Tenant, next.Imported, next.Source, next.External = id, p.tenant, true, p.source, clip(external, maxName)
	if name != "" && !one.named {
		next.Name, one.named = name, true
	}
	if next.Name == "" {
		next.Name = next.External
	}
	if next.Email == "" {
		next.Email = mail
	}
	if next == one.saved || p.dry {
		one.saved = next
		return id, nil
	}
	if err := p.dir.SavePerson(ctx, next); err != nil {
		return "", fmt.Errorf("keep an imported person: %w", err)
	}
	one.saved = next
	return id, nil
}
