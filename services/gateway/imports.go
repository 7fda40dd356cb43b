package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"throughline.dev/pkg/api"
	"throughline.dev/pkg/fail"
	"throughline.dev/services/gateway/importer"
	"throughline.dev/services/gateway/jira"
)

const (
	maxImport   = 1 << 30          // bytes of one import as sent
	readTimeout = time.Minute      // in which some of an import must arrive
	drainFor    = 10 * time.Second // how long an import that failed still listens to the sender
)

// ErrImportRunning is an import while another one of the organisation runs.
var ErrImportRunning = fail.Refused("import-running", "another import of this organisation is running; wait until it has ended")

// errStopping is what an import gets that the end of the process cuts off.
var errStopping = &api.Problem{Type: "/api/docs#problem-unavailable", Title: "Not available right now", Status: http.StatusServiceUnavailable,
	Code: "unavailable", Detail: "the server is stopping; send the same import again when it is back, and it goes on where it was"}

// importLine is one line of the answer to an import; the last one is a report
// or a problem.
type importLine struct {
	Progress *importer.Progress `json:"progress,omitempty"`
	Report   *importer.Report   `json:"report,omitempty"`
	Problem  *api.Problem       `json:"problem,omitempty"`
}

// postImport takes an export as the body, or several files as the parts of a
// form, and reads it while it arrives.
func (g *Gateway) postImport(c echo.Context) error {
	req := c.Request()
	rc := http.NewResponseController(c.Response())
	p, err := api.From(req.Context())
	if err != nil {
		return err
	}
	if !p.Write {
		return fail.Forbidden("this token may only read; an import needs one with the scope write")
	}
	dry, err := importQuery(c)
	if err != nil {
		return err
	}
	if req.ContentLength > maxImport {
		_ = rc.EnableFullDuplex() // it need not send first what is not wanted
		return &http.MaxBytesError{Limit: maxImport}
	}
	if _, running := g.importing.LoadOrStore(p.Tenant, true); running {
		return ErrImportRunning
	}
	// Whoever has read the last line may begin the next import.
	free := sync.OnceFunc(func() { g.importing.Delete(p.Tenant) })
	defer free()

	ctx, cancel := context.WithCancelCause(req.Context())
	defer cancel(nil)
	go func() {
		select {
		case <-g.closing:
			cancel(errStopping)
		case <-ctx.Done():
		}
	}()

	_ = rc.EnableFullDuplex() // the answer begins while the body still arrives; HTTP/2 always is
	body := &upload{in: http.MaxBytesReader(nil, req.Body, maxImport), rc: rc}
	defer body.rest()
	source, err := openImport(c, body)
	if err != nil {
		return body.cause(err)
	}
	var out *stream
	line := func(l importLine) {
		if out == nil {
			out = newStream(c, false)
		}
		if err := out.line(l); err != nil {
			cancel(fmt.Errorf("the sender went away: %w", err))
		}
	}
	report, err := importer.Run(ctx, importer.Options{Client: g.client, People: g.people, Models: g.models, Log: g.log,
		Tenant: p.Tenant, Actor: p.Person, Instance: c.QueryParam("instance"), Portfolio: c.QueryParam("portfolio"),
		Epic: c.QueryParam("epic"), DryRun: dry}, source,
		func(now importer.Progress) { line(importLine{Progress: &now}) })
	free()
	if err == nil {
		line(importLine{Report: &report})
		return nil
	}
	err = body.cause(err)
	if errors.Is(context.Cause(ctx), errStopping) {
		err = errStopping
	}
	if out == nil {
		return err
	}
	problem := *api.ProblemOf(err)
	problem.RequestID = c.Response().Header().Get(echo.HeaderXRequestID)
	if problem.Status == http.StatusInternalServerError && req.Context().Err() == nil {
		g.logger.Error("import failed", "request", problem.RequestID, "import", report.Import, "error", err)
	}
	line(importLine{Problem: &problem})
	return nil
}

func importQuery(c echo.Context) (dry bool, err error) {
	if s := c.QueryParam("source"); s != "" && s != "jira" {
		return false, fail.Invalid("source", "the source is jira")
	}
	if i := c.QueryParam("instance"); len(i) > 100 || strings.ContainsFunc(i, func(r rune) bool { return r < ' ' }) {
		return false, fail.Invalid("instance", "a name of at most 100 characters")
	}
	if s := c.QueryParam("dryRun"); s != "" {
		if dry, err = strconv.ParseBool(s); err != nil {
			return false, fail.Invalid("dryRun", "true or false")
		}
	}
	return dry, nil
}

// openImport finds out what was sent. One file that is no export is refused
// before anything is answered.
func openImport(c echo.Context, body io.Reader) (importer.Issues, error) {
	kind, params, err := mime.ParseMediaType(c.Request().Header.Get("Content-Type"))
	if err != nil || !strings.HasPrefix(kind, "multipart/") {
		name := c.QueryParam("name")
		if name == "" {
			name = "the body"
		}
		return jira.Open(name, body)
	}
	if params["boundary"] == "" {
		return nil, fail.Invalid("Content-Type", "a multipart body names its boundary")
	}
	parts := multipart.NewReader(body, params["boundary"])
	return importer.NewFiles(func() (string, io.Reader, error) {
		for {
			part, err := parts.NextRawPart()
			if err == io.EOF {
				return "", nil, err
			}
			if err != nil {
				return "", nil, fmt.Errorf("read the parts of the form: %w", err)
			}
			if name := part.FileName(); name != "" {
				return name, part, nil
			}
		}
	}), nil
}

// upload is the body of an import. A sender that falls silent is not waited
// for, and what ended the body is remembered: readers on top may say it in
// other words.
type upload struct {
	in  io.Reader
	rc  *http.ResponseController
	err error
}

func (u *upload) Read(p []byte) (int, error) {
	_ = u.rc.SetReadDeadline(time.Now().Add(readTimeout))
	n, err := u.in.Read(p)
	if err != nil {
		u.err = err
		_ = u.rc.SetReadDeadline(time.Time{})
	}
	return n, err
}

// cause is what ended an import: the body's end if it was not a good one.
func (u *upload) cause(err error) error {
	var big *http.MaxBytesError
	switch {
	case errors.As(u.err, &big):
		return u.err
	case u.err != nil && u.err != io.EOF:
		return &api.Problem{Type: "/api/docs#problem-import-cut-off", Title: "The import was cut off", Status: http.StatusBadRequest,
			Code: "import-cut-off", Detail: "the body ended early or nothing came for a minute; send it again, and it goes on where it was"}
	}
	return err
}

// rest lets the sender finish, so that it gets to read the answer.
func (u *upload) rest() {
	if u.err != nil {
		return
	}
	_ = u.rc.SetReadDeadline(time.Now().Add(drainFor))
	_, _ = io.Copy(io.Discard, u.in)
	_ = u.rc.SetReadDeadline(time.Time{})
}

// line writes one line of JSON.
func (s *stream) line(v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write a line: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deadline()
	if _, err := s.w.Write(append(data, '\n')); err != nil {
		return err
	}
	return s.flushLocked()
}
