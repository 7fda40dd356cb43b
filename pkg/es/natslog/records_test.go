package natslog_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/es/natslog"
)

// Whatever the quick way reads that is JSON, encoding/json reads the same.
func FuzzSplit(f *testing.F) {
	for _, s := range []string{
		`[{"type":"a","data":{}}]`,
		`[{"type":"a","data":{"x":"}\"]\\","y":[{},{"z":[1,2]}]}},{"type":"b","data":{"t":"\\\\\""}}]`,
		`[{"type":"a","data":{}},]`, `[{"type":"a","data":{}}`, `[]`, `[{"type":"a","data":[1]}]`, `[{"type":"a","data":null}]`,
		`[{"type":"a","data":{}}]x`, `[{"type":"a\"","data":{}}]`, `[{"type":"a","data":{},"data":{"x":1}}]`, `[{"type":"a","data":{}} ]`,
		`[{"type":"a","data":{"s":"`, `[{"data":{},"type":"a"}]`, "[{\"type\":\"a\xff\",\"data\":{}}]",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		quick, ok := natslog.Split(body)
		var want []es.Record
		if err := json.Unmarshal(body, &want); err != nil || !ok {
			return
		}
		if diff := cmp.Diff(want, quick); diff != "" {
			t.Errorf("%s (-encoding/json +split):\n%s", body, diff)
		}
	})
}

func TestSplitReadsWhatIsWritten(t *testing.T) {
	for _, data := range []string{`{}`, `{"a":"<\"\\>","b":[{"c":{}}],"d":"]}"}`, `{"u":"\u2028\\"}`} {
		want := []es.Record{{Name: "a.b.c.v1", Data: json.RawMessage(data)}, {Name: "a.b.d.v2", Data: json.RawMessage(data)}}
		body, err := natslog.EncodeRecords(want)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := natslog.Split(body)
		if diff := cmp.Diff(want, got); !ok || diff != "" {
			t.Errorf("split %s: %v (-want +got):\n%s", body, ok, diff)
		}
	}
}

// Other forms of JSON read as well; what is no list of events does not.
func TestDecodeRecords(t *testing.T) {
	spaced := " [ { \"data\" : [ 1 ] , \"type\" : \"a\\u0062\" } ] "
	got, err := natslog.DecodeRecords([]byte(spaced))
	if diff := cmp.Diff([]es.Record{{Name: "ab", Data: json.RawMessage("[ 1 ]")}}, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	for _, bad := range []string{``, `null`, `{}`, `[]`, `[{}]`, `[{"type":"a"}]`, `[{"type":"","data":{}}]`,
		`[{"type":"a","data":{}}`, `[{"type":"a","data":{`, `[{"type":"a","data":{}},`, `[{"type":"a","data":{}}]]`} {
		if got, err := natslog.DecodeRecords([]byte(bad)); err == nil {
			t.Errorf("%s reads as %v", bad, got)
		}
	}
}
