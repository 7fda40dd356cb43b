package boottest_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"throughline.dev/pkg/boot/boottest"
	"throughline.dev/pkg/es"
)

func TestRedisAnswers(t *testing.T) {
	opts, err := redis.ParseURL(boottest.Redis(t))
	if err != nil {
		t.Fatal(err)
	}
	c := redis.NewClient(opts)
	defer c.Close()
	if err := c.Set(t.Context(), "k", "v", 0).Err(); err != nil {
		t.Fatal(err)
	}
	if got, err := c.Get(t.Context(), "k").Result(); err != nil || got != "v" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestLogIsEmptyAtFirst(t *testing.T) {
	head, err := boottest.Log(t).Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(es.Head{Epoch: head.Epoch}, head); diff != "" || head.Epoch == "" {
		t.Errorf("head (-want +got):\n%s epoch %q", diff, head.Epoch)
	}
}
