package api

import (
	"context"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"
	"github.com/labstack/echo/v4"

	"throughline.dev/pkg/command"
	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
)

// MaxBody is the largest body of a command, in bytes.
const MaxBody = 256 << 10

// MaxKey is the longest Idempotency-Key.
const MaxKey = 255

// Resolve turns what stands in an address (an id or a human key) into an id.
type Resolve func(r *http.Request, p Principal, aggregate, idOrKey string) (string, error)

// Commands adds an endpoint for each command (see Paths). Contexts may share
// the address of a command on what is there, such as a proposal: the one that
// has it answers. It panics when two other commands have one address, which
// shows when the program starts.
func Commands(h huma.API, prefix string, client *command.Client, resolve Resolve, specs []command.Spec) {
	paths, at := Paths(specs), map[string]*endpoint{}
	var endpoints []*endpoint
	for _, spec := range specs {
		if spec.Internal {
			continue
		}
		path := paths[spec.Name()]
		e, shared := at[path]
		if !shared {
			e = &endpoint{Spec: spec, prefix: prefix, path: path, client: client, resolve: resolve}
			at[path] = e
			endpoints = append(endpoints, e)
		} else if spec.Creates || spec.Body != e.Body || slices.Contains(e.contexts, spec.Context) {
			panic("commands " + e.Name() + " and " + spec.Name() + " have one address, POST " + path)
		}
		e.contexts = append(e.contexts, spec.Context)
	}
	for _, e := range endpoints {
		e.add(h)
	}
}

// Paths are the addresses of commands below the API's prefix, by name:
// POST /<plural> for the first registered one that creates, /<plural>/<verb>
// for further ones, /<plural>/{id}/<verb> for commands on what is there.
func Paths(specs []command.Spec) map[string]string {
	paths, taken := map[string]string{}, map[string]bool{}
	for _, s := range specs {
		switch {
		case s.Internal:
		case !s.Creates:
			paths[s.Name()] = "/" + s.Plural + "/{id}/" + s.Verb
		case !taken[s.Plural]:
			taken[s.Plural] = true
			paths[s.Name()] = "/" + s.Plural
		default:
			paths[s.Name()] = "/" + s.Plural + "/" + s.Verb
		}
	}
	return paths
}

// endpoint is the address of one command, or of the same command in several
// contexts.
type endpoint struct {
	command.Spec // of the first context
	contexts     []string
	prefix, path string
	client       *command.Client
	resolve      Resolve
	registry     huma.Registry
	schema       *huma.Schema // of the body
}

func (e *endpoint) add(h huma.API) {
	spec := e.Spec
	registry := h.OpenAPI().Components.Schemas
	schema := registry.Schema(spec.Body, true, spec.Name())
	op := &huma.Operation{
		OperationID: e.operation(),
		Method:      http.MethodPost,
		Path:        e.prefix + e.path,
		Summary:     spec.Doc,
		Tags:        e.contexts,
		Description: e.describe(),
		Parameters: []*huma.Param{
			{Name: "Idempotency-Key", In: "header", Schema: &huma.Schema{Type: "string", MaxLength: ptr(MaxKey)},
				Description: "The same key with the same body takes effect once, however often it is sent; with another body it is refused (422)."},
			{Name: "If-Match", In: "header", Required: spec.Strict, Schema: &huma.Schema{Type: "string"},
				Description: "The ETag that you saw; refused (412) when the thing has changed since."},
		},
		RequestBody: &huma.RequestBody{Required: len(schemaOf(registry, schema).Required) > 0,
			Content: map[string]*huma.MediaType{"application/json": {Schema: schema}}},
		Responses: map[string]*huma.Response{},
	}
	if !spec.Creates {
		op.Parameters = append([]*huma.Param{{Name: "id", In: "path", Required: true,
			Schema: &huma.Schema{Type: "string"}, Description: "Its id, or its key where it has one."}}, op.Parameters...)
	}
	answer := registry.Schema(reflect.TypeFor[command.Answer](), true, "Answer")
	problem := registry.Schema(reflect.TypeFor[Problem](), true, "Problem")
	done := "200"
	if spec.Creates {
		done = "201"
	}
	op.Responses[done] = &huma.Response{Description: "Done; on disk.", Content: map[string]*huma.MediaType{"application/json": {Schema: answer}}}
	if spec.Right != "" {
		op.Responses["202"] = &huma.Response{Description: "You do not decide this: it waits as a proposal.", Content: map[string]*huma.MediaType{"application/json": {Schema: answer}}}
	}
	for _, status := range []string{"400", "401", "403", "404", "409", "412", "413", "422", "428", "503"} {
		n, _ := strconv.Atoi(status)
		op.Responses[status] = &huma.Response{Description: http.StatusText(n), Content: map[string]*huma.MediaType{"application/problem+json": {Schema: problem}}}
	}
	h.OpenAPI().AddOperation(op)
	e.registry, e.schema = registry, schema
	h.Adapter().Handle(op, func(ctx huma.Context) {
		c := humaecho.Unwrap(ctx)
		if err := e.handle(c); err != nil {
			c.Error(err)
		}
	})
}

// operation names the endpoint in the API's description.
func (e *endpoint) operation() string {
	if len(e.contexts) > 1 {
		return e.Aggregate + "-" + e.Verb
	}
	return strings.ReplaceAll(e.Name(), ".", "-")
}

func (e *endpoint) describe() string {
	var names []string
	for _, context := range e.contexts {
		names = append(names, "`"+e.in(context).Name()+"`")
	}
	text := "Command " + strings.Join(names, " or ") + "."
	if e.Right != "" {
		text += " Decision right `" + string(e.Right) + "`: from somebody who lacks it, it becomes a proposal."
	}
	return text
}

// in is the command in one of its contexts.
func (e *endpoint) in(context string) command.Spec {
	spec := e.Spec
	spec.Context = context
	return spec
}

// send asks the contexts in turn until one has what the command is for.
func (e *endpoint) send(ctx context.Context, q command.Request) (a command.Answer, err error) {
	for _, context := range e.contexts {
		a, err = e.client.Send(ctx, e.in(context).Name(), q)
		if f, ok := fail.As(err); !ok || f.Kind != fail.KindNotFound {
			break
		}
	}
	return a, err
}

func schemaOf(r huma.Registry, s *huma.Schema) *huma.Schema {
	if s.Ref != "" {
		return r.SchemaFromRef(s.Ref)
	}
	return s
}

func ptr[T any](v T) *T { return &v }

func (e *endpoint) handle(c echo.Context) error {
	r := c.Request()
	p, err := From(r.Context())
	if err != nil {
		return err
	}
	if !p.Write {
		return fail.Forbidden("this token may only read")
	}
	body, err := readBody(r)
	if err != nil {
		return err
	}
	if err := validate(e.registry, e.schema, body); err != nil {
		return err
	}
	q := command.Request{Body: body, Meta: es.Meta{Tenant: p.Tenant, Actor: p.Person}}
	if q.Meta.Command, err = IdempotencyKey(r); err != nil {
		return err
	}
	if q.Expect, err = ifMatch(r, e.Strict); err != nil {
		return err
	}
	if !e.Creates {
		if q.ID, err = e.resolve(r, p, e.Aggregate, c.Param("id")); err != nil {
			return err
		}
	}
	a, err := e.send(r.Context(), q)
	if err != nil {
		return err
	}
	head := c.Response().Header()
	head.Set("X-Event-Position", strconv.FormatUint(a.Position, 10))
	head.Set("Idempotency-Key", q.Meta.Command)
	switch {
	case a.Proposal != "":
		head.Set("Location", e.prefix+"/proposals/"+a.Proposal)
		return c.JSON(http.StatusAccepted, a)
	case e.Creates:
		head.Set("ETag", ETag(a.Position))
		head.Set("Location", e.prefix+"/"+e.Plural+"/"+a.ID)
		return c.JSON(http.StatusCreated, a)
	default:
		head.Set("ETag", ETag(a.Position))
		return c.JSON(http.StatusOK, a)
	}
}

// readBody reads a JSON body of at most MaxBody bytes.
func readBody(r *http.Request) ([]byte, error) {
	ct := r.Header.Get("Content-Type")
	if media, _, _ := mime.ParseMediaType(ct); ct != "" && media != "application/json" && r.ContentLength != 0 {
		return nil, problem(http.StatusUnsupportedMediaType, "The body is not JSON", "unsupported-media-type",
			"send Content-Type: application/json, not "+strconv.Quote(ct[:min(len(ct), 60)]))
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, MaxBody))
	if err != nil {
		return nil, err
	}
	if len(strings.TrimSpace(string(body))) == 0 {
		body = []byte("{}")
	}
	return body, nil
}

// validate checks the body's shape against the schema; what the fields mean
// is checked by the decision alone.
func validate(registry huma.Registry, schema *huma.Schema, body []byte) error {
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return &Problem{Type: "/api/docs#problem-not-json", Title: "The body is not JSON", Status: http.StatusBadRequest,
			Code: "not-json", Detail: "the body must be one JSON object: " + err.Error()}
	}
	var res huma.ValidateResult
	huma.Validate(registry, schema, huma.NewPathBuffer([]byte("body"), len("body")), huma.ModeWriteToServer, v, &res)
	if len(res.Errors) > 0 {
		return humaProblem(http.StatusUnprocessableEntity, "the body is not valid", res.Errors...)
	}
	return nil
}

// IdempotencyKey returns the request's key, or a fresh one when it has none.
func IdempotencyKey(r *http.Request) (string, error) {
	key := r.Header.Get("Idempotency-Key")
	if key == "" {
		return es.NewID[command.Request]().String(), nil
	}
	if len(key) > MaxKey {
		return "", fail.Invalid("Idempotency-Key", "a key has at most %d characters, this one %d", MaxKey, len(key))
	}
	for i := range len(key) {
		if key[i] < 0x20 || key[i] > 0x7e {
			return "", fail.Invalid("Idempotency-Key", "a key is printable ASCII")
		}
	}
	return key, nil
}

// ETag is a version as an entity tag.
func ETag(version uint64) string { return `"` + strconv.FormatUint(version, 10) + `"` }

var errNoMatch = problem(http.StatusPreconditionRequired, "Say which version you saw", "if-match-required",
	"this command overwrites what is there: send If-Match with the ETag that you read")

func ifMatch(r *http.Request, required bool) (*uint64, error) {
	tag := r.Header.Get("If-Match")
	switch {
	case required && (tag == "" || tag == "*"): // "*" is whatever is there
		return nil, errNoMatch
	case tag == "" || tag == "*":
		return nil, nil
	}
	n, err := strconv.ParseUint(strings.Trim(strings.TrimPrefix(tag, "W/"), `"`), 10, 64)
	if err != nil {
		return nil, fail.Invalid("If-Match", `an ETag of ours is a number in quotes, such as "42"`)
	}
	return &n, nil
}
