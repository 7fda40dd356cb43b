package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"time"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/rights"
	"throughline.dev/services/gateway/identity"
)

// organisation makes an organisation with its first administrator while no
// server runs on the data folder, and prints the administrator's token.
func organisation(ctx context.Context, args []string, out, errs io.Writer) (err error) {
	if len(args) == 0 || args[0] != "create" {
		return errors.New("say organisation create --data DIR --name NAME --admin PERSON")
	}
	f := flag.NewFlagSet("organisation create", flag.ContinueOnError)
	f.SetOutput(errs)
	c := config{roles: allRoles, replicas: 1, listen: "127.0.0.1:0", logger: slog.New(slog.NewTextHandler(errs, &slog.HandlerOptions{Level: slog.LevelWarn}))}
	f.StringVar(&c.data, "data", ".throughline", "folder of the server's data; the server must not be running")
	name := f.String("name", "", "name of the organisation")
	admin := f.String("admin", "", "name of its first administrator")
	if err := f.Parse(args[1:]); err != nil {
		return err
	}
	if *name == "" || *admin == "" {
		return errors.New("an organisation needs --name and --admin")
	}
	a, err := start(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.stop()) }()
	o, err := a.people.CreateOrganisation(ctx, *name, false)
	if err != nil {
		return err
	}
	p := identity.Person{ID: es.NewID[es.Person](), Tenant: o.ID, Name: *admin, Admin: true}
	if err := a.people.SavePerson(ctx, p); err != nil {
		return err
	}
	s := a.sender(o.ID, p.ID, "organisation")
	s.do(ctx, "strategy.role-assignment.assign", "", rights.AssignRole{Person: p.ID, Role: rights.Administrator})
	if err := s.failed; err != nil {
		return err
	}
	secret, t, err := a.people.IssueToken(ctx, o.ID, p.ID, "first administrator", identity.Admin, identity.MaxTokenLife)
	if err != nil {
		return err
	}
	fmt.Fprintf(errs, "organisation %q with the administrator %s; this token is shown only once and ends on %s:\n", o.Name, p.Name, t.Expires.Format(time.DateOnly))
	fmt.Fprintln(out, secret)
	return nil
}
