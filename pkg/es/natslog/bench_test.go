package natslog_test

import (
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"throughline.dev/pkg/boot/boottest"
	"throughline.dev/pkg/es"
	"throughline.dev/pkg/es/natslog"
)

const benchSize = 600 // bytes of text in an event; a message of about 1 KB

// BenchmarkAppend has every writer append to aggregates of its own, with an
// fsync before each acknowledgement. "floor" is the publish under it alone.
func BenchmarkAppend(b *testing.B) {
	for _, writers := range []int{1, 64} {
		b.Run(fmt.Sprintf("floor/writers=%d", writers), func(b *testing.B) {
			nc := boottest.DurableNATS(b)
			boottest.LogOn(b, nc)
			js, err := jetstream.New(nc)
			if err != nil {
				b.Fatal(err)
			}
			body := make([]byte, benchSize+400)
			write(b, writers, func(w int, s es.Stream, last uint64) (uint64, error) {
				ack, err := js.Publish(b.Context(), s.Subject(), body, jetstream.WithExpectLastSequencePerSubject(last))
				if err != nil {
					return 0, err
				}
				return ack.Sequence, nil
			})
		})
		b.Run(fmt.Sprintf("log/writers=%d", writers), func(b *testing.B) {
			log := boottest.LogOn(b, boottest.DurableNATS(b))
			write(b, writers, func(w int, s es.Stream, last uint64) (uint64, error) {
				return log.Append(b.Context(), newCommit(s, benchSize), last)
			})
		})
	}
}

func write(b *testing.B, writers int, one func(w int, s es.Stream, last uint64) (uint64, error)) {
	var left atomic.Int64
	left.Store(int64(b.N))
	errs := make([]error, writers)
	b.ResetTimer()
	var wg sync.WaitGroup
	for w := range writers {
		s := newStream(b)
		wg.Go(func() {
			var last uint64
			for left.Add(-1) >= 0 && errs[w] == nil {
				last, errs[w] = one(w, s, last)
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	for _, err := range errs {
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "commits/s")
}

// BenchmarkLoad loads one of 200 aggregates whose commits lie among each other.
func BenchmarkLoad(b *testing.B) {
	for _, n := range []int{1, 20, 500} {
		b.Run(fmt.Sprintf("commits=%d", n), func(b *testing.B) {
			log := boottest.Log(b)
			streams := make([]es.Stream, max(2, 4000/n))
			last := make([]uint64, len(streams))
			for i := range streams {
				streams[i] = newStream(b)
			}
			for range n {
				for i, s := range streams {
					last[i] = must(b, log, newCommit(s, benchSize), last[i])
				}
			}
			b.ResetTimer()
			for i := range b.N {
				got, err := log.Load(b.Context(), streams[i%len(streams)], 0)
				if err != nil || len(got) != n {
					b.Fatalf("%d commits, %v", len(got), err)
				}
			}
		})
	}
}

// BenchmarkFollow reads a log of 100,000 commits from its start; "floor" is
// the consumer alone.
func BenchmarkFollow(b *testing.B) {
	const n = 100_000
	nc := boottest.NATS(b)
	log := boottest.LogOn(b, nc)
	var wg sync.WaitGroup
	for range 32 {
		s := newStream(b)
		wg.Go(func() {
			var last uint64
			for range n / 32 {
				var err error
				if last, err = log.Append(b.Context(), newCommit(s, benchSize), last); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	js, err := jetstream.New(nc)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("floor", func(b *testing.B) {
		for b.Loop() {
			cons, err := js.OrderedConsumer(b.Context(), "PLAN", jetstream.OrderedConsumerConfig{DeliverPolicy: jetstream.DeliverAllPolicy})
			if err != nil {
				b.Fatal(err)
			}
			done := make(chan struct{})
			seen := 0
			cc, err := cons.Consume(func(jetstream.Msg) {
				if seen++; seen == n {
					close(done)
				}
			}, jetstream.PullMaxMessages(10_000))
			if err != nil {
				b.Fatal(err)
			}
			<-done
			cc.Stop()
		}
		b.ReportMetric(float64(b.N)*n/b.Elapsed().Seconds(), "commits/s")
	})
	b.Run("log", func(b *testing.B) {
		for b.Loop() {
			seen := 0
			err := log.Follow(b.Context(), 0, func(batch []es.Commit) error {
				if seen += len(batch); seen == n {
					return errEnough
				}
				return nil
			})
			if err != errEnough {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N)*n/b.Elapsed().Seconds(), "commits/s")
	})
}

// BenchmarkVisible is the time from append to a waiting follower.
func BenchmarkVisible(b *testing.B) {
	log := boottest.Log(b)
	seen := make(chan uint64, 1)
	go func() {
		_ = log.Follow(b.Context(), 0, func(batch []es.Commit) error {
			seen <- batch[len(batch)-1].Position
			return nil
		})
	}()
	s := newStream(b)
	var last uint64
	var total time.Duration
	for b.Loop() {
		last = must(b, log, newCommit(s, benchSize), last)
		acked := time.Now()
		for <-seen < last {
		}
		total += time.Since(acked)
	}
	b.ReportMetric(float64(total.Microseconds())/float64(b.N), "µs-after-ack")
}

// BenchmarkDecodeRecords compares the two ways to read a commit's body.
func BenchmarkDecodeRecords(b *testing.B) {
	body, err := natslog.EncodeRecords(newCommit(newStream(b), benchSize).Events)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("split", func(b *testing.B) {
		for b.Loop() {
			if _, ok := natslog.Split(body); !ok {
				b.Fatal("not split")
			}
		}
	})
	b.Run("floor/encoding-json", func(b *testing.B) {
		for b.Loop() {
			var records []es.Record
			if err := json.Unmarshal(body, &records); err != nil {
				b.Fatal(err)
			}
		}
	})
}
