package react

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/nats-io/nats.go/jetstream"
)

// subscriber is a Watermill subscriber on a durable consumer of the log.
// Watermill's own NATS packages either provision streams themselves or decode
// before we can park a message that does not read; these sixty lines do
// neither. A message that fails is given back and comes again, later each
// time, and never is skipped.
type subscriber struct {
	js      jetstream.JetStream
	stream  string
	durable string

	mu   sync.Mutex
	stop []context.CancelFunc
}

type natsKey struct{}

func natsMessage(ctx context.Context) (jetstream.Msg, bool) {
	m, ok := ctx.Value(natsKey{}).(jetstream.Msg)
	return m, ok
}

// Subscribe implements message.Subscriber; the topic is a subject filter.
// One message is under way at a time, so that a policy sees the log's order.
func (s *subscriber) Subscribe(ctx context.Context, topic string) (<-chan *message.Message, error) {
	messages, err := s.open(ctx, topic)
	if err != nil {
		return nil, err
	}
	out := make(chan *message.Message)
	ctx, cancel := context.WithCancel(ctx)
	s.mu.Lock()
	s.stop = append(s.stop, cancel)
	s.mu.Unlock()
	go func() {
		defer close(out)
		for s.each(ctx, messages, out) {
			// The consumer is gone, which an operator or a restored log can
			// bring about. A new one begins with the first event again; what
			// was done before is answered as then.
			if messages, err = s.open(ctx, topic); err != nil && !pause(ctx) {
				return
			}
		}
	}()
	return out, nil
}

func (s *subscriber) open(ctx context.Context, topic string) (jetstream.MessagesContext, error) {
	cons, err := s.js.CreateOrUpdateConsumer(ctx, s.stream, jetstream.ConsumerConfig{
		Durable: s.durable, FilterSubject: topic, DeliverPolicy: jetstream.DeliverAllPolicy,
		AckPolicy: jetstream.AckExplicitPolicy, AckWait: 30 * time.Second, MaxDeliver: -1, MaxAckPending: 1,
	})
	if err != nil {
		return nil, fmt.Errorf("consumer %s: %w", s.durable, err)
	}
	// The consumer gives one message at a time by itself (MaxAckPending). A pull
	// of only one message each is lost now and then, which costs 30 s.
	messages, err := cons.Messages(jetstream.PullMaxMessages(500))
	if err != nil {
		return nil, fmt.Errorf("consumer %s: %w", s.durable, err)
	}
	return messages, nil
}

// each delivers messages until ctx ends, then it returns false, or until the
// consumer is gone. nil messages are a consumer that could not be opened.
func (s *subscriber) each(ctx context.Context, messages jetstream.MessagesContext, out chan<- *message.Message) bool {
	if messages == nil {
		return true
	}
	defer context.AfterFunc(ctx, messages.Stop)()
	for {
		raw, err := messages.Next()
		switch {
		case err == nil:
			if !deliver(ctx, raw, out) {
				return false
			}
		case ctx.Err() != nil || !pause(ctx):
			return false
		case errors.Is(err, jetstream.ErrMsgIteratorClosed):
			return true
		}
	}
}

// pause keeps an outage from becoming a busy loop; false when ctx has ended.
func pause(ctx context.Context) bool {
	select {
	case <-time.After(200 * time.Millisecond):
		return true
	case <-ctx.Done():
		return false
	}
}

// deliver hands one message over and waits for what becomes of it.
func deliver(ctx context.Context, raw jetstream.Msg, out chan<- *message.Message) bool {
	md, err := raw.Metadata()
	if err != nil {
		return true
	}
	m := message.NewMessage(raw.Headers().Get("ce-id"), raw.Data())
	msgCtx, cancel := context.WithCancel(context.WithValue(ctx, natsKey{}, raw))
	defer cancel()
	m.SetContext(msgCtx)
	select {
	case out <- m:
	case <-ctx.Done():
		_ = raw.Nak() // whoever runs next need not wait for AckWait
		return false
	}
	beat := time.NewTicker(10 * time.Second)
	defer beat.Stop()
	for {
		select {
		case <-m.Acked():
			return raw.Ack() == nil || ctx.Err() == nil
		case <-m.Nacked():
			return raw.NakWithDelay(later(md.NumDelivered)) == nil || ctx.Err() == nil
		case <-beat.C:
			_ = raw.InProgress() // at worst it comes again
		case <-ctx.Done():
			_ = raw.Nak()
			return false
		}
	}
}

// later doubles from 200 ms to a minute.
func later(delivered uint64) time.Duration {
	return min(200*time.Millisecond<<min(delivered, 10), time.Minute)
}

// Close implements message.Subscriber.
func (s *subscriber) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, stop := range s.stop {
		stop()
	}
	return nil
}
