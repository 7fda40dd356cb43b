// Throughline is the only binary: the server in any of its roles, and the
// client commands that speak to it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errReported):
		os.Exit(1)
	default:
		fmt.Fprintln(os.Stderr, "throughline:", err)
		os.Exit(1)
	}
}

// errReported ends the program with a failure that has been told already.
var errReported = errors.New("reported")

const usage = `Throughline: one line from the vision to the feedback that asked for it.

  throughline serve   [--listen 127.0.0.1:8080] [--data DIR] [--demo] [--roles all]
  throughline import  jira [--dry-run] [--json] FILE…
  throughline token   create|list|revoke …
  throughline views   [rebuild NAME]
  throughline organisation create --data DIR --name NAME --admin PERSON
  throughline version

Client commands take --server URL and --token FILE, or THROUGHLINE_URL and
THROUGHLINE_TOKEN. "throughline COMMAND --help" tells more.
`

func run(ctx context.Context, args []string, out, errs io.Writer) error {
	if len(args) == 0 {
		fmt.Fprint(out, usage)
		return nil
	}
	switch args[0] {
	case "serve":
		return serve(ctx, args[1:], out, errs)
	case "import":
		return importFiles(ctx, args[1:], out, errs)
	case "token":
		return tokens(ctx, args[1:], out, errs)
	case "views":
		return views(ctx, args[1:], out, errs)
	case "organisation":
		return organisation(ctx, args[1:], out, errs)
	case "version":
		fmt.Fprintln(out, "throughline", version())
		return nil
	case "help", "-h", "--help":
		fmt.Fprint(out, usage)
		return nil
	}
	return fmt.Errorf("there is no command %q; throughline help lists them", args[0])
}
