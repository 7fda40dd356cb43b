package importer

import (
	"bytes"
	"compress/flate"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"throughline.dev/services/gateway/jira"
)

// later keeps issues for the end of the first pass, packed. An export in
// descending order has every sub-task before its parent.
type later struct {
	packed bytes.Buffer
	z      *flate.Writer
	out    *json.Encoder
}

func newLater() *later {
	l := &later{}
	l.z, _ = flate.NewWriter(&l.packed, flate.BestSpeed) // the level is a valid one
	l.out = json.NewEncoder(l.z)
	return l
}

func (l *later) add(i jira.Issue) error {
	if err := l.out.Encode(i); err != nil {
		return fmt.Errorf("put row %d aside: %w", i.Row, err)
	}
	return nil
}

// each visits the issues in their order and forgets them.
func (l *later) each(visit func(jira.Issue) error) error {
	if err := l.z.Close(); err != nil {
		return fmt.Errorf("pack the sub-tasks: %w", err)
	}
	in := json.NewDecoder(flate.NewReader(&l.packed))
	for {
		var i jira.Issue
		err := in.Decode(&i)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("unpack the sub-tasks: %w", err)
		}
		if err := visit(i); err != nil {
			return err
		}
	}
}
