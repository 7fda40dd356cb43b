package api

import (
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"

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

// Commands adds an endpoint for each command (see Paths).
func Commands(h huma.API, prefix string, client *command.Client, resolve Resolve, specs []command.Spec) {
	paths := Paths(specs)
	for _, spec := range specs {
		if !spec.Internal {
			addCommand(h, prefix+paths[spec.Name()], client, resolve, spec)
		}
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

func addCommand(h huma.API, path string, client *command.Client, resolve Resolve, spec command.Spec) {
	registry := h.OpenAPI().Components.Schemas
	schema := registry.Schema(spec.Body, true, spec.Name())
	op := &huma.Operation{
		OperationID: strings.ReplaceAll(spec.Name(), ".", "-"),
		Method:      http.MethodPost,
		Path:        path,
		Summary:     spec.Doc,
		Tags:        []string{spec.Context},
		Description: describe(spec),
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
	h.Adapter().Handle(op, func(ctx huma.Context) {
		if err := sendCommand(ctx, registry, schema, client, resolve, spec); err != nil {
			humaecho.Unwrap(ctx).Error(err)
		}
	})
}

func describe(spec command.Spec) string {
	var b strings.Builder
	b.WriteString("Command `" + spec.Name() + "`.")
	if spec.Right != "" {
		b.WriteString(" Decision right `" + string(spec.Right) + "`: from somebody who lacks it, it becomes a proposal.")
	}
	return b.String()
}

func schemaOf(r huma.Registry, s *huma.Schema) *huma.Schema {
	if s.Ref != "" {
		return r.SchemaFromRef(s.Ref)
	}
	return s
}

func ptr[T any](v T) *T { return &v }

func sendCommand(ctx huma.Context, registry huma.Registry, schema *huma.Schema, client *command.Client, resolve Resolve, spec command.Spec) error {
	c := humaecho.Unwrap(ctx)
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
	if err := validate(registry, schema, body); err != nil {
		return err
	}
	q := command.Request{Body: body, Meta: es.Meta{Tenant: p.Tenant, Actor: p.Person}}
	if q.Meta.Command, err = IdempotencyKey(r); err != nil {
		return err
	}
	if q.Expect, err = ifMatch(r, spec.Strict); err != nil {
		return err
	}
	if !spec.Creates {
		if q.ID, err = resolve(r, p, spec.Aggregate, c.Param("id")); err != nil {
			return err
		}
	}
	a, err := client.Send(r.Context(), spec.Name(), q)
	if err != nil {
		return err
	}
	head := c.Response().Header()
	head.Set("X-Event-Position", strconv.FormatUint(a.Position, 10))
	head.Set("Idempotency-Key", q.Meta.Command)
	switch {
	case a.Proposal != "":
		head.Set("Location", "/api/v1/proposals/"+a.Proposal)
		return c.JSON(http.StatusAccepted, a)
	case spec.Creates:
		head.Set("ETag", ETag(a.Position))
		head.Set("Location", "/api/v1/"+spec.Plural+"/"+a.ID)
		return c.JSON(http.StatusCreated, a)
	default:
		head.Set("ETag", ETag(a.Position))
		return c.JSON(http.StatusOK, a)
	}
}

// readBody reads a JSON body of at most MaxBody bytes.
func readBody(r *http.Request) ([]byte, error) {
	if ct := r.Header.Get("Content-Type"); ct != "" && !strings.HasPrefix(ct, "application/json") && r.ContentLength != 0 {
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
	case tag == "" && required:
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
