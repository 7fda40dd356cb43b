package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"throughline.dev/services/gateway/identity"
	"throughline.dev/services/gateway/importer"
)

const exportCSV = "Summary,Issue key,Issue id,Issue Type,Status,Project key,Project name,Created,Updated,Custom field (Risk),Parent key,Status Category\n" +
	"Pay by card,PAY-2,10002,Story,To Do,PAY,Payments,2026-02-25 14:54,2026-02-27 14:16,high,PAY-1,To Do\n" +
	"Payments,PAY-1,10001,Epic,In Progress,PAY,Payments,2026-02-25 14:54,2026-02-27 14:16,,,In Progress\n"

func issueLine(n int) string {
	return fmt.Sprintf(`{"id":"%d","key":"PAY-%d","fields":{"project":{"key":"PAY","name":"Payments"},"summary":"Issue %d","issuetype":{"name":"Story"},`+
		`"status":{"name":"Open","statusCategory":{"key":"new"}},"created":"2025-01-02T03:04:05.000+0000","updated":"2025-01-02T03:04:05.000+0000"}}`+"\n", 10000+n, n, n)
}

// cli runs the program's import as a script does.
func (r *running) cli(args ...string) (out string, err error) {
	r.t.Helper()
	var stdout, stderr bytes.Buffer
	err = run(r.t.Context(), append([]string{"import"}, args...), &stdout, &stderr)
	return stdout.String(), err
}

func file(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestImportCommand(t *testing.T) {
	r := runServer(t, quick(t))
	dir := t.TempDir()
	csv := file(t, dir, "export.csv", exportCSV)
	here := []string{"--server", r.url(), "--token", r.token}

	t.Run("one JSON object on one line", func(t *testing.T) {
		out, err := r.cli(append([]string{"jira", csv, "--json"}, here...)...)
		if err != nil {
			t.Fatal(err)
		}
		var got map[string]any
		if err := json.Unmarshal([]byte(out), &got); err != nil || strings.Count(out, "\n") != 1 {
			t.Fatalf("%v in %q", err, out)
		}
		if got["rows"] != 2.0 || got["created"] != 2.0 || got["updated"] != 0.0 || got["unchanged"] != 0.0 || len(got["refused"].([]any)) != 0 {
			t.Errorf("report %v", got)
		}
		column := got["unmapped"].([]any)[0].(map[string]any)
		if column["name"] != "Risk" || column["values"] != 1.0 || column["sample"] != "high" {
			t.Errorf("unmapped %v", got["unmapped"])
		}
		if story := r.get("/api/v1/items/PAY-2"); story.text(t, "title") != "Pay by card" {
			t.Errorf("item %s", story.body)
		}
	})

	t.Run("a report for people, the flags first", func(t *testing.T) {
		out, err := r.cli(append(append([]string{"jira", "--dry-run"}, here...), csv)...)
		if err != nil || !strings.Contains(out, "Dry run") || !strings.Contains(out, "2 unchanged") || !strings.Contains(out, "Risk: 1 values") {
			t.Errorf("%v: %s", err, out)
		}
	})

	t.Run("a folder is one export, refused rows are no failure", func(t *testing.T) {
		folder := t.TempDir()
		for n := 3; n < 8; n++ {
			file(t, folder, fmt.Sprintf("PAY-%d.json", n), issueLine(n))
		}
		file(t, folder, "PAY-9.jsonl", issueLine(9)+`{"id":"8","key":"none","fields":{}}`+"\n")
		file(t, folder, "statuses.json", `[{"id":"1"}]`)
		file(t, folder, "notes.txt", "not an export")
		out, err := r.cli(append([]string{"jira", folder, "--json"}, here...)...)
		if err != nil {
			t.Fatal(err)
		}
		var got importer.Report
		if err := json.Unmarshal([]byte(out), &got); err != nil {
			t.Fatalf("%v in %q", err, out)
		}
		if got.Rows != 7 || got.Created != 6 || len(got.Refused) != 1 || got.Refused[0].File != "PAY-9.jsonl" || len(got.Files) != 1 {
			t.Errorf("report %+v", got)
		}
	})

	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"no file":            {[]string{"jira"}, "say which files"},
		"no such file":       {[]string{"jira", filepath.Join(dir, "none")}, "no such file"},
		"another source":     {[]string{"trello", csv}, "jira is the one source"},
		"no export":          {[]string{"jira", file(t, dir, "x.csv", "a,b\n1,2\n")}, "no Jira export"},
		"an empty folder":    {[]string{"jira", t.TempDir()}, "no export in"},
		"only what is none":  {[]string{"jira", file(t, dir, "y.csv", "a\n"), file(t, dir, "z.csv", "b\n")}, "no Jira export"},
		"an unknown epic":    {[]string{"jira", "--epic", "E-77", csv}, `no portfolio epic "E-77"`},
		"an unknown account": {[]string{"jira", csv, "--token", "tl_wrong"}, "401"},
	} {
		t.Run(name, func(t *testing.T) {
			args := append([]string{c.args[0]}, append(here, c.args[1:]...)...)
			if _, err := r.cli(args...); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// posted is an import that is being sent.
type posted struct {
	body  *io.PipeWriter
	lines *bufio.Reader
	close func() error
}

// started is how many issues an import that is being sent begins with.
const started = 10

func (r *running) begin() posted {
	r.t.Helper()
	in, out := io.Pipe()
	req, err := http.NewRequestWithContext(r.t.Context(), http.MethodPost, r.url()+"/api/v1/imports?source=jira", in)
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+r.token)
	var first strings.Builder
	for n := range started { // the format is found out from the first 256 KiB
		first.WriteString(strings.Replace(issueLine(n+1), `"summary"`, `"description":"`+strings.Repeat("long ", 10_000)+`","summary"`, 1))
	}
	go func() { _, _ = io.WriteString(out, first.String()) }()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = resp.Body.Close() })
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != "application/x-ndjson" {
		r.t.Fatalf("answer %s %s", resp.Status, resp.Header.Get("Content-Type"))
	}
	return posted{out, bufio.NewReader(resp.Body), resp.Body.Close}
}

// line is the next line of the answer.
func (p posted) line(t *testing.T) (l struct {
	Progress *importer.Progress
	Report   *importer.Report
	Problem  *struct{ Code string }
}) {
	t.Helper()
	text, err := p.lines.ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &l); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return l
}

func TestImportIsStreamed(t *testing.T) {
	r := runServer(t, quick(t))
	p := r.begin()
	if l := p.line(t); l.Progress == nil {
		t.Fatalf("line %+v", l)
	}
	if a := r.send("POST", "/api/v1/imports", issueLine(1)); a.status != http.StatusConflict || a.text(t, "code") != "import-running" {
		t.Errorf("a second import: %d %s", a.status, a.body)
	}
	if _, err := io.WriteString(p.body, issueLine(started+1)); err != nil {
		t.Fatal(err)
	}
	if err := p.body.Close(); err != nil {
		t.Fatal(err)
	}
	for {
		l := p.line(t)
		if l.Progress != nil {
			continue
		}
		if l.Report == nil || l.Report.Created != started+1 {
			t.Errorf("last line %+v", l)
		}
		break
	}
}

func TestImportThatBreaksOffLetsTheNextOneIn(t *testing.T) {
	r := runServer(t, quick(t))
	p := r.begin()
	p.line(t)
	if err := p.close(); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(10 * time.Second)
	for {
		a := r.send("POST", "/api/v1/imports", issueLine(1)+issueLine(2))
		if a.status == http.StatusOK {
			last := a.body[bytes.LastIndexByte(bytes.TrimSpace(a.body), '\n')+1:]
			if !bytes.Contains(last, []byte(`"report"`)) {
				t.Errorf("last line %s", last)
			}
			return
		}
		if a.status != http.StatusConflict || time.Now().After(deadline) {
			t.Fatalf("after one that broke off: %d %s", a.status, a.body)
		}
	}
}

func TestImportRefusals(t *testing.T) {
	r := runServer(t, quick(t))
	reader, _, err := r.people.IssueToken(t.Context(), r.org.ID, r.admin.ID, "reader", identity.Read, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		query, body string
		header      []string
		status      int
		code        string
	}{
		"no token":          {"", exportCSV, []string{"Authorization", ""}, 401, "unauthorized"},
		"may only read":     {"", exportCSV, []string{"Authorization", "Bearer " + reader}, 403, "forbidden"},
		"another source":    {"?source=trello", exportCSV, nil, 422, "invalid"},
		"dryRun":            {"?dryRun=maybe", exportCSV, nil, 422, "invalid"},
		"unknown portfolio": {"?portfolio=*", exportCSV, nil, 422, "invalid"},
		"unknown epic":      {"?epic=" + strings.Repeat("a", 5000), exportCSV, nil, 422, "invalid"},
		"empty":             {"", "\n", nil, 409, "jira-empty"},
		"no export":         {"", "hello", nil, 409, "jira-unknown-format"},
		"broken gzip":       {"", "\x1f\x8b\x08broken", nil, 409, "jira-gzip-broken"},
		"no boundary":       {"", "x", []string{"Content-Type", "multipart/form-data"}, 422, "invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			a := r.send("POST", "/api/v1/imports"+c.query, c.body, c.header...)
			if a.status != c.status || a.text(t, "code") != c.code {
				t.Errorf("got %d %s, want %d %s", a.status, a.body, c.status, c.code)
			}
		})
	}
	t.Run("too large is refused before it is sent", func(t *testing.T) {
		conn, err := net.Dial("tcp", r.listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := fmt.Fprintf(conn, "POST /api/v1/imports HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n", r.token, 1<<30+1); err != nil {
			t.Fatal(err)
		}
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != http.StatusRequestEntityTooLarge || !strings.Contains(string(body), "1073741824 bytes") {
			t.Errorf("%s %s, %v", resp.Status, body, err)
		}
	})
}
