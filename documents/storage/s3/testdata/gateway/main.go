// Command gateway is an S3 server that keeps its buckets in a folder, for tests.
//
//	gateway ADDRESS DIR
//
// The account is ROOT_ACCESS_KEY with ROOT_SECRET_KEY.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/embedgw"
)

func main() {
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(address, dir string) error {
	data, side := filepath.Join(dir, "data"), filepath.Join(dir, "meta")
	for _, d := range []string{data, side} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return err
		}
	}
	// Beside the files, since not every file system has attributes of one's own.
	store, err := meta.NewSideCar(side)
	if err != nil {
		return err
	}
	be, err := posix.New(data, store, posix.PosixOpts{SideCarDir: side, Concurrency: 500})
	if err != nil {
		return err
	}
	return embedgw.RunVersityGW(context.Background(), be, &embedgw.Config{RootUserAccess: os.Getenv("ROOT_ACCESS_KEY"), RootUserSecret: os.Getenv("ROOT_SECRET_KEY"),
		Ports: []string{address}, MaxConnections: 1000, MaxRequests: 1000, MultipartMaxParts: 10_000, Quiet: true, KeepAlive: true})
}
