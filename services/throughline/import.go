package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"throughline.dev/pkg/api"
	"throughline.dev/services/gateway/importer"
)

// importFiles sends exports to the server and tells what became of them.
func importFiles(ctx context.Context, args []string, out, errs io.Writer) error {
	if len(args) == 0 || args[0] != "jira" {
		return errors.New("say import jira FILE…; jira is the one source there is")
	}
	f := flag.NewFlagSet("import jira", flag.ContinueOnError)
	f.SetOutput(errs)
	f.Usage = func() {
		fmt.Fprint(errs, "throughline import jira [flags] FILE…|DIR…|-\n\nTakes Jira's CSV (all fields) and REST JSON, plain or gzip; a folder is one export.\n\n")
		f.PrintDefaults()
	}
	var r remote
	r.flags(f)
	dry := f.Bool("dry-run", false, "say what would happen and change nothing")
	portfolio := f.String("portfolio", "", "id of the portfolio for the projects' epics; default: the first one")
	epic := f.String("epic", "", "key of a portfolio epic that everything hangs under, instead of one for each project")
	instance := f.String("instance", "", "name of the Jira, where there are several with the same project keys")
	var named []string
	for rest := args[1:]; len(rest) > 0; { // flags may stand before and after files
		if err := f.Parse(rest); err != nil {
			return err
		}
		if rest = f.Args(); len(rest) > 0 {
			named, rest = append(named, rest[0]), rest[1:]
		}
	}
	files, err := exportsIn(named)
	if err != nil {
		return err
	}
	query := url.Values{"source": {"jira"}, "dryRun": {strconv.FormatBool(*dry)}}
	for name, value := range map[string]string{"portfolio": *portfolio, "epic": *epic, "instance": *instance} {
		if value != "" {
			query.Set(name, value)
		}
	}
	report, err := r.sendImport(ctx, files, query, errs)
	if err != nil {
		return err
	}
	if r.json {
		return printJSON(out, report)
	}
	printReport(out, report)
	return nil
}

// exportsIn lists the files, and those of the folders that look like exports.
func exportsIn(named []string) ([]string, error) {
	if len(named) == 0 {
		return nil, errors.New("say which files: import jira FILE…")
	}
	var files []string
	for _, name := range named {
		info, err := os.Stat(name)
		if name == "-" {
			files = append(files, name)
			continue
		}
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			files = append(files, name)
			continue
		}
		before := len(files)
		err = filepath.WalkDir(name, func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case path != name && strings.HasPrefix(d.Name(), "."):
				if d.IsDir() {
					return fs.SkipDir
				}
			case d.Type().IsRegular() && slices.Contains([]string{".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".gz"}, strings.ToLower(filepath.Ext(path))):
				files = append(files, path)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		if len(files) == before {
			return nil, fmt.Errorf("there is no export in %s: no .csv, .json, .jsonl or .gz", name)
		}
	}
	return files, nil
}

// sendImport sends the files as they are, several as the parts of a form, and
// reads the answer while it sends.
func (r *remote) sendImport(ctx context.Context, files []string, query url.Values, errs io.Writer) (importer.Report, error) {
	var none importer.Report
	header := map[string]string{"Content-Type": "application/octet-stream", "Expect": "100-continue"}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var body io.Reader
	if len(files) == 1 {
		query.Set("name", filepath.Base(files[0]))
		one, err := openExport(files[0])
		if err != nil {
			return none, err
		}
		defer one.Close()
		body = one
	} else {
		pipe, w := io.Pipe()
		defer pipe.Close()
		form := multipart.NewWriter(w)
		header["Content-Type"] = form.FormDataContentType()
		go func() {
			err := writeParts(form, files)
			if err != nil {
				cancel(err)
			}
			w.CloseWithError(err)
		}()
		body = pipe
	}
	resp, err := r.do(ctx, http.MethodPost, "/api/v1/imports?"+query.Encode(), body, header)
	if err != nil {
		return none, orCause(ctx, err)
	}
	defer resp.Body.Close()
	lines := bufio.NewReader(resp.Body)
	began := time.Now()
	for {
		text, err := lines.ReadBytes('\n')
		if err == io.EOF && len(text) == 0 {
			return none, errors.New("the server's answer ended early; run the same import again and it goes on where it was")
		}
		if err != nil && err != io.EOF {
			return none, orCause(ctx, fmt.Errorf("read the server's answer: %w; run the same import again and it goes on where it was", err))
		}
		var line struct {
			Progress *importer.Progress `json:"progress"`
			Report   *importer.Report   `json:"report"`
			Problem  *api.Problem       `json:"problem"`
		}
		if err := json.Unmarshal(text, &line); err != nil {
			return none, fmt.Errorf("read the server's answer: %w", err)
		}
		switch {
		case line.Report != nil:
			return *line.Report, nil
		case line.Problem != nil:
			return none, fmt.Errorf("%s (%d %s): %s", line.Problem.Title, line.Problem.Status, line.Problem.Code, line.Problem.Detail)
		case line.Progress != nil:
			printProgress(errs, *line.Progress, time.Since(began))
		}
	}
}

// orCause prefers why a request was given up to the words for it.
func orCause(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

func openExport(name string) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(os.Stdin), nil
	}
	return os.Open(name)
}

func writeParts(form *multipart.Writer, files []string) error {
	for _, name := range files {
		in, err := openExport(name)
		if err != nil {
			return err
		}
		part, err := form.CreateFormFile("file", name)
		if err == nil {
			_, err = io.Copy(part, in)
		}
		if err := errors.Join(err, in.Close()); err != nil {
			return fmt.Errorf("send %s: %w", name, err)
		}
	}
	return form.Close()
}

func printProgress(w io.Writer, p importer.Progress, since time.Duration) {
	rate := float64(p.Rows) / max(since.Seconds(), 0.001)
	if p.Phase == "links" {
		fmt.Fprintf(w, "%d rows, parents and links of %d settled\n", p.Rows, p.Linked)
		return
	}
	fmt.Fprintf(w, "%d rows (%.0f/s): %d created, %d updated, %d unchanged, %d refused\n", p.Rows, rate, p.Created, p.Updated, p.Unchanged, p.Refused)
}

// atMost is how many lines of each part of a report are printed.
const atMost = 20

func printReport(w io.Writer, r importer.Report) {
	if r.DryRun {
		fmt.Fprintln(w, "Dry run: nothing was changed. An import would give:")
	}
	fmt.Fprintf(w, "%d rows in %.1f s: %d created, %d updated, %d unchanged, %d refused; %d imported people, %d sprints\n",
		r.Rows, r.Seconds, r.Created, r.Updated, r.Unchanged, len(r.Refused), r.People, r.Iterations)
	for _, e := range r.Epics {
		fmt.Fprintf(w, "  %s hangs under the epic %s", e.Project, strings.TrimSpace(e.Key+" "+e.Title))
		if e.WithoutEpic > 0 {
			fmt.Fprintf(w, "; %d stories and bugs without an epic under a feature of their own", e.WithoutEpic)
		}
		fmt.Fprintln(w)
	}
	some(w, "Refused", r.Refused, func(x importer.Refused) string {
		return strings.TrimSpace(fmt.Sprintf("%s row %d %s: %s", x.File, x.Row, x.Key, x.Reason))
	})
	some(w, "Files that were skipped", r.Files, func(x importer.File) string { return x.Name + ": " + x.Reason })
	some(w, "Not mapped, kept as custom fields", r.Unmapped, func(x importer.Column) string {
		return fmt.Sprintf("%s: %d values, such as %q", x.Name, x.Values, x.Sample)
	})
	some(w, "Not taken whole", summed(r.Notes), func(s string) string { return s })
	if r.NotesLeft > 0 {
		fmt.Fprintf(w, "  … and %d notes that the report has no room for\n", r.NotesLeft)
	}
}

// summed counts notes that say the same, the part after the colon aside, which
// is about one row.
func summed(notes []importer.Note) []string {
	count := map[string]int{}
	example := map[string]string{}
	for _, n := range notes {
		text, _, _ := strings.Cut(n.Text, ": ")
		if count[text]++; example[text] == "" {
			example[text] = n.Key
		}
	}
	texts := slices.SortedFunc(maps.Keys(count), func(a, b string) int { return cmp.Or(count[b]-count[a], cmp.Compare(a, b)) })
	for i, t := range texts {
		if example[t] != "" {
			t = fmt.Sprintf("%s (such as %s)", t, example[t])
		}
		texts[i] = fmt.Sprintf("%d × %s", count[texts[i]], t)
	}
	return texts
}

func some[T any](w io.Writer, title string, list []T, say func(T) string) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(w, "%s (%d):\n", title, len(list))
	for _, x := range list[:min(len(list), atMost)] {
		fmt.Fprintf(w, "  %s\n", say(x))
	}
	if len(list) > atMost {
		fmt.Fprintf(w, "  … and %d more; --json has them all\n", len(list)-atMost)
	}
}
