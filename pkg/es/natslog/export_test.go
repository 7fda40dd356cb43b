package natslog

import "time"

// WithTimeout lets a test that loses answers on purpose not wait long for them.
func (l *Log) WithTimeout(d time.Duration) *Log {
	l.timeout = d
	return l
}
