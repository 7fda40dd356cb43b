package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/redis/go-redis/v9"

	"throughline.dev/pkg/boot"
	"throughline.dev/pkg/command"
	"throughline.dev/pkg/es"
	"throughline.dev/pkg/es/natslog"
	"throughline.dev/pkg/react"
	"throughline.dev/pkg/rights"
	"throughline.dev/pkg/view"
	"throughline.dev/services/gateway"
	"throughline.dev/services/gateway/identity"
)

// config is what serve is told; what is secret or a matter of deployment
// comes from the environment.
type config struct {
	listen, data string
	demo         bool
	roles        []string
	natsURL      string // empty: embedded
	redisURL     string // empty: read models in memory
	replicas     int
	logger       *slog.Logger
	noSync       bool // tests only
}

var allRoles = []string{"strategy", "backlog", "feedback", "views", "gateway", "deliveries"}

func serve(ctx context.Context, args []string, out, errs io.Writer) error {
	f := flag.NewFlagSet("serve", flag.ContinueOnError)
	f.SetOutput(errs)
	c := config{natsURL: os.Getenv("NATS_URL"), redisURL: os.Getenv("REDIS_URL"), replicas: 1}
	f.StringVar(&c.listen, "listen", "127.0.0.1:8080", "address to listen on")
	f.StringVar(&c.data, "data", ".throughline", "folder for everything that is kept")
	f.BoolVar(&c.demo, "demo", false, "fill an empty log with a demo organisation whose people sign in without a secret; loopback only")
	roles := f.String("roles", strings.Join(allRoles, ","), "what this process does; several need NATS_URL")
	level := f.String("log", "warn", "debug, info, warn or error")
	f.IntVar(&c.replicas, "replicas", 1, "copies of the log in a NATS cluster: 1 or 3")
	if err := f.Parse(args); err != nil {
		return err
	}
	if f.NArg() > 0 {
		return fmt.Errorf("serve takes no argument %q", f.Arg(0))
	}
	c.roles = strings.Split(*roles, ",")
	var l slog.Level
	if err := l.UnmarshalText([]byte(*level)); err != nil {
		return fmt.Errorf("--log: %w", err)
	}
	c.logger = slog.New(slog.NewTextHandler(errs, &slog.HandlerOptions{Level: l}))
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	a, err := start(ctx, c)
	if err != nil {
		return err
	}
	a.greet(out)
	select {
	case <-ctx.Done():
		fmt.Fprintln(out, "stopping")
	case err = <-a.failed:
	}
	return errors.Join(err, a.stop())
}

// gcPercent trades a little work for memory: read models are much live heap of
// which an import makes more, and Go's default lets the process grow to twice that.
const gcPercent = 20

// app is a running process.
type app struct {
	config
	listener net.Listener
	nc       *nats.Conn
	js       jetstream.JetStream
	log      *natslog.Log
	models   *view.Models
	book     *rights.Book
	people   *identity.Directory
	server   *http.Server
	failed   chan error
	stops    []func() error // in the order of starting
}

func (c config) has(role string) bool { return slices.Contains(c.roles, role) }

func (c config) check() error {
	for _, r := range c.roles {
		if !slices.Contains(allRoles, r) {
			return fmt.Errorf("there is no role %q; there are %s", r, strings.Join(allRoles, ", "))
		}
	}
	if c.natsURL == "" && len(c.roles) < len(allRoles) {
		return errors.New("a process with only some of the roles needs NATS_URL, where the others are")
	}
	if c.redisURL == "" && !c.has("views") {
		return errors.New("a process without the role views needs REDIS_URL, where the read models are")
	}
	loopback, err := gateway.IsLoopback(c.listen)
	if err != nil {
		return err
	}
	if c.demo && !loopback {
		return fmt.Errorf("--demo lets people sign in without a secret, so it serves only a loopback address, not %s", c.listen)
	}
	return nil
}

// start brings a process up; what had been started is stopped again when a
// later part fails.
func start(ctx context.Context, c config) (a *app, err error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	a = &app{config: c, failed: make(chan error, 8)}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.stop())
			a = nil
		}
	}()
	if err = a.connect(ctx); err != nil {
		return a, err
	}
	if a.people, err = identity.Open(ctx, a.js, c.replicas, c.logger); err != nil {
		return a, err
	}
	if err = a.startModels(ctx); err != nil {
		return a, err
	}
	if err = a.startContexts(); err != nil {
		return a, err
	}
	if err = a.catchUp(ctx); err != nil {
		return a, err
	}
	if c.demo {
		if err = a.demoOrganisation(ctx); err != nil {
			return a, fmt.Errorf("demo organisation: %w", err)
		}
	} else if err = a.revokeDemoToken(ctx); err != nil {
		return a, err
	}
	return a, a.startGateway()
}

// connect locks the data folder and reaches NATS and the log.
func (a *app) connect(ctx context.Context) error {
	closed := func(err error) { a.failed <- fmt.Errorf("the connection to NATS is gone for good: %w", err) }
	options := boot.ClientOptions{Name: "throughline", Log: a.logger, CredsFile: os.Getenv("NATS_CREDS"), Closed: closed}
	var err error
	if a.natsURL != "" {
		if a.nc, err = boot.ConnectNATS(a.natsURL, options); err != nil {
			return err
		}
		a.stops = append(a.stops, func() error { a.nc.Close(); return nil })
	} else {
		unlock, err := boot.LockDir(a.data)
		if err != nil {
			return err
		}
		a.stops = append(a.stops, func() error { unlock(); return nil })
		nc, stop, err := boot.EmbeddedNATS(filepath.Join(a.data, "nats"), boot.NATSOptions{ClientOptions: options, NoSync: a.noSync})
		if err != nil {
			return err
		}
		a.nc = nc
		a.stops = append(a.stops, func() error { stop(); return nil })
	}
	if a.js, err = jetstream.New(a.nc); err != nil {
		return err
	}
	a.log, err = natslog.Open(ctx, a.nc, natslog.Options{Replicas: a.replicas, Create: true})
	return err
}

// startModels runs the views, or reads those that another process runs.
func (a *app) startModels(ctx context.Context) error {
	store := view.NewMemory()
	if a.redisURL != "" {
		options, err := redis.ParseURL(a.redisURL)
		if err != nil {
			return fmt.Errorf("REDIS_URL: %w", err)
		}
		client := redis.NewClient(options)
		if err := client.Ping(ctx).Err(); err != nil {
			return fmt.Errorf("reach Redis: %w", err)
		}
		a.stops = append(a.stops, client.Close)
		store = view.NewRedis(client, "throughline")
	}
	a.models = view.NewModels(a.log, catalog(), store, allViews(contexts())...)
	a.models.Notify = gateway.Announce(a.nc, a.logger)
	if a.has("views") {
		a.goOn("views", a.models.Run)
	}
	a.book = rights.NewBook()
	a.goOn("rights", func(ctx context.Context) error {
		return a.log.Follow(ctx, 0, func(batch []es.Commit) error {
			for _, c := range batch {
				if err := a.book.Apply(c); err != nil {
					return err
				}
			}
			return nil
		})
	})
	return nil
}

// goOn runs a part in the background until stop; its failure ends the process.
func (a *app) goOn(name string, part func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := part(ctx); err != nil && ctx.Err() == nil {
			a.failed <- fmt.Errorf("%s: %w", name, err)
		}
	}()
	a.stops = append(a.stops, func() error { cancel(); <-done; return nil })
}

// startContexts serves the commands of this process's contexts and runs their
// policies.
func (a *app) startContexts() error {
	client := command.NewClient(a.nc)
	for _, def := range contexts() {
		if !a.has(def.name) {
			continue
		}
		w := command.NewWorld(a.log, a.book, a.models, def.siblings)
		server, err := command.Serve(a.nc, w, def.name, def.commands, a.logger)
		if err != nil {
			return err
		}
		a.stops = append(a.stops, server.Stop)
		runner := react.NewRunner(a.js, natslog.StreamName, natslog.Read, client, a.logger)
		a.goOn(def.name+" policies", func(ctx context.Context) error { return runner.Run(ctx, def.policies...) })
	}
	return nil
}

// catchUp waits until the views have taken in the log as it is now: nobody is
// to see an older plan just because the server has been started again. A view
// that has stopped is not waited for; health and its readers say so.
func (a *app) catchUp(ctx context.Context) error {
	head, err := a.log.Head(ctx)
	if err != nil || !a.has("views") {
		return err
	}
	for _, v := range allViews(contexts()) {
		if err := a.models.Wait(ctx, v.Name, head.Last); err != nil && !errors.Is(err, view.ErrStopped) {
			return fmt.Errorf("catch up: %w", err)
		}
	}
	return nil
}

func (a *app) startGateway() error {
	if !a.has("gateway") {
		return nil
	}
	var specs []command.Spec
	for _, def := range contexts() {
		specs = append(specs, def.commands...)
	}
	loopback, err := gateway.IsLoopback(a.listen)
	if err != nil {
		return err
	}
	g, err := gateway.New(gateway.Config{NATS: a.nc, Log: a.log, Models: a.models, Book: a.book, Catalog: catalog(), People: a.people,
		Commands: specs, Logger: a.logger, Loopback: loopback, Demo: a.demo})
	if err != nil {
		return err
	}
	if a.listener, err = net.Listen("tcp", a.listen); err != nil {
		return fmt.Errorf("listen (--listen takes another address): %w", err)
	}
	a.server = g.Server()
	go func() {
		if err := a.server.Serve(a.listener); !errors.Is(err, http.ErrServerClosed) {
			a.failed <- fmt.Errorf("serve HTTP: %w", err)
		}
	}()
	a.stops = append(a.stops, func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := a.server.Shutdown(ctx); err != nil {
			return a.server.Close()
		}
		return nil
	})
	return nil
}

// stop ends the parts, the latest started first.
func (a *app) stop() error {
	var errs []error
	for _, s := range slices.Backward(a.stops) {
		errs = append(errs, s())
	}
	a.stops = nil
	return errors.Join(errs...)
}

// url is where the gateway answers.
func (a *app) url() string {
	if a.listener == nil {
		return ""
	}
	return "http://" + a.listener.Addr().String()
}

// greet tells a person what to do next.
func (a *app) greet(out io.Writer) {
	if a.server == nil {
		fmt.Fprintf(out, "throughline runs %s\n", strings.Join(a.roles, ", "))
		return
	}
	fmt.Fprintf(out, "Throughline is at %s\n", a.url())
	switch {
	case a.demo:
		fmt.Fprintf(out, "Sign in there as one of the demo people. For the command line:\n")
		fmt.Fprintf(out, "  curl -H \"Authorization: Bearer $(cat %s)\" %s/api/v1/portfolios\n", a.tokenFile(), a.url())
	case len(a.people.Organisations()) == 0:
		fmt.Fprintf(out, "There is no organisation yet. Stop this and make one: throughline organisation create --data %s --name NAME --admin PERSON\n", a.data)
	default:
		fmt.Fprintf(out, "Sign in with an API token; throughline token create makes one.\n")
	}
	fmt.Fprintf(out, "Everything is kept in %s. Ctrl-C stops.\n", a.data)
}

func (a *app) tokenFile() string { return filepath.Join(a.data, "demo.token") }

// revokeDemoToken ends what an earlier start with --demo left beside the data:
// without --demo nobody acts by a token that lies in a file.
func (a *app) revokeDemoToken(ctx context.Context) error {
	secret, err := os.ReadFile(a.tokenFile())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("the demo's token: %w", err)
	}
	if t, err := a.people.Authenticate(strings.TrimSpace(string(secret)), time.Now()); err == nil {
		if err := a.people.RevokeToken(ctx, t.Tenant, t.ID); err != nil {
			return err
		}
	}
	return os.Remove(a.tokenFile())
}
