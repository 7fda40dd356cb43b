// Package command carries commands to their aggregates: one registration line
// each, request/reply over NATS, the check of decision rights in one place.
package command

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
	"throughline.dev/pkg/rights"
)

// Spec is one registered command. Its endpoint, its schema and its
// documentation are derived from it.
type Spec struct {
	Context   string
	Aggregate string
	Plural    string
	Verb      string
	Creates   bool            // it makes a new aggregate
	Right     rights.Decision // who may decide it; empty: everybody who may write
	Doc       string          // one sentence
	Prefix    string          // a new aggregate gets the human key "<Prefix>-<n>"
	Strict    bool            // it overwrites what its sender must have seen: If-Match is required
	Internal  bool            // only policies and the import send it; no endpoint
	Body      reflect.Type    // the command struct
	bind      func(*World) runner
}

// Name is the command's name, <context>.<aggregate>.<verb>; its NATS subject is "cmd." before it.
func (s Spec) Name() string { return s.Context + "." + s.Aggregate + "." + s.Verb }

// Option changes a registration.
type Option[S any, C es.Command[S]] func(*registration[S, C])

type registration[S any, C es.Command[S]] struct {
	spec  *Spec
	id    func(es.Meta, C) es.ID[S]
	facts func(context.Context, *World, es.Meta, es.ID[S], S, C) (C, error)
}

// Numbered gives a new aggregate the next human key of a prefix, in Meta.Key.
func Numbered[S any, C es.Command[S]](prefix string) Option[S, C] {
	return func(r *registration[S, C]) { r.spec.Prefix = prefix }
}

// Keyed derives the new aggregate's id from the command, so that two with the
// same key are one aggregate: a unique key without an index.
func Keyed[S any, C es.Command[S]](id func(es.Meta, C) es.ID[S]) Option[S, C] {
	return func(r *registration[S, C]) { r.id = id }
}

// Facts fills in what a decision needs to know of sibling aggregates of the
// same context, in fields of the command that are not part of its JSON. It is
// called again before each attempt to decide.
func Facts[S any, C es.Command[S]](f func(ctx context.Context, w *World, m es.Meta, id es.ID[S], s S, c C) (C, error)) Option[S, C] {
	return func(r *registration[S, C]) { r.facts = f }
}

// Strict requires If-Match: the command overwrites what its sender must have seen.
func Strict[S any, C es.Command[S]]() Option[S, C] {
	return func(r *registration[S, C]) { r.spec.Strict = true }
}

// Internal keeps the command off the public API.
func Internal[S any, C es.Command[S]]() Option[S, C] {
	return func(r *registration[S, C]) { r.spec.Internal = true }
}

// Create registers a command that makes a new aggregate.
func Create[C es.Command[S], S any](a *es.Aggregate[S], verb string, right rights.Decision, doc string, options ...Option[S, C]) Spec {
	return register(a, verb, right, doc, true, options)
}

// On registers a command on an aggregate that is there.
func On[C es.Command[S], S any](a *es.Aggregate[S], verb string, right rights.Decision, doc string, options ...Option[S, C]) Spec {
	return register(a, verb, right, doc, false, options)
}

func register[C es.Command[S], S any](a *es.Aggregate[S], verb string, right rights.Decision, doc string, creates bool, options []Option[S, C]) Spec {
	spec := Spec{Context: a.Context, Aggregate: a.Name, Plural: a.Plural, Verb: verb, Creates: creates,
		Right: right, Doc: doc, Body: reflect.TypeFor[C]()}
	reg := registration[S, C]{spec: &spec}
	for _, o := range options {
		o(&reg)
	}
	spec.bind = func(w *World) runner { return &run[S, C]{spec: spec, reg: reg, world: w, repo: repository(w, a)} }
	return spec
}

// decode reads a command's body; unknown fields are refused so that a
// misspelt one is not silently lost.
func decode[C any](body []byte) (C, error) {
	var c C
	if len(body) == 0 {
		body = []byte("{}")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		return c, bodyError(err)
	}
	if _, err := d.Token(); err != io.EOF {
		return c, fail.Invalid("", "the body is one JSON object and nothing after it")
	}
	return c, nil
}

func bodyError(err error) error {
	if e, ok := fail.As(err); ok {
		return e
	}
	if e, ok := err.(*json.UnmarshalTypeError); ok {
		return fail.Invalid(e.Field, "this must be %s, not %s", kindName(e.Type), e.Value)
	}
	// encoding/json has no type for this error; a test notices when its text changes.
	if quoted, unknown := strings.CutPrefix(err.Error(), "json: unknown field "); unknown {
		if field, err := strconv.Unquote(quoted); err == nil {
			return fail.Invalid(field, "this command has no such field; its schema names those that it has")
		}
	}
	return fail.Invalid("", "the body is not the JSON object this command takes: %v", err)
}

func kindName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a text"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		return "a list"
	case reflect.Struct, reflect.Map:
		return "an object"
	}
	return fmt.Sprintf("a number (%s)", t.Kind())
}
