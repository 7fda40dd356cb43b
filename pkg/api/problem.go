// Package api carries commands and queries over HTTP: Echo routes with an
// OpenAPI 3.1 description generated from the Go types, problems (RFC 9457),
// versions as ETags, idempotency keys, positions and pages.
package api

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/labstack/echo/v4"

	"throughline.dev/pkg/command"
	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
)

// Problem is the body of every error, RFC 9457 with what a program needs to
// react: a stable code, the fields, the missing decision right.
type Problem struct {
	Type          string   `json:"type" doc:"Address of the documentation of this kind of problem."`
	Title         string   `json:"title" doc:"What kind of problem it is."`
	Status        int      `json:"status" doc:"The HTTP status."`
	Detail        string   `json:"detail,omitempty" doc:"What went wrong this time and what would be right."`
	Code          string   `json:"code" doc:"Stable name of the rule or the kind of problem."`
	Errors        []Detail `json:"errors,omitempty" doc:"The fields that are wrong."`
	Who           string   `json:"who,omitempty" doc:"Who could do it."`
	DecisionRight string   `json:"decisionRight,omitempty" doc:"The decision right that was missing."`
	Version       uint64   `json:"version,omitempty" doc:"The present version, when the sender's was stale."`
	RequestID     string   `json:"requestId,omitempty" doc:"Names this request in the server's log."`

	retryAfter int
	cause      error // of an internal problem; logged, never shown
}

// Detail is one wrong field.
type Detail struct {
	Field  string `json:"field,omitempty" doc:"Path of the field in the body, the query or the header."`
	Detail string `json:"detail" doc:"What is wrong and what would be right."`
}

func (p *Problem) Error() string { return p.Detail }

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType implements huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// kinds is the one table from kinds of error to HTTP.
var kinds = map[fail.Kind]struct {
	status int
	title  string
}{
	fail.KindInvalid:   {http.StatusUnprocessableEntity, "The input is not valid"},
	fail.KindNotFound:  {http.StatusNotFound, "There is no such thing"},
	fail.KindRefused:   {http.StatusConflict, "A rule of the plan refuses this"},
	fail.KindStale:     {http.StatusPreconditionFailed, "It has changed meanwhile"},
	fail.KindForbidden: {http.StatusForbidden, "You may not do this"},
}

// ProblemOf turns an error into a problem. What is none of the five kinds is
// a 503 when the service did not answer, else a 500 whose cause stays inside.
func ProblemOf(err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	if all := fail.All(err); len(all) > 0 {
		first := all[0]
		k := kinds[first.Kind]
		p = problem(k.status, k.title, first.Code, first.Text)
		p.Who, p.DecisionRight, p.Version = first.Who, first.Right, first.Version
		if errors.Is(err, es.ErrKeyReused) {
			p.Status = http.StatusUnprocessableEntity
		}
		for _, e := range all {
			if e.Field != "" || len(all) > 1 {
				p.Errors = append(p.Errors, Detail{e.Field, e.Text})
			}
		}
		return p
	}
	if errors.Is(err, command.ErrUnavailable) || errors.Is(err, es.ErrUnavailable) {
		return unavailable(command.ErrUnavailable.Error())
	}
	var he *echo.HTTPError
	if errors.As(err, &he) {
		return problem(he.Code, http.StatusText(he.Code), codeOf(he.Code), routing[he.Code])
	}
	var tooBig *http.MaxBytesError
	if errors.As(err, &tooBig) {
		return problem(http.StatusRequestEntityTooLarge, "The body is too large", "too-large",
			"the body is larger than the "+strconv.FormatInt(tooBig.Limit, 10)+" bytes that this address takes")
	}
	p = problem(http.StatusInternalServerError, "Something went wrong on our side", "internal",
		"the request id finds it in the server's log; trying again may help")
	p.cause = err
	return p
}

// routing says what is wrong with a request that reached no handler.
var routing = map[int]string{
	http.StatusNotFound:              "there is no such address; /api/openapi.json lists those there are",
	http.StatusMethodNotAllowed:      "this address does not take this method; /api/openapi.json lists what it takes",
	http.StatusRequestEntityTooLarge: "the body is larger than this address takes",
}

func unavailable(detail string) *Problem {
	p := problem(http.StatusServiceUnavailable, "Not available right now", "unavailable", detail)
	p.retryAfter = 1
	return p
}

func problem(status int, title, code, detail string) *Problem {
	return &Problem{Type: "/api/docs#problem-" + code, Title: title, Status: status, Code: code, Detail: detail}
}

func codeOf(status int) string {
	return strings.ToLower(strings.ReplaceAll(http.StatusText(status), " ", "-"))
}

// Write answers with the problem of err. A problem of our own making is
// logged once, here, with the request's id.
func Write(c echo.Context, log *slog.Logger, err error) {
	if c.Response().Committed {
		return
	}
	p := finish(c, log, ProblemOf(err))
	body, err := json.Marshal(p)
	if err != nil {
		log.Error("write problem", "error", err)
		return
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	if err := c.Blob(p.Status, "application/problem+json", body); err != nil {
		log.Debug("client went away", "error", err)
	}
}

// finish returns the problem with the request's id, and logs one of our own
// making.
func finish(c echo.Context, log *slog.Logger, p *Problem) *Problem {
	q := *p
	q.RequestID = c.Response().Header().Get(echo.HeaderXRequestID)
	if gone := c.Request().Context().Err(); q.Status == http.StatusInternalServerError && gone == nil {
		log.Error("request failed", "request", q.RequestID, "method", c.Request().Method, "path", c.Request().URL.Path, "error", q.cause)
	}
	if q.retryAfter > 0 {
		c.Response().Header().Set("Retry-After", strconv.Itoa(q.retryAfter))
	}
	return &q
}

// humaProblem lets huma's own validation speak in problems.
func humaProblem(status int, msg string, errs ...error) huma.StatusError {
	p := problem(status, http.StatusText(status), codeOf(status), msg)
	switch status {
	case http.StatusUnprocessableEntity, http.StatusBadRequest:
		p = problem(status, kinds[fail.KindInvalid].title, "invalid", msg)
	case http.StatusInternalServerError:
		return ProblemOf(errors.Join(errs...))
	}
	for _, e := range errs {
		if d, ok := e.(huma.ErrorDetailer); ok {
			p.Errors = append(p.Errors, detailOf(d.ErrorDetail()))
		} else if f, ok := fail.As(e); ok {
			p.Errors = append(p.Errors, Detail{f.Field, f.Text})
		} else if e != nil {
			p.Errors = append(p.Errors, Detail{Detail: e.Error()})
		}
	}
	if len(p.Errors) > 0 {
		p.Detail = p.Errors[0].Detail
		if p.Errors[0].Field != "" {
			p.Detail = p.Errors[0].Field + ": " + p.Detail
		}
	}
	return p
}

// detailOf says what huma found in the words that the decisions use.
func detailOf(d *huma.ErrorDetail) Detail {
	field := d.Location
	for _, prefix := range []string{"body", "query", "path", "header"} {
		if f, ok := strings.CutPrefix(d.Location, prefix+"."); ok {
			field = f
		} else if d.Location == prefix {
			field = ""
		}
	}
	if name, ok := strings.CutPrefix(d.Message, "expected required property "); ok {
		name, _ = strings.CutSuffix(name, " to be present")
		if field != "" {
			name = field + "." + name
		}
		return Detail{name, "this is required"}
	}
	if d.Message == "unexpected property" {
		return Detail{field, "there is no such field here"}
	}
	return Detail{field, d.Message}
}
