package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/rights"
	"throughline.dev/services/gateway/identity"
)

// demoOrganisation fills an empty log with the demo organisation, through real
// commands, and leaves an administrator's token beside the data.
func (a *app) demoOrganisation(ctx context.Context) error {
	o, admin, err := a.demoPeople(ctx)
	if err != nil {
		return err
	}
	if err := a.seedDemo(ctx, o, admin); err != nil {
		return err
	}
	return a.demoToken(ctx, o, admin)
}

// demoPeople returns the demo organisation and its administrator, made if
// there is no organisation at all.
func (a *app) demoPeople(ctx context.Context) (identity.Organisation, identity.Person, error) {
	for _, o := range a.people.Organisations() {
		if !o.Demo {
			continue
		}
		for _, p := range a.people.People(o.ID) {
			if p.Admin {
				return o, p, nil
			}
		}
	}
	o, err := a.people.CreateOrganisation(ctx, "Meridian Bank", true)
	if err != nil {
		return o, identity.Person{}, err
	}
	admin := identity.Person{ID: es.DeriveID[es.Person](o.ID.String(), "Ada Lindqvist"), Tenant: o.ID, Name: "Ada Lindqvist", Title: "Administrator", Admin: true}
	return o, admin, a.people.SavePerson(ctx, admin)
}

// seedDemo sends the demo's commands.
func (a *app) seedDemo(ctx context.Context, o identity.Organisation, admin identity.Person) error {
	s := a.sender(o.ID, admin.ID, "demo")
	s.do(ctx, "strategy.role-assignment.assign", "", rights.AssignRole{Person: admin.ID, Role: rights.Administrator})
	return s.failed
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
