package natslog

import "time"

// WithTimeout lets a test that loses answers on purpose not wait long for them.
func (l *Log) WithTimeout(d time.Duration) *Log {
	l.timeout = d
	return l
}

// For tests of the two ways to read a body.
var (
	EncodeRecords = encodeRecords
	DecodeRecords = decodeRecords
	Split         = split
)
