package natslog

import (
	"fmt"

	"github.com/nats-io/nats.go/jetstream"

	"throughline.dev/pkg/es"
)

// Read returns the commit in a message that a consumer of the log delivered.
func Read(m jetstream.Msg) (es.Commit, error) {
	md, err := m.Metadata()
	if err != nil {
		return es.Commit{}, fmt.Errorf("read %s: %w", m.Subject(), err)
	}
	return message{subject: m.Subject(), seq: md.Sequence.Stream, time: md.Timestamp, header: m.Headers(), data: m.Data()}.commit()
}
