package s3

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/require"
)

// credentials are those of the gateway's root account.
var credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "freehold", SecretAccessKey: "not a secret"}, nil
})

// gateway is the address of an S3 server that keeps its buckets in files, built and
// started for the tests of this package.
var gateway string

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "freehold-s3-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	stop, err := start(dir)
	if err != nil {
		fmt.Fprintln(os.Stderr, "the S3 server of the tests:", err)
		return 1
	}
	defer stop()
	return m.Run()
}

// start builds the gateway, which is a module of its own, and runs it on a free port.
func start(dir string) (stop func(), err error) {
	program := filepath.Join(dir, "gateway")
	build := exec.Command("go", "build", "-C", filepath.Join("testdata", "gateway"), "-o", program, ".")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return nil, err
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := free.Addr().String()
	if err := free.Close(); err != nil {
		return nil, err
	}
	cmd := exec.Command(program, address, dir)
	cmd.Env = append(os.Environ(), "ROOT_ACCESS_KEY=freehold", "ROOT_SECRET_KEY=not a secret")
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	stop = func() { _ = cmd.Process.Kill(); <-ended }
	gateway = "http://" + address
	for range 600 {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			return stop, conn.Close()
		}
		select {
		case <-ended:
			return nil, errors.New("it ended at once")
		case <-time.After(50 * time.Millisecond):
		}
	}
	stop()
	return nil, errors.New("it does not listen")
}

// bucket makes a bucket of a test's own, and a store in it.
func bucket(t *testing.T, name string, with ...func(*Config)) *Store {
	t.Helper()
	cfg := Config{Bucket: name, Region: "us-east-1", Credentials: credentials, Endpoint: gateway}
	for _, f := range with {
		f(&cfg)
	}
	s, err := New(cfg)
	require.NoError(t, err)
	_, err = s.client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String(name)})
	require.NoError(t, err)
	return s
}
