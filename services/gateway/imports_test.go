package gateway

import (
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"throughline.dev/pkg/api"
	"throughline.dev/services/gateway/jira"
)

// A gzip reader says of whatever ends its input that the file is broken; the
// sender must hear what it was.
func TestWhatEndedAnUploadIsSaid(t *testing.T) {
	var packed strings.Builder
	z := gzip.NewWriter(&packed)
	_, err := io.WriteString(z, "Summary,Issue key,Issue Type\nPay,PAY-1,Story\n")
	if err := errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	short := packed.String()[:packed.Len()-4]
	for name, c := range map[string]struct {
		body io.Reader
		code string
	}{
		"too much":   {http.MaxBytesReader(nil, io.NopCloser(strings.NewReader(packed.String())), 20), "too-large"},
		"cut off":    {io.MultiReader(strings.NewReader(short), brokenReader{}), "import-cut-off"},
		"really bad": {strings.NewReader(short), "jira-gzip-broken"},
	} {
		t.Run(name, func(t *testing.T) {
			u := &upload{in: c.body, rc: http.NewResponseController(httptest.NewRecorder())}
			r, err := jira.Open("x", u)
			for err == nil {
				_, err = r.Next()
			}
			if got := api.ProblemOf(u.cause(err)).Code; got != c.code {
				t.Errorf("%v became %s, want %s", err, got, c.code)
			}
		})
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
