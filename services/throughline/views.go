package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"text/tabwriter"

	"throughline.dev/services/gateway"
)

func printJSON(out io.Writer, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s\n", b)
	return err
}

// views lists the views with their position, lag and state, or rebuilds one.
func views(ctx context.Context, args []string, out, errs io.Writer) error {
	f := flag.NewFlagSet("views", flag.ContinueOnError)
	f.SetOutput(errs)
	var r remote
	r.flags(f)
	rebuild := ""
	if len(args) > 0 && args[0] == "rebuild" {
		if len(args) < 2 {
			return errors.New("say which: views rebuild NAME")
		}
		rebuild, args = args[1], args[2:]
	}
	if err := f.Parse(args); err != nil {
		return err
	}
	if rebuild != "" {
		if err := r.call(ctx, http.MethodPost, "/api/v1/views/"+url.PathEscape(rebuild)+"/rebuild", nil, nil); err != nil {
			return err
		}
		fmt.Fprintf(errs, "%s is being rebuilt beside the live one; throughline views shows how far it is\n", rebuild)
		return nil
	}
	var list gateway.ViewList
	if err := r.call(ctx, http.MethodGet, "/api/v1/views", nil, &list); err != nil {
		return err
	}
	if r.json {
		return printJSON(out, list)
	}
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "VIEW\tVERSION\tPOSITION\tLAG\tSTATE\tPROGRESS\tERROR")
	for _, v := range list.Items {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%s\t%s\t%s\n", v.Name, v.Version, v.Position, v.Lag, v.State, percent(v.Progress), v.Error)
	}
	return w.Flush()
}

func percent(p float64) string {
	if p <= 0 || p >= 1 {
		return ""
	}
	return fmt.Sprintf("%.0f %%", p*100)
}
