package api

import (
	"context"
	"encoding/base64"
	"log/slog"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"
	"github.com/labstack/echo/v4"

	"throughline.dev/pkg/fail"
)

// New describes an API under e whose document lies at /api/openapi.json.
// Errors of its handlers and of its validation are Problems.
func New(e *echo.Echo, log *slog.Logger, title, version string) huma.API {
	huma.NewError = humaProblem // huma's documented way to use one's own errors
	config := huma.DefaultConfig(title, version)
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "/api/openapi", "", ""
	config.CreateHooks = nil // no $schema links in answers
	config.Transformers = []huma.Transformer{func(ctx huma.Context, _ string, v any) (any, error) {
		if p, ok := v.(*Problem); ok {
			return finish(humaecho.Unwrap(ctx), log, p), nil
		}
		return v, nil
	}}
	config.RejectUnknownQueryParameters = true
	config.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
	return humaecho.New(e, config)
}

// schemaName keeps types of the same name in two packages apart.
func schemaName(t reflect.Type, hint string) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	name := huma.DefaultSchemaNamer(t, hint)
	path := t.PkgPath()
	pkg := path[strings.LastIndexByte(path, '/')+1:]
	switch pkg {
	case "", "api", "command", "gateway":
		return name
	}
	return strings.ToUpper(pkg[:1]) + pkg[1:] + name
}

// Get registers a query. Its errors are answered as problems.
func Get[I, O any](h huma.API, path, id, tag, doc string, handler func(context.Context, Principal, *I) (*O, error), options ...func(*huma.Operation)) {
	op := huma.Operation{OperationID: id, Method: http.MethodGet, Path: path, Summary: doc, Tags: []string{tag},
		Errors: []int{400, 401, 404, 422, 503}}
	for _, o := range options {
		o(&op)
	}
	huma.Register(h, op, func(ctx context.Context, in *I) (*O, error) {
		p, err := From(ctx)
		if err != nil {
			return nil, ProblemOf(err)
		}
		out, err := handler(ctx, p, in)
		if err != nil {
			return nil, ProblemOf(err)
		}
		return out, nil
	})
}

// Cursor makes an opaque cursor of a place in a list.
func Cursor(place string) string {
	if place == "" {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString([]byte(place))
}

// Place is Cursor's inverse.
func Place(cursor string) (string, error) {
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return "", fail.Invalid("cursor", "a cursor is what `next` of the page before said, unchanged")
	}
	return string(b), nil
}

// Post registers a request that is no command of an aggregate.
func Post[I, O any](h huma.API, path, id, tag, doc string, handler func(context.Context, Principal, *I) (*O, error)) {
	op := huma.Operation{OperationID: id, Method: http.MethodPost, Path: path, Summary: doc, Tags: []string{tag},
		MaxBodyBytes: MaxBody, Errors: []int{400, 401, 403, 404, 409, 422, 503}}
	huma.Register(h, op, func(ctx context.Context, in *I) (*O, error) {
		p, err := From(ctx)
		if err == nil && !p.Write {
			err = fail.Forbidden("this token may only read")
		}
		if err != nil {
			return nil, ProblemOf(err)
		}
		out, err := handler(ctx, p, in)
		if err != nil {
			return nil, ProblemOf(err)
		}
		return out, nil
	})
}
