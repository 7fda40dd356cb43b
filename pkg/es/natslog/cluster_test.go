package natslog_test

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go/jetstream"

	"throughline.dev/pkg/boot"
	"throughline.dev/pkg/es"
	"throughline.dev/pkg/es/estest"
	"throughline.dev/pkg/es/natslog"
)

// cluster starts three servers that replicate.
func cluster(t *testing.T) []*server.Server {
	t.Helper()
	var routes []*url.URL
	var ports []int
	for range 3 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
		routes = append(routes, &url.URL{Scheme: "nats", Host: l.Addr().String()})
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	var servers []*server.Server
	for i, port := range ports {
		srv, err := server.NewServer(&server.Options{
			ServerName: fmt.Sprint("node-", i), Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true,
			JetStream: true, StoreDir: t.TempDir(), JetStreamMaxStore: 1 << 30, SyncInterval: 2 * time.Minute,
			Cluster: server.ClusterOpts{Name: "test", Host: "127.0.0.1", Port: port},
			Routes:  routes,
		})
		if err != nil {
			t.Fatal(err)
		}
		srv.Start()
		servers = append(servers, srv)
	}
	t.Cleanup(func() {
		var wg sync.WaitGroup
		for _, srv := range servers {
			wg.Go(func() { halt(srv) })
		}
		wg.Wait()
	})
	return servers
}

func TestLogInACluster(t *testing.T) {
	servers := cluster(t)
	var urls string
	for _, srv := range servers {
		if !srv.ReadyForConnections(20 * time.Second) {
			t.Fatal("a server did not start")
		}
		urls += srv.ClientURL() + ","
	}
	nc, err := boot.ConnectNATS(urls[:len(urls)-1], boot.ClientOptions{Name: t.Name()})
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	estest.LogContract(t, func(t *testing.T) es.Log {
		// Until the cluster has a leader it answers with errors.
		deadline := time.Now().Add(60 * time.Second)
		for {
			err := js.DeleteStream(t.Context(), natslog.StreamName)
			if err == nil || errors.Is(err, jetstream.ErrStreamNotFound) {
				var log *natslog.Log
				if log, err = natslog.Open(t.Context(), nc, natslog.Options{Create: true, Replicas: 3}); err == nil {
					return log
				}
			}
			if time.Now().After(deadline) {
				t.Fatal(err)
			}
			select {
			case <-t.Context().Done():
			case <-time.After(100 * time.Millisecond):
			}
		}
	})
}
