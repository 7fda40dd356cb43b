package gateway

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/labstack/echo/v4"

	"throughline.dev/pkg/fail"
	"throughline.dev/services/gateway/web/page"
	"throughline.dev/services/gateway/web/view/docs"
)

// refusals are the rules of the domain that may say no, with their codes. The
// file is written from the sources (make golden), and a test holds it to them.
//
//go:embed refusals.json
var refusals []byte

// Refusal is one rule that may say no.
type Refusal struct {
	Code    string `json:"code"`
	Status  int    `json:"status"`
	Text    string `json:"text"`
	Context string `json:"context"`
}

// problems are the kinds of problem that are no rule of the domain.
var problems = []docs.Problem{
	{Code: "invalid", Status: "400, 422", Text: "Some input is wrong: errors names each field and what would be right."},
	{Code: "not-json", Status: "400", Text: "The body must be one JSON object."},
	{Code: "unauthorized", Status: "401", Text: "Send Authorization: Bearer with an API token, or sign in with a browser."},
	{Code: "forbidden", Status: "403", Text: "You may not do this; who and decisionRight say who may."},
	{Code: "cross-origin", Status: "403", Text: "A browser may send commands only from our own pages."},
	{Code: "not-found", Status: "404", Text: "There is no such thing, or not for you."},
	{Code: "method-not-allowed", Status: "405", Text: "This address takes another method."},
	{Code: "stale", Status: "412", Text: "It has changed since the version in If-Match; version is the present one."},
	{Code: "too-large", Status: "413", Text: "The body is larger than this address takes."},
	{Code: "unsupported-media-type", Status: "415", Text: "Send Content-Type: application/json."},
	{Code: "if-match-required", Status: "428", Text: "This command overwrites what is there: send If-Match with the ETag that you read."},
	{Code: "internal", Status: "500", Text: "A mistake of ours. requestId finds it in the server's log; trying again may help."},
	{Code: "unavailable", Status: "503", Text: "A part of the product does not answer now. Retry-After says when to try again; with the same Idempotency-Key nothing is done twice."},
}

// docsText is what the document of the API says in one paragraph, and where
// the streams are, which it cannot describe.
var docsText = []string{
	"Commands are `POST`; their names are verbs of the business. They are done and on disk when they are answered with `200` or `201`; `202` says that you do not decide this, and that it waits as a proposal. An `Idempotency-Key` makes repeating safe, `If-Match` keeps you from overwriting what you did not see.",
	"Queries are `GET`, take `asOf` and `compareTo`, and answer with the log's position in `X-Event-Position`. Send a command's position as `X-Min-Position` and you read what you wrote.",
	"`GET /api/v1/events?after=` is the ordered change feed (JSON lines, or server-sent events for `Accept: text/event-stream`). `GET /api/v1/live` tells open pages which view has moved. `POST /api/v1/imports` takes Jira exports and answers with JSON lines.",
	"Authenticate with `Authorization: Bearer` and an API token; `throughline token create` makes one.",
}

// docs is the documentation of the API: an overview with all problems, or the
// operations of one group.
func (g *Gateway) docs(c echo.Context) error {
	m := docs.Model{Title: g.api.OpenAPI().Info.Title, Version: g.api.OpenAPI().Info.Version, Intro: docsText, Groups: g.docsGroups()}
	title := "API"
	if name := c.Param("group"); name != "" {
		i := slices.IndexFunc(m.Groups, func(one docs.Group) bool { return one.Name == name })
		if i < 0 {
			return fail.NotFound("group of the API", shorten(name))
		}
		m.Group, title = &m.Groups[i], m.Groups[i].Title+" · API"
	} else {
		var err error
		if m.Problems, err = allProblems(); err != nil {
			return err
		}
	}
	return render(c, http.StatusOK, page.Bare(title, g.assets.Base(), cookieOf(c.Request(), "theme"), docs.Component(m)))
}

func allProblems() ([]docs.Problem, error) {
	var rules []Refusal
	if err := json.Unmarshal(refusals, &rules); err != nil {
		return nil, fmt.Errorf("read refusals: %w", err)
	}
	all := slices.Clone(problems)
	for _, r := range rules {
		all = append(all, docs.Problem{Code: r.Code, Status: strconv.Itoa(r.Status), Text: capital(r.Text) + ".", From: words(r.Context)})
	}
	return all, nil
}

// docsGroups are the operations by their tag, in the order of their addresses.
func (g *Gateway) docsGroups() []docs.Group {
	by := map[string]*docs.Group{}
	paths := g.api.OpenAPI().Paths
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		for _, one := range []struct {
			method string
			op     *huma.Operation
		}{{"GET", paths[path].Get}, {"POST", paths[path].Post}, {"PUT", paths[path].Put}, {"DELETE", paths[path].Delete}} {
			if one.op == nil {
				continue
			}
			tag := "other"
			if len(one.op.Tags) > 0 {
				tag = one.op.Tags[0]
			}
			if by[tag] == nil {
				by[tag] = &docs.Group{Name: tag, Title: words(tag), URL: "/api/docs/" + tag}
			}
			by[tag].Operations = append(by[tag].Operations, g.docsOperation(tag, one.method, path, one.op))
		}
	}
	var groups []docs.Group
	for _, tag := range slices.Sorted(maps.Keys(by)) {
		groups = append(groups, *by[tag])
	}
	return groups
}

func (g *Gateway) docsOperation(tag, method, path string, op *huma.Operation) docs.Operation {
	o := docs.Operation{ID: op.OperationID, Method: method, Path: path, Summary: op.Summary, URL: "/api/docs/" + tag + "#" + op.OperationID}
	if op.Description != "" {
		o.Text = strings.Split(op.Description, "\n\n")
	}
	for _, p := range op.Parameters {
		text := p.Description
		if text == "" && p.Schema != nil {
			text = p.Schema.Description
		}
		o.Parameters = append(o.Parameters, docs.Field{Name: p.Name, In: p.In, Type: g.typeOf(p.Schema), Required: p.Required, Text: text})
	}
	if op.RequestBody != nil {
		for _, content := range op.RequestBody.Content {
			o.Body = g.docsFields(content.Schema, "", nil)
		}
	}
	for _, status := range slices.Sorted(maps.Keys(op.Responses)) {
		r := op.Responses[status]
		a := docs.Answer{Status: status, Text: r.Description}
		if content := r.Content["application/json"]; content != nil {
			a.Fields = g.docsFields(content.Schema, "", nil)
		}
		o.Answers = append(o.Answers, a)
	}
	return o
}

// maxNested is how deep fields of fields are told.
const maxNested = 4

// docsFields tells the fields of a schema; nested ones have dotted names, and
// those of a list's entries stand behind [].
func (g *Gateway) docsFields(s *huma.Schema, prefix string, above []*huma.Schema) []docs.Field {
	if s = g.schemaOf(s); s == nil || slices.Contains(above, s) || len(above) >= maxNested {
		return nil
	}
	above = append(slices.Clone(above), s)
	if s.Type == huma.TypeArray {
		return g.docsFields(s.Items, prefix+"[]", above[:len(above)-1])
	}
	var out []docs.Field
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		p := s.Properties[name]
		if p.ReadOnly && prefix == "" && name == "$schema" {
			continue
		}
		full := strings.TrimPrefix(prefix+"."+name, ".")
		text := p.Description
		if target := g.schemaOf(p); text == "" && target != nil {
			text = target.Description
		}
		out = append(out, docs.Field{Name: full, Type: g.typeOf(p), Required: slices.Contains(s.Required, name), Text: text})
		out = append(out, g.docsFields(p, full, above)...)
	}
	return out
}

func (g *Gateway) schemaOf(s *huma.Schema) *huma.Schema {
	if s != nil && s.Ref != "" {
		return g.api.OpenAPI().Components.Schemas.SchemaFromRef(s.Ref)
	}
	return s
}

// typeOf says what values a schema takes.
func (g *Gateway) typeOf(s *huma.Schema) string {
	if s = g.schemaOf(s); s == nil {
		return "any"
	}
	switch {
	case len(s.Enum) > 0:
		var all []string
		for _, v := range s.Enum {
			all = append(all, fmt.Sprint(v))
		}
		return strings.Join(all, " | ")
	case s.Type == huma.TypeArray:
		return "list of " + g.typeOf(s.Items)
	case s.Type == huma.TypeObject && len(s.Properties) == 0 && s.AdditionalProperties != nil:
		if values, ok := s.AdditionalProperties.(*huma.Schema); ok {
			return "map to " + g.typeOf(values)
		}
		return "object"
	case s.Type == "":
		return "any"
	}
	name := s.Type
	if s.Format != "" && s.Type == huma.TypeString {
		name = s.Format
	}
	return name + limits(s)
}

// limits are the bounds of a value, as a range.
func limits(s *huma.Schema) string {
	number := func(f *float64) string {
		if f == nil {
			return ""
		}
		return strconv.FormatFloat(*f, 'f', -1, 64)
	}
	whole := func(n *int) string {
		if n == nil {
			return ""
		}
		return strconv.Itoa(*n)
	}
	switch {
	case s.Minimum != nil || s.Maximum != nil:
		return ", " + between(number(s.Minimum), number(s.Maximum))
	case s.MinLength != nil || s.MaxLength != nil:
		return ", " + between(whole(s.MinLength), whole(s.MaxLength)) + " characters"
	}
	return ""
}

func between(low, high string) string {
	switch {
	case low == high:
		return low
	case low == "":
		return "up to " + high
	case high == "":
		return "from " + low
	}
	return low + " to " + high
}
