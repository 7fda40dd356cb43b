package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"text/tabwriter"
	"time"

	"throughline.dev/services/gateway"
)

// tokens makes, lists and revokes API tokens.
func tokens(ctx context.Context, args []string, out, errs io.Writer) error {
	if len(args) == 0 {
		return errors.New("say token create, token list or token revoke ID")
	}
	f := flag.NewFlagSet("token "+args[0], flag.ContinueOnError)
	f.SetOutput(errs)
	var r remote
	r.flags(f)
	name := f.String("name", "command line", "what the token is for")
	scope := f.String("scope", "write", "read, write or admin")
	days := f.Int("days", 90, "days until it expires, at most 365")
	person := f.String("person", "", "id of the person it acts for; default: yourself")
	if err := f.Parse(args[1:]); err != nil {
		return err
	}
	switch args[0] {
	case "create":
		var made gateway.NewToken
		in := gateway.TokenRequest{Name: *name, Scope: *scope, Days: *days, Person: *person}
		if err := r.call(ctx, http.MethodPost, "/api/v1/tokens", in, &made); err != nil {
			return err
		}
		if r.json {
			return printJSON(out, made)
		}
		fmt.Fprintf(errs, "token %s for %s, scope %s, until %s; it is shown only once:\n", made.ID, made.PersonName, made.Scope, made.Expires.Format(time.DateOnly))
		fmt.Fprintln(out, made.Token)
	case "list":
		var list gateway.TokenList
		if err := r.call(ctx, http.MethodGet, "/api/v1/tokens", nil, &list); err != nil {
			return err
		}
		if r.json {
			return printJSON(out, list)
		}
		w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
		fmt.Fprintln(w, "ID\tNAME\tPERSON\tSCOPE\tEXPIRES")
		for _, t := range list.Items {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", t.ID, t.Name, t.PersonName, t.Scope, t.Expires.Format(time.DateOnly))
		}
		return w.Flush()
	case "revoke":
		if f.NArg() != 1 {
			return errors.New("say which: token revoke ID")
		}
		return r.call(ctx, http.MethodPost, "/api/v1/tokens/"+url.PathEscape(f.Arg(0))+"/revoke", nil, nil)
	default:
		return fmt.Errorf("there is no token %s; there are create, list and revoke", args[0])
	}
	return nil
}
