// Command reader judges a PDF by the strict rules and writes what it holds as JSON, for
// tests.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
)

func main() {
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(name string) error {
	api.DisableConfigDir()
	conf := model.NewDefaultConfiguration()
	conf.ValidationMode = model.ValidationStrict
	if err := api.ValidateFile(name, conf); err != nil {
		return err
	}
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	info, err := api.PDFInfo(f, name, nil, false, conf)
	if err != nil {
		return err
	}
	out := struct {
		Title, Author, Subject string
		Pages                  [][]byte // the content of each
	}{Title: info.Title, Author: info.Author, Subject: info.Subject, Pages: make([][]byte, info.PageCount)}
	if err := api.ExtractContent(f, nil, func(r io.Reader, page int) (err error) {
		out.Pages[page-1], err = io.ReadAll(r)
		return err
	}, conf); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(out)
}
