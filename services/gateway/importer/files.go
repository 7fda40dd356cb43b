package importer

import (
	"io"
	"slices"

	"throughline.dev/pkg/fail"
	"throughline.dev/services/gateway/jira"
)

// Files are several files that are one export. A file that cannot be read is
// skipped and named; the others are taken.
type Files struct {
	next    func() (name string, r io.Reader, err error)
	name    string
	now     *jira.Reader
	read    int
	skipped []File
	columns []jira.Column
	notes   []string
	first   error // why the first skipped file was
}

// NewFiles reads the files that next returns one after the other, until it
// returns io.EOF.
func NewFiles(next func() (name string, r io.Reader, err error)) *Files { return &Files{next: next} }

// File is the one that the last issue came from.
func (f *Files) File() string { return f.name }

// Skipped are the files that were not read, or not to their end.
func (f *Files) Skipped() []File { return f.skipped }

// Next implements Issues. When no file at all could be read, it ends with what
// is wrong with the first one.
func (f *Files) Next() (jira.Issue, error) {
	for {
		if f.now == nil {
			name, r, err := f.next()
			if err == io.EOF && f.read == 0 && f.first != nil {
				return jira.Issue{}, f.first
			}
			if err != nil {
				return jira.Issue{}, err
			}
			f.name = name
			if f.now, err = jira.Open(name, r); err != nil {
				if err = f.skip(err); err != nil {
					return jira.Issue{}, err
				}
				continue
			}
			f.read++
		}
		i, err := f.now.Next()
		if _, broken := fail.As(err); err == io.EOF || broken {
			f.close()
			if err = f.skip(err); err != nil {
				return jira.Issue{}, err
			}
			continue
		}
		return i, err
	}
}

// skip names a file that is itself what is wrong; any other error stays one.
func (f *Files) skip(err error) error {
	if err == io.EOF {
		return nil
	}
	e, its := fail.As(err)
	if !its {
		return err
	}
	if f.first == nil {
		f.first = err
	}
	f.skipped = append(f.skipped, File{f.name, e.Error()})
	f.now = nil
	return nil
}

func (f *Files) close() {
	for _, c := range f.now.Unmapped() {
		at := slices.IndexFunc(f.columns, func(o jira.Column) bool { return o.Name == c.Name })
		switch {
		case at < 0:
			f.columns = append(f.columns, c)
			continue
		case f.columns[at].Values == 0:
			f.columns[at].Sample = c.Sample
		}
		f.columns[at].Values += c.Values
	}
	for _, n := range f.now.Notes() {
		if n = f.name + ": " + n; len(f.notes) < maxNotes {
			f.notes = append(f.notes, n)
		}
	}
	f.now = nil
}

// Unmapped implements Issues.
func (f *Files) Unmapped() []jira.Column { return f.columns }

// Notes implements Issues.
func (f *Files) Notes() []string { return f.notes }
