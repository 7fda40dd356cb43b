package backlog

import (
	"encoding/json"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
)

// fitting is es.Happened for events that carry long texts: a commit that the
// log would not take is refused here, naming the field that takes most of it.
func fitting[S any](events ...es.Event[S]) ([]es.Event[S], error) {
	total, largest, field := 0, 0, ""
	for _, e := range events {
		b, err := json.Marshal(e)
		if err != nil {
			return nil, fail.Invalid("", "this cannot be written as JSON: %v", err)
		}
		total += len(b)
		name, n := heaviest(b)
		if n > largest {
			largest, field = n, name
		}
	}
	if total > maxCommit {
		return nil, fail.Invalid(field, "this takes %d bytes, and with the rest %d; one change is at most %d bytes, so shorten it", largest, total, maxCommit)
	}
	return events, nil
}

// heaviest returns the field of a JSON object that takes most bytes.
func heaviest(object []byte) (field string, n int) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(object, &fields) != nil {
		return "", len(object)
	}
	for name, raw := range fields {
		if len(raw) > n || len(raw) == n && name < field {
			field, n = name, len(raw)
		}
	}
	return field, n
}
